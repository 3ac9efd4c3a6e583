//! Previews of messages to customers, the choice of who is told, and the recall of messages that have not left yet.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::closure::{
    Closure, NewTellChoices, PreviewAct, Recall, Recalled, ReleasePreviewAct, ReleasePreviewQuery, Resumed,
    RollBackNotice, TellChosen, TellPreview, TellPreviewQuery,
};
use crate::domain::stories::Story;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, WrittenPage, paging, written_page};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::closure::previews::{self, PreviewOptions};
use crate::usecase::closure::recalls;
use crate::usecase::stories::progress;

/// Preview the messages to the customers of a story
///
/// For an action that has not happened yet (`act`: ship, decline, roll back or close), lists every customer of the
/// story: those who will be told, by which channel and in which language, and those who will not be told, with the
/// reason. It also shows the texts as customers will read them. Changes nothing.
#[utoipa::path(get, path = "/v1/stories/{id}/preview", tag = "closures", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), TellPreviewQuery),
    responses((status = 200, body = TellPreview)))]
pub async fn preview_story(
    app: AppData,
    request: HttpRequest,
    path: StoryPath,
    query: Query<TellPreviewQuery>,
) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let has_mail = app.config.smtp_url.is_some();
    let read = move |conn: &mut _| {
        let act = query.act.unwrap_or(PreviewAct::Ship);
        let asked = PreviewOptions { act, reason: query.reason.as_deref(), told: query.told, has_mail };
        previews::of_story(conn, path.0, &asked, &paging)
    };
    answer(&request, &app.store.read(read).await?)
}

/// Preview the messages to the customers of a release
///
/// As for a story, for all stories that the release brings when it is shipped, or that are taken back when it is rolled
/// back. The customers are listed story by story.
#[utoipa::path(get, path = "/v1/releases/{id}/preview", tag = "closures", params(("id" = Id, Path), ReleasePreviewQuery),
    responses((status = 200, body = TellPreview)))]
pub async fn preview_release(
    app: AppData,
    request: HttpRequest,
    path: Path,
    query: Query<ReleasePreviewQuery>,
) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let has_mail = app.config.smtp_url.is_some();
    let act = match query.act.unwrap_or(ReleasePreviewAct::Ship) {
        ReleasePreviewAct::Ship => PreviewAct::Ship,
        ReleasePreviewAct::RollBack => PreviewAct::RollBack,
    };
    let read = move |conn: &mut _| {
        let asked = PreviewOptions { act, reason: None, told: query.told, has_mail };
        previews::of_release(conn, path.0, &asked, &paging)
    };
    answer(&request, &app.store.read(read).await?)
}

fn answer(request: &HttpRequest, preview: &TellPreview) -> Answer {
    Ok(written_page(request, &WrittenPage::with(preview.next_cursor.clone(), preview)))
}

/// Choose which customers of a story are told
///
/// `leave_out`: these customers are not told. `include`: these customers are told, even if the rules would leave them
/// out (praise, or feedback that is probably not about the story). `undecided` removes either choice. The choice
/// applies to rounds that are opened from now on. To stop a message of the current round, recall its closure.
#[utoipa::path(post, path = "/v1/stories/{id}/tell_choices", tag = "closures", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body = NewTellChoices, responses((status = 200, body = Vec<TellChosen>)))]
pub async fn choose_who_is_told(app: AppData, path: StoryPath, write: Write) -> Answer {
    let choose = move |tx: &mut Tx<'_>, input: &NewTellChoices| Ok(Reply::ok(&previews::choose(tx, path.0, input)?));
    write.run(&app, choose).await
}

/// Decide whether customers are told of a roll-back
///
/// For a story whose `roll_back_to_tell` is set. Either the customers who were told of the release get a closure of
/// kind `roll_back`, or nobody is told.
#[utoipa::path(post, path = "/v1/stories/{id}/roll_back_notice", tag = "closures", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body = RollBackNotice, responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn decide_roll_back_notice(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let decide = move |tx: &mut Tx<'_>, input: &RollBackNotice| {
        Ok(Reply::ok(&progress::roll_back_notice(tx, path.0, if_match, input.tell)?))
    };
    write.run(&app, decide).await
}

/// Recall the message to a customer
///
/// Only while the closure is `waiting`. A mail that has not left is no longer sent, and an agent's to-do is removed.
#[utoipa::path(post, path = "/v1/closures/{id}/recall", tag = "closures", params(("id" = Id, Path)),
    request_body = Option<Recall>, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn recall_closure(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let recall = move |tx: &mut Tx<'_>, input: &Recall| {
        Ok(Reply::ok(&recalls::recall(tx, path.0, if_match, input.reason.as_deref())?))
    };
    write.run(&app, recall).await
}

/// Recall all waiting messages of a story's current round
///
/// The answer also says how many customers were told already; those messages can't be recalled.
#[utoipa::path(post, path = "/v1/stories/{id}/recall", tag = "closures", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body = Option<Recall>, responses((status = 200, body = Recalled)))]
pub async fn recall_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let recall = move |tx: &mut Tx<'_>, input: &Recall| {
        Ok(Reply::ok(&recalls::recall_round(tx, path.0, if_match, input.reason.as_deref())?))
    };
    write.run(&app, recall).await
}

/// Recall all waiting messages of a release
///
/// This covers the messages of all its stories.
#[utoipa::path(post, path = "/v1/releases/{id}/recall", tag = "closures", params(("id" = Id, Path)),
    request_body = Option<Recall>, responses((status = 200, body = Recalled)))]
pub async fn recall_release(app: AppData, path: Path, write: Write) -> Answer {
    let recall = move |tx: &mut Tx<'_>, input: &Recall| {
        Ok(Reply::ok(&recalls::recall_release(tx, path.0, input.reason.as_deref())?))
    };
    write.run(&app, recall).await
}

/// Send a recalled message after all
///
/// It waits again for the product's recall time. Refused if the message is no longer true: the story was taken back, or
/// a later round was opened.
#[utoipa::path(post, path = "/v1/closures/{id}/resume", tag = "closures", params(("id" = Id, Path)),
    responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn resume_closure(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&recalls::resume(tx, path.0, if_match)?))).await
}

/// Send all recalled messages of a story's current round after all
#[utoipa::path(post, path = "/v1/stories/{id}/resume", tag = "closures", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = Resumed)))]
pub async fn resume_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&recalls::resume_round(tx, path.0, if_match)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    preview_story,
    preview_release,
    choose_who_is_told,
    decide_roll_back_notice,
    recall_closure,
    recall_story,
    recall_release,
    resume_closure,
    resume_story
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories/{id}/preview").get(preview_story))
        .service(at("/v1/releases/{id}/preview").get(preview_release))
        .service(at("/v1/stories/{id}/tell_choices").post(choose_who_is_told))
        .service(at("/v1/stories/{id}/roll_back_notice").post(decide_roll_back_notice))
        .service(at("/v1/closures/{id}/recall").post(recall_closure))
        .service(at("/v1/stories/{id}/recall").post(recall_story))
        .service(at("/v1/releases/{id}/recall").post(recall_release))
        .service(at("/v1/closures/{id}/resume").post(resume_closure))
        .service(at("/v1/stories/{id}/resume").post(resume_story));
}
