//! `/v1/closures`: which customers must be told, which were told, and what they answered; `/v1/bounces`: mail that came
//! back.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::closure::{
    Assignment, Bounce, Bounced, Closure, ClosureAnswer, ClosureQuery, Outcome, Told, UndoAnswer, Unreachable,
};
use crate::error::{Error, Result};
use crate::http::api::stories::resource::PartQuery;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::stories::frozen_evidence;
use crate::store::{Tx, stories};
use crate::usecase::closure::{answers, messages, recalls};

/// List closures, newest first
///
/// `?state=waiting` lists the customers who must still be told; `?state=waiting&channel=agent&assignee=me` is an
/// agent's to-do list.
#[utoipa::path(get, path = "/v1/closures", tag = "closures", params(ClosureQuery),
    responses((status = 200, body = Page<Closure>)))]
pub async fn list_closures(app: AppData, request: HttpRequest, query: Query<ClosureQuery>) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let assignee = assignee(&query)?;
    let found = app.store.read(move |conn| closures::list(conn, &query, assignee, &paging)).await?;
    Ok(page(&request, &found))
}

/// The assignee to filter by: `None` for any, `Some(None)` for unassigned closures. `me` is already replaced by the
/// member's id.
fn assignee(query: &ClosureQuery) -> Result<Option<Option<Id>>> {
    let wrong = |_| Error::field("/assignee", "format", "must be `me`, `nobody` or the id of a member");
    match query.assignee.as_deref() {
        None => Ok(None),
        Some("nobody") => Ok(Some(None)),
        Some(id) => id.parse().map(|member| Some(Some(member))).map_err(wrong),
    }
}

/// Read a closure
#[utoipa::path(get, path = "/v1/closures/{id}", tag = "closures", params(("id" = Id, Path)),
    responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn get_closure(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| closures::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// List the closures of a story in all rounds, newest first
#[utoipa::path(get, path = "/v1/stories/{id}/closures", tag = "closures", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), PartQuery),
    responses((status = 200, body = Page<Closure>)))]
pub async fn list_story_closures(
    app: AppData,
    request: HttpRequest,
    path: StoryPath,
    query: Query<PartQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut _| {
        let story = stories::rows::get(conn, path.0)?;
        let own = ClosureQuery { story: Some(story.id), ..ClosureQuery::default() };
        closures::list(conn, &own, None, &paging)
    };
    let found = app.store.read(read).await?;
    Ok(page(&request, &found))
}

/// List the stories behind which a customer stands
///
/// These are the stories that the customer's feedback belongs to, newest first (at most 200): the stage of each, the
/// reason (the reason of a decline is written for the customer too), and the customer's latest closure for it.
#[utoipa::path(get, path = "/v1/customers/{id}/stories", tag = "closures", params(("id" = Id, Path)),
    responses((status = 200, body = Page<Outcome>)))]
pub async fn list_customer_stories(app: AppData, path: Path) -> Answer {
    let read = move |conn: &mut _| {
        customers::row(conn, path.0)?;
        frozen_evidence::outcomes(conn, path.0)
    };
    let mut data = app.store.read(read).await?;
    data.truncate(200);
    Ok(json(&Page { data, next_cursor: None }))
}

/// Record that the customer was told
///
/// For customers who were told outside Hearback: by an agent, or by the support desk that received `closure.tell`. A
/// mail that has not left yet is no longer sent. The customer's time to answer starts now.
#[utoipa::path(post, path = "/v1/closures/{id}/tell", tag = "closures", params(("id" = Id, Path)),
    request_body = Option<Told>, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn tell_customer(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    let tell = move |tx: &mut Tx<'_>, input: &Told| Ok(Reply::ok(&messages::tell(tx, id, if_match, input)?));
    write.run(&app, tell).await
}

/// Record the customer's answer
///
/// A customer who was not told yet counts as told. If the answer is "not solved", its words become a new feedback item
/// of the story. When the number of such answers reaches the product's `reopen_threshold`, the story returns to
/// development.
#[utoipa::path(post, path = "/v1/closures/{id}/answer", tag = "closures", params(("id" = Id, Path)),
    request_body = ClosureAnswer, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn answer_closure(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    let answer =
        move |tx: &mut Tx<'_>, input: &ClosureAnswer| Ok(Reply::ok(&answers::answer(tx, id, if_match, input)?));
    write.run(&app, answer).await
}

