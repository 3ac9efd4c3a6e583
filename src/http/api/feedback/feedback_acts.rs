//! `/v1/feedback/{id}`: change, move, dismiss and restore.

use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::resource::get_feedback;
use crate::domain::base::Id;
use crate::domain::feedback::{Feedback, FeedbackEdit};
use crate::domain::themes::{Corrected, MoveTo, Reason};
use crate::http::api::themes::corrections::corrected;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write};
use crate::http::{Part, at};
use crate::usecase::feedback::edits::{self, Edited};

/// Change a feedback item
///
/// If the same `(origin, external_id)` is filed again, the fields changed here keep their values. A new text is grouped
/// again, unless a person placed the feedback in its theme.
///
/// Another customer (`customer_id`, or `customer` as in filing): if this was the only feedback of the previous customer
/// on a story, they are no longer told of it; if they were told already, their closure becomes `withdrawn`, with the
/// reason, and waits for no answer. The new customer is told as the others in that round were. If the token may not
/// change customers, `customer` fills only empty fields.
///
/// Another `product`: the feedback leaves its theme and the stories and rounds it was attached to, and is grouped again
/// in the new product. `correction_id` and `Location` name the correction, which can undo this.
#[utoipa::path(patch, path = "/v1/feedback/{id}", tag = "feedback", params(("id" = Id, Path)),
    request_body(content = FeedbackEdit, content_type = "application/merge-patch+json", example = json!({"severity": "high", "tags": ["refund"]})),
    responses((status = 200, body = EditedFeedback, headers(("Location" = String), ("ETag" = String)))))]
pub async fn edit_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let rights = write.caller.access.filing_rights();
    let (id, if_match, patch) = (path.0, write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| edits::edit_by(tx, id, if_match, &patch, rights).map(edited)).await
}

/// A feedback item after a change.
#[derive(Serialize, ToSchema)]
pub struct EditedFeedback {
    #[serde(flatten)]
    feedback: Feedback,
    /// The correction that recorded the change of product, which can undo it.
    #[serde(skip_serializing_if = "Option::is_none")]
    correction_id: Option<Id>,
    /// JSON Pointers to the fields of `customer` that were not stored: the field was set already and the token may not
    /// change it, or the e-mail address belongs to another customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["/customer/email"]))]
    left_out: Vec<&'static str>,
}

fn edited(done: Edited) -> Reply {
    let Edited { feedback, correction_id, left_out } = done;
    let reply = Reply::ok(&EditedFeedback { feedback, correction_id, left_out });
    match correction_id {
        Some(id) => reply.at(format!("/v1/corrections/{id}")),
        None => reply,
    }
}

/// Dismiss a feedback item
///
/// It leaves its theme and all counts. Filing it again does not restore it. `Location` is the correction, which can
/// undo this.
#[utoipa::path(post, path = "/v1/feedback/{id}/dismiss", tag = "feedback", params(("id" = Id, Path)),
    request_body = Reason,
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn dismiss_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &Reason| edits::dismiss(tx, id, if_match, &input.reason).map(corrected)).await
}

/// Restore a dismissed feedback item
///
/// It returns to its theme, or to the theme that its theme was merged into. If it had none, it is grouped by the
/// engine. `Location` is the correction.
#[utoipa::path(post, path = "/v1/feedback/{id}/restore", tag = "feedback", params(("id" = Id, Path)),
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn restore_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run_raw(&app, move |tx| edits::restore(tx, id, if_match).map(corrected)).await
}

/// Move a feedback item to a theme
///
/// The feedback is pinned to the theme: the engine never moves it again. If the theme was merged, the theme it was
/// merged into is used. Without `theme_id`, a new theme is created for the feedback. `Location` is the correction,
/// which can undo this.
#[utoipa::path(post, path = "/v1/feedback/{id}/move", tag = "feedback", params(("id" = Id, Path)),
    request_body = Option<MoveTo>,
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn move_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &MoveTo| edits::move_to(tx, id, if_match, input.theme_id).map(corrected)).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(edit_feedback, dismiss_feedback, restore_feedback, move_feedback))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback/{id}").get(get_feedback).patch(edit_feedback))
        .service(at("/v1/feedback/{id}/dismiss").post(dismiss_feedback))
        .service(at("/v1/feedback/{id}/restore").post(restore_feedback))
        .service(at("/v1/feedback/{id}/move").post(move_feedback));
}
