//! `/v1/feedback/{id}`: read, change, move, dismiss, restore.

use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::resource::get_feedback;
use crate::domain::base::Id;
use crate::domain::feedback::{Feedback, FeedbackEdit};
use crate::domain::team::FilingRights;
use crate::domain::themes::{Corrected, MoveTo, Reason};
use crate::http::api::themes::corrections::corrected;
use crate::http::at;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write};
use crate::usecase::feedback::edits::{self, Edited};

/// Change a feedback
///
/// Filing the same `(origin, external_id)` again leaves the fields changed here alone. With other words it is grouped
/// anew, unless a person placed it.
///
/// Another customer (`customer_id`, or `customer` as in filing): who was to be told of a story for it alone is not told, and
/// whose closure was told waits for no answer any more (`withdrawn`, with the reason); who really said it is told as the
/// others of that round. Without the right to change customers, only what is empty of one named inline is filled.
///
/// Another `product`: it leaves its theme, the stories it was attached to and their rounds, and is grouped anew there.
/// `correction_id` and `Location` are the correction by which that is undone.
#[utoipa::path(patch, path = "/v1/feedback/{id}", tag = "feedback", params(("id" = Id, Path)),
    request_body(content = FeedbackEdit, content_type = "application/merge-patch+json", example = json!({"severity": "high", "tags": ["refund"]})),
    responses((status = 200, body = EditedFeedback, headers(("Location" = String), ("ETag" = String)))))]
pub async fn edit_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let rights = FilingRights::of(write.caller.role);
    let (id, if_match, patch) = (path.0, write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| edits::edit_by(tx, id, if_match, &patch, rights).map(edited)).await
}

/// The feedback as it is now.
#[derive(Serialize, ToSchema)]
pub struct EditedFeedback {
    #[serde(flatten)]
    feedback: Feedback,
    /// The correction that remembers that it went to another product, by which that can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    correction_id: Option<Id>,
    /// JSON Pointers of what was not taken of the customer named inline: it was set already and the token may not change it, or
    /// the e-mail address is another customer's.
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

/// Dismiss a feedback
///
/// It leaves its theme and every count; filing it again does not bring it back. `Location` is the correction.
#[utoipa::path(post, path = "/v1/feedback/{id}/dismiss", tag = "feedback", params(("id" = Id, Path)),
    request_body = Reason,
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn dismiss_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &Reason| edits::dismiss(tx, id, if_match, &input.reason).map(corrected)).await
}

/// Take the dismissal of a feedback back
///
/// It returns to the theme it was in, or to what that was merged into; without one it waits for the engine. `Location` is
/// the correction.
#[utoipa::path(post, path = "/v1/feedback/{id}/restore", tag = "feedback", params(("id" = Id, Path)),
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn restore_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run_raw(&app, move |tx| edits::restore(tx, id, if_match).map(corrected)).await
}

/// Move a feedback to a theme
///
/// It is pinned there: the engine never moves it. A theme that was merged stands for what it was merged into; without
/// `theme_id` a new theme is made of the feedback. `Location` is the correction.
#[utoipa::path(post, path = "/v1/feedback/{id}/move", tag = "feedback", params(("id" = Id, Path)),
    request_body = Option<MoveTo>,
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn move_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &MoveTo| edits::move_to(tx, id, if_match, input.theme_id).map(corrected)).await
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(edit_feedback, dismiss_feedback, restore_feedback, move_feedback))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback/{id}").get(get_feedback).patch(edit_feedback))
        .service(at("/v1/feedback/{id}/dismiss").post(dismiss_feedback))
        .service(at("/v1/feedback/{id}/restore").post(restore_feedback))
        .service(at("/v1/feedback/{id}/move").post(move_feedback));
}
