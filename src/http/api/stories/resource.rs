//! `/v1/stories`.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi};

use super::story_path::StoryPath;
use crate::domain::base::{Event, Page};
use crate::domain::closure::StoryFeedback;
use crate::domain::privacy::QuoteReport;
use crate::domain::stories::{NewStory, Story, StoryEdit, StoryQuery, Transition};
use crate::http::at;
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::store::base::events;
use crate::store::{Tx, feedback, stories};
use crate::usecase::closure::audience;
use crate::usecase::stories::{planning, quoting, stages};

/// List stories, newest or highest priority first
///
/// Every factor of a priority says where it comes from and why it is what it is. `overdue=true` shows who is late;
/// `stage=declined` shows what was turned down, each with the reason to tell those who asked.
#[utoipa::path(get, path = "/v1/stories", tag = "stories", params(StoryQuery),
    responses((status = 200, body = Page<Story>)))]
pub async fn list_stories(app: AppData, request: HttpRequest, query: Query<StoryQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let found = app.store.read(move |conn| stories::list::list(conn, &query.0, &paging, now)).await?;
    Ok(page(&request, &found))
}

/// Create a story, from a theme or by hand
///
/// From a theme (`theme_id`) it starts with the built-in draft, in which every acceptance criterion cites the feedback it
/// comes from; what else is given goes before the draft. By hand it needs at least a title.
#[utoipa::path(post, path = "/v1/stories", tag = "stories", request_body = NewStory, responses(
    (status = 201, body = Story, description = "Created", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_story(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewStory| {
        let story = planning::create(tx, input)?;
        Ok(Reply::created(format!("/v1/stories/{}", story.id), &story))
    };
    write.run(&app, create).await
}

/// Read a story
#[utoipa::path(get, path = "/v1/stories/{id}", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn get_story(app: AppData, path: StoryPath) -> Answer {
    let found = app.store.read(move |conn| stories::rows::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change a story: its words, scope, effort, owner, due date, and the factors of its priority
///
/// A factor that is set stays whatever customers say from then on; `null` gives it back to the evidence.
#[utoipa::path(patch, path = "/v1/stories/{id}", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = StoryEdit,
    responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn edit_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| planning::edit(tx, path.0, if_match, &patch).map(|story| Reply::ok(&story))).await
}

/// Move a story to another stage
///
/// `draft -> accepted -> scoped -> designing -> building -> testing -> ready -> released -> closing -> closed`. Going back,
/// declining and reconsidering need a `reason`. `duplicate` needs `duplicate_of`; the evidence moves along to that story.
/// What can't be reached from here is refused with what can, and a closed gate with what is still to be signed: an admin
/// goes past it by `override_gates` and a reason. The reason of a decline is told to the customers behind the story, unless
/// `tell_customers` is false. `closed` waits until nobody waits to be told, or ends those cases by `unreachable_reason`.
#[utoipa::path(post, path = "/v1/stories/{id}/transitions", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body = Transition, responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn move_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let (if_match, role) = (write.if_match, write.caller.role);
    let transition = move |tx: &mut Tx<'_>, input: &Transition| {
        stages::transition(tx, path.0, if_match, role, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, transition).await
}

/// See what of a story's texts still quotes a customer
///
/// A text quotes a customer where it repeats four words in a row of theirs (three in Korean) of which too few others used
/// one, where it names a known customer, or where it holds what looks like personal data. Words of the built-in draft must
/// each be used by three customers behind the story; of fewer than six by half of them, never fewer than two. What quotes
/// is refused at `ready`, `released`, a decline that is told, shipping and at the tracker, and is left out of mails and
/// feeds, until it is reworded or confirmed.
#[utoipa::path(get, path = "/v1/stories/{id}/quotes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = QuoteReport)))]
pub async fn get_story_quotes(app: AppData, path: StoryPath) -> Answer {
    let found = app.store.read(move |conn| quoting::report(conn, path.0)).await?;
    Ok(json(&found))
}

/// Confirm what a story's texts quote
///
/// Somebody has looked at it and it is meant: the texts may go out as they are now. What is changed later is checked anew.
/// Who confirmed and when stands in the answer and in the story's history.
#[utoipa::path(post, path = "/v1/stories/{id}/confirm_quotes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = QuoteReport)))]
pub async fn confirm_story_quotes(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&quoting::confirm(tx, path.0, if_match)?))).await
}

/// Which part of a list.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PartQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// List the feedback behind a story, newest arrival first
///
/// Its evidence: the current feedback of its themes without what people took off, and what they attached one by one;
/// dismissed feedback is left out. Each says whether it is probably not about the story, and whether who said it hears of the
/// story for it.
#[utoipa::path(get, path = "/v1/stories/{id}/feedback", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), PartQuery),
    responses((status = 200, body = Page<StoryFeedback>)))]
pub async fn list_story_feedback(
    app: AppData,
    request: HttpRequest,
    path: StoryPath,
    query: Query<PartQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut _| {
        let story = stories::rows::get(conn, path.0)?;
        let page = feedback::list::of_story(conn, story.id, &paging)?;
        audience::judged(conn, story.id, page)
    };
    let found = app.store.read(read).await?;
    Ok(page(&request, &found))
}

/// List what happened to a story, oldest first
#[utoipa::path(get, path = "/v1/stories/{id}/history", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), PartQuery),
    responses((status = 200, body = Page<Event>)))]
pub async fn list_story_history(
    app: AppData,
    request: HttpRequest,
    path: StoryPath,
    query: Query<PartQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut _| {
        let story = stories::rows::get(conn, path.0)?;
        events::history(conn, story.id, &paging)
    };
    let found = app.store.read(read).await?;
    Ok(page(&request, &found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_stories,
    create_story,
    get_story,
    edit_story,
    move_story,
    get_story_quotes,
    confirm_story_quotes,
    list_story_feedback,
    list_story_history
))]
pub struct Api;

/// Registers the routes of these operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories").get(list_stories).post(create_story))
        .service(at("/v1/stories/{id}").get(get_story).patch(edit_story))
        .service(at("/v1/stories/{id}/quotes").get(get_story_quotes))
        .service(at("/v1/stories/{id}/confirm_quotes").post(confirm_story_quotes))
        .service(at("/v1/stories/{id}/transitions").post(move_story))
        .service(at("/v1/stories/{id}/history").get(list_story_history));
}
