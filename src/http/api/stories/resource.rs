//! `/v1/stories`: listing, creating, changing and moving stories.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi};

use super::story_path::StoryPath;
use crate::domain::base::{Event, Page};
use crate::domain::closure::StoryFeedback;
use crate::domain::privacy::QuoteReport;
use crate::domain::stories::{NewCriterionQuote, NewStory, Story, StoryEdit, StoryQuery, Transition};
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::base::events;
use crate::store::{Tx, feedback, stories};
use crate::usecase::closure::audience;
use crate::usecase::stories::{criterion_quotes, planning, quoting, transitions};

/// List stories, newest or highest priority first
///
/// Every factor of a priority says where its value comes from and why. `overdue=true` lists stories that are late;
/// `stage=declined` lists declined stories, each with the reason for the customers.
#[utoipa::path(get, path = "/v1/stories", tag = "stories", params(StoryQuery),
    responses((status = 200, body = Page<Story>)))]
pub async fn list_stories(app: AppData, request: HttpRequest, query: Query<StoryQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let found = app.store.read(move |conn| stories::list::list(conn, &query.0, &paging, now)).await?;
    Ok(page(&request, &found))
}

/// Create a story, from a theme or by hand
///
/// With `theme_id`, the story starts with the built-in draft of the theme, in which every acceptance criterion cites
/// the feedback it comes from; fields of the request replace those of the draft. Without it, a title is required.
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

/// Change a story's texts, scope, effort, owner, due date or priority factors
///
/// A priority factor that is set by hand stays until it is changed, whatever new feedback arrives; `null` makes it
/// computed from the evidence again.
#[utoipa::path(patch, path = "/v1/stories/{id}", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = StoryEdit,
    responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn edit_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| planning::edit(tx, path.0, if_match, &patch).map(|story| Reply::ok(&story))).await
}

/// Move a story to another stage
///
/// `draft -> accepted -> scoped -> designing -> building -> testing -> ready -> released -> closing -> closed`. Moving
/// back, declining and reconsidering need a `reason`. `duplicate` needs `duplicate_of`; the evidence moves to that
/// story. If the stage can't be reached, the answer is 409 and lists the stages that can. If a gate is closed, the 409
/// lists the missing signatures, and what the story needs and is not there yet; an admin can pass it with
/// `override_gates` and a reason. The reason of a decline is sent to the customers of the story, unless `tell_customers`
/// is false. `closed` is refused while customers must still
/// be told, unless `unreachable_reason` ends their closures.
#[utoipa::path(post, path = "/v1/stories/{id}/transitions", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body = Transition, responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn move_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let (if_match, role) = (write.if_match, write.caller.role);
    let transition = move |tx: &mut Tx<'_>, input: &Transition| {
        transitions::transition(tx, path.0, if_match, role, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, transition).await
}

/// List what a story's texts still quote from customers
///
/// A text quotes a customer if it repeats four of their words in a row (three in Korean) that too few other customers
/// used, if it names a known customer, or if it contains something that looks like personal data. In the built-in
/// draft, each word must be used by at least three customers of the story; with fewer than six customers by half of
/// them, and always by at least two. A story with quotes is refused at `ready`, at `released`, at shipping, for a
/// decline that is told to customers, and for a tracker issue, and its quoting texts are left out of mails and feeds,
/// until the texts are reworded or confirmed.
#[utoipa::path(get, path = "/v1/stories/{id}/quotes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = QuoteReport)))]
pub async fn get_story_quotes(app: AppData, path: StoryPath) -> Answer {
    let found = app.store.read(move |conn| quoting::report(conn, path.0)).await?;
    Ok(json(&found))
}

/// Confirm that a story's texts may quote customers
///
/// Records that somebody has read the texts and that they may be published as they are now. Texts that are changed
/// later are checked again. The answer and the story's history show who confirmed, and when.
#[utoipa::path(post, path = "/v1/stories/{id}/confirm_quotes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = QuoteReport)))]
pub async fn confirm_story_quotes(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&quoting::confirm(tx, path.0, if_match)?))).await
}

/// Quote a customer in a story
///
/// Adds words of a feedback to an acceptance criterion of the story, or to a new one. The criterion then cites the
/// feedback. Quotes are shown to the team only. 422 where the feedback does not contain the words.
#[utoipa::path(post, path = "/v1/stories/{id}/quotes", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body(content = NewCriterionQuote, example = json!({"feedback_id": "01890000-0000-7000-8000-000000000000", "text": "I waited two weeks", "criterion": 1})),
    responses((status = 200, body = Story, headers(("ETag" = String)))))]
pub async fn quote_in_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let quote = move |tx: &mut Tx<'_>, input: &NewCriterionQuote| {
        criterion_quotes::add(tx, path.0, if_match, input).map(|story| Reply::ok(&story))
    };
    write.run(&app, quote).await
}

/// Limit and cursor of a list.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PartQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// List the feedback behind a story, newest first by arrival
///
/// This is the story's evidence: the feedback of its themes, without items that people detached, and the items that
/// people attached. Dismissed feedback is left out. Each item says whether it is probably not about the story, and
/// whether its customer is told of the story because of it.
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

/// List the history of a story, oldest first
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
    quote_in_story,
    list_story_feedback,
    list_story_history
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories").get(list_stories).post(create_story))
        .service(at("/v1/stories/{id}").get(get_story).patch(edit_story))
        .service(at("/v1/stories/{id}/quotes").get(get_story_quotes).post(quote_in_story))
        .service(at("/v1/stories/{id}/confirm_quotes").post(confirm_story_quotes))
        .service(at("/v1/stories/{id}/transitions").post(move_story))
        .service(at("/v1/stories/{id}/history").get(list_story_history));
}
