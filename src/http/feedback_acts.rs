//! `/v1/feedback/{id}`: read, change, move, dismiss, restore.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::at;
use super::corrections::corrected;
use super::extract::Path;
use super::feedback::get_feedback;
use super::reply::{Answer, AppData, Reply, Write};
use crate::domain::{Corrected, Feedback, FeedbackEdit, Id, MoveTo, Reason};
use crate::usecase::editing;

/// Change a feedback
///
/// Filing the same `(origin, external_id)` again leaves the fields changed here alone. With other words it is grouped
/// anew, unless a person placed it.
#[utoipa::path(patch, path = "/v1/feedback/{id}", tag = "feedback", params(("id" = Id, Path)),
    request_body(content = FeedbackEdit, content_type = "application/merge-patch+json", example = json!({"severity": "high", "tags": ["refund"]})),
    responses((status = 200, body = Feedback, headers(("ETag" = String)))))]
pub async fn edit_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match, patch) = (path.0, write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&editing::edit(tx, id, if_match, &patch)?))).await
}

/// Dismiss a feedback
///
/// It leaves its theme and every count; filing it again does not bring it back. `Location` is the correction.
#[utoipa::path(post, path = "/v1/feedback/{id}/dismiss", tag = "feedback", params(("id" = Id, Path)),
    request_body = Reason,
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn dismiss_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &Reason| editing::dismiss(tx, id, if_match, &input.reason).map(corrected)).await
}

/// Take the dismissal of a feedback back
///
/// It returns to the theme it was in, or to what that was merged into; without one it waits for the engine. `Location` is
/// the correction.
#[utoipa::path(post, path = "/v1/feedback/{id}/restore", tag = "feedback", params(("id" = Id, Path)),
    responses((status = 200, body = Corrected<Feedback>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn restore_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run_raw(&app, move |tx| editing::restore(tx, id, if_match).map(corrected)).await
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
    write.run(&app, move |tx, input: &MoveTo| editing::move_to(tx, id, if_match, input.theme_id).map(corrected)).await
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