/// Undo an answer that was recorded by mistake
///
/// The customer is `told` again and may answer again. Feedback that was created from the answer is dismissed. A story
/// that was closed or reopened by the answer returns to `closing`, unless something else keeps it in its stage or
/// somebody moved it since then.
#[utoipa::path(post, path = "/v1/closures/{id}/undo_answer", tag = "closures", params(("id" = Id, Path)),
    request_body = Option<UndoAnswer>, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn undo_answer(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    let undo = move |tx: &mut Tx<'_>, input: &UndoAnswer| Ok(Reply::ok(&answers::undo(tx, id, if_match, input)?));
    write.run(&app, undo).await
}

/// Undo that the customer was told, where that was recorded by mistake
///
/// The customer is `waiting` again: telling them is a to-do (`channel` is `agent`) of the member who had it, else of the
/// caller. It is refused where a mail of this server told them, because what was sent can't be taken back, and after a
/// week.
#[utoipa::path(post, path = "/v1/closures/{id}/undo_tell", tag = "closures", params(("id" = Id, Path)),
    request_body = Option<UndoAnswer>, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn undo_tell(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    let undo = move |tx: &mut Tx<'_>, input: &UndoAnswer| Ok(Reply::ok(&recalls::undo_tell(tx, id, if_match, input)?));
    write.run(&app, undo).await
}

/// Record that the customer can't be reached
#[utoipa::path(post, path = "/v1/closures/{id}/unreachable", tag = "closures", params(("id" = Id, Path)),
    request_body = Unreachable, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn mark_unreachable(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    let mark = move |tx: &mut Tx<'_>, input: &Unreachable| {
        Ok(Reply::ok(&messages::unreachable(tx, id, if_match, &input.reason)?))
    };
    write.run(&app, mark).await
}

/// Assign a closure to a member, who tells the customer
///
/// This also works if a mail or a support desk would have told the customer: a message that has not left yet is no
/// longer sent.
#[utoipa::path(post, path = "/v1/closures/{id}/assign", tag = "closures", params(("id" = Id, Path)),
    request_body = Assignment, responses((status = 200, body = Closure, headers(("ETag" = String)))))]
pub async fn assign_closure(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    let assign =
        move |tx: &mut Tx<'_>, input: &Assignment| Ok(Reply::ok(&messages::assign_to(tx, id, if_match, input)?));
    write.run(&app, assign).await
}

/// Report a mail that came back
///
/// Name the mail by its `Message-ID`, or the address. A hard bounce makes the closures of the mail `unreachable`, and
/// no more mail is sent to the address until it is changed. A soft bounce changes nothing.
#[utoipa::path(post, path = "/v1/bounces", tag = "closures", request_body = Bounce,
    responses((status = 200, body = Bounced)))]
pub async fn report_bounce(app: AppData, write: Write) -> Answer {
    write.run(&app, |tx: &mut Tx<'_>, input: &Bounce| Ok(Reply::ok(&messages::bounced(tx, input)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_closures,
    get_closure,
    list_story_closures,
    list_customer_stories,
    tell_customer,
    answer_closure,
    undo_answer,
    undo_tell,
    mark_unreachable,
    assign_closure,
    report_bounce
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/closures").get(list_closures))
        .service(at("/v1/closures/{id}").get(get_closure))
        .service(at("/v1/stories/{id}/closures").get(list_story_closures))
        .service(at("/v1/customers/{id}/stories").get(list_customer_stories))
        .service(at("/v1/closures/{id}/tell").post(tell_customer))
        .service(at("/v1/closures/{id}/answer").post(answer_closure))
        .service(at("/v1/closures/{id}/undo_answer").post(undo_answer))
        .service(at("/v1/closures/{id}/undo_tell").post(undo_tell))
        .service(at("/v1/closures/{id}/unreachable").post(mark_unreachable))
        .service(at("/v1/closures/{id}/assign").post(assign_closure))
        .service(at("/v1/bounces").post(report_bounce));
}
