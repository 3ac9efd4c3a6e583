//! What stands behind a story, by people's decisions: feedback and themes attached and taken off.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::resource::list_story_feedback;
use super::story_path::StoryPath;
use crate::domain::base::Id;
use crate::domain::closure::Attached;
use crate::domain::stories::{AttachFeedback, AttachThemes, Story};
use crate::http::at;
use crate::http::base::extract::segment;
use crate::http::base::reply::{Answer, AppData, Reply, Write};
use crate::store::Tx;
use crate::usecase::stories::attachments;

/// Attach feedback to a story
///
/// It stands behind the story whatever its theme, also behind several stories; its theme stays as it is. What is there
/// already stays. Answers the story with its new counts and priority.
///
/// Where the story is released or declined already, who said it before is told now, by the rules by which the others were
/// told, nobody twice, and as any message only after the product's recall time: `late` says who, and who not and why. A closed
/// story is `closing` again then. What was said after a release counts as said again.
#[utoipa::path(post, path = "/v1/stories/{id}/feedback", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = AttachFeedback,
    responses((status = 200, body = Attached, headers(("ETag" = String)))))]
pub async fn attach_story_feedback(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let attach = move |tx: &mut Tx<'_>, input: &AttachFeedback| {
        attachments::attach_feedback(tx, path.0, if_match, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, attach).await
}

/// Take a feedback off a story
///
/// Whether it was attached or came with a theme: it stays in its theme and no longer stands behind this story. Who was to be
/// told of the story for it alone, and was not told yet, is not told: their closure is `withdrawn`.
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
/// All of their feedback stands behind the story from now on, also what comes later. A draft of the engine that stands on
/// such a theme alone, and that nobody changed, becomes a duplicate of this story; undoing that correction gives it back.
/// Of a story that is released or declined already, those behind the theme are told as for single feedback: see `late`.
#[utoipa::path(post, path = "/v1/stories/{id}/themes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = AttachThemes,
    responses((status = 200, body = Attached, headers(("ETag" = String)))))]
pub async fn attach_story_themes(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let attach = move |tx: &mut Tx<'_>, input: &AttachThemes| {
        attachments::attach_themes(tx, path.0, if_match, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, attach).await
}

/// Take a theme from under a story
///
/// Its feedback no longer stands behind the story, but for what was attached by itself. Who was to be told for it alone, and
/// was not told yet, is not told.
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
pub struct Api;

/// Registers the routes of these operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories/{id}/feedback").get(list_story_feedback).post(attach_story_feedback))
        .service(at("/v1/stories/{id}/feedback/{feedback_id}").delete(detach_story_feedback))
        .service(at("/v1/stories/{id}/themes").post(attach_story_themes))
        .service(at("/v1/stories/{id}/themes/{theme_id}").delete(detach_story_theme));
}
