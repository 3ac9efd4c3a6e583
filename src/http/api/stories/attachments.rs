//! `/v1/stories/{id}/feedback` and `/themes`: attaching feedback and themes to a story by hand, and detaching them.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::resource::list_story_feedback;
use super::story_path::StoryPath;
use crate::domain::base::Id;
use crate::domain::closure::Attached;
use crate::domain::stories::{AttachFeedback, AttachThemes, Story};
use crate::http::base::extract::segment;
use crate::http::base::reply::{Answer, AppData, Reply, Write};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::stories::attachments;

/// Attach feedback to a story
///
/// The feedback becomes evidence of the story, whatever its theme; it may belong to several stories. Its theme does not
/// change. Feedback that is attached already stays attached. The answer is the story with its new counts and priority.
///
/// If the story was released or declined before, customers who wrote the feedback before that are told now, by the same
/// rules as the others; nobody is told twice, and the message waits for the product's recall time. `late` in the answer
/// says who is told, and who is not and why. A closed story returns to `closing`. Feedback that is newer than the
/// release counts as a recurrence instead.
#[utoipa::path(post, path = "/v1/stories/{id}/feedback", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = AttachFeedback,
    responses((status = 200, body = Attached, headers(("ETag" = String)))))]
pub async fn attach_story_feedback(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let attach = move |tx: &mut Tx<'_>, input: &AttachFeedback| {
        attachments::attach_feedback(tx, path.0, if_match, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, attach).await
}

/// Detach a feedback item from a story
///
/// Works for feedback that was attached by hand and for feedback that came with a theme. The feedback stays in its
/// theme but is no longer evidence of this story. If it was the customer's only feedback on the story and they were not
/// told yet, they are not told: their closure becomes `withdrawn`.
#[utoipa::path(delete, path = "/v1/stories/{id}/feedback/{feedback_id}", tag = "stories",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("feedback_id" = Id, Path)), responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn detach_story_feedback(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    let (if_match, item) = (write.if_match, segment::<Id>(&request, "feedback_id")?);
    let detach =
        move |tx: &mut Tx<'_>| attachments::detach_feedback(tx, path.0, if_match, item).map(|story| Reply::ok(&story));
    write.run_raw(&app, detach).await
}

/// Attach themes to a story
///
/// All feedback of the themes becomes evidence of the story, including feedback that arrives later. A draft of the
/// engine that has only such a theme, and that nobody edited, becomes a duplicate of this story; undoing that
/// correction restores the draft. If the story was released or declined before, customers are told as for single
/// feedback: see `late`.
#[utoipa::path(post, path = "/v1/stories/{id}/themes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = AttachThemes,
    responses((status = 200, body = Attached, headers(("ETag" = String)))))]
pub async fn attach_story_themes(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let attach = move |tx: &mut Tx<'_>, input: &AttachThemes| {
        attachments::attach_themes(tx, path.0, if_match, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, attach).await
}

/// Detach a theme from a story
///
/// Its feedback is no longer evidence of the story, except feedback that was attached by hand. Customers who have no
/// other feedback on the story and were not told yet are not told.
#[utoipa::path(delete, path = "/v1/stories/{id}/themes/{theme_id}", tag = "stories",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("theme_id" = Id, Path)), responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn detach_story_theme(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    let (if_match, theme) = (write.if_match, segment::<Id>(&request, "theme_id")?);
    let detach =
        move |tx: &mut Tx<'_>| attachments::detach_theme(tx, path.0, if_match, theme).map(|story| Reply::ok(&story));
    write.run_raw(&app, detach).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(attach_story_feedback, detach_story_feedback, attach_story_themes, detach_story_theme))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories/{id}/feedback").get(list_story_feedback).post(attach_story_feedback))
        .service(at("/v1/stories/{id}/feedback/{feedback_id}").delete(detach_story_feedback))
        .service(at("/v1/stories/{id}/themes").post(attach_story_themes))
        .service(at("/v1/stories/{id}/themes/{theme_id}").delete(detach_story_theme));
}
