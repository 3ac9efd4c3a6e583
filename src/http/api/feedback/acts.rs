//! `/v1/acts`: one act on many items of feedback, done in the background, with one undo.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::resource::by_me;
use crate::domain::base::bulk::read;
use crate::domain::base::{Id, Page};
use crate::domain::feedback::FeedbackQuery;
use crate::domain::feedback::act::{Act, ActQuery, NewAct};
use crate::domain::team::Caller;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::base::extract::{Path, Query, read_query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::feedback::acts as store;
use crate::usecase::feedback::acts;

/// The filters of an act, read as the query of the list of feedback.
///
/// # Errors
/// 422 with every wrong filter, and where an act has neither ids nor filters, or both.
pub(in crate::http) fn filters(input: &NewAct, caller: &Caller) -> Result<Option<FeedbackQuery>> {
    let Some(text) = &input.matching else {
        let missing = || Error::field("/ids", "required", "is required, or `matching`");
        return input.ids.as_ref().map(|_| None).ok_or_else(missing);
    };
    if input.ids.is_some() {
        return Err(Error::field("/matching", "not_taken", "can't be given together with `ids`"));
    }
    let within = |mut error: Error| {
        if error.code == Code::Invalid {
            for field in &mut error.fields {
                let detail = format!("{} {}", field.pointer.trim_start_matches('/'), field.detail);
                *field = FieldError { pointer: "/matching".to_owned(), detail, ..field.clone() };
            }
        }
        error
    };
    let query: FeedbackQuery = read_query(text, caller.member_id).map_err(within)?;
    if query.sort.is_some() || query.limit.is_some() || query.cursor.is_some() {
        return Err(Error::field("/matching", "not_taken", "takes no sort, limit and cursor"));
    }
    Ok(Some(by_me(query, caller)))
}

/// Dismiss, restore, move, tag or set aside feedback, as one act
///
/// For up to 500 items in `ids`, or for all items that match the filters in `matching`. The parameters are those of
/// `POST /v1/feedback/bulk`; a `move` may also make its theme: `new_theme`. The act is done in the background; read it to see how far it is. If an item is refused,
/// the others are still processed. One `POST /v1/acts/{id}/undo` undoes all that it changed.
#[utoipa::path(post, path = "/v1/acts", tag = "feedback", request_body = NewAct,
    responses((status = 202, body = Act, headers(("Location" = String)))))]
pub async fn create_act(app: AppData, mut write: Write) -> Answer {
    let input: NewAct = read(write.body.value.clone())?;
    let filters = filters(&input, &write.caller)?;
    // The body is decoded: what follows needs none.
    write.body.value = serde_json::Value::Null;
    let begin = move |tx: &mut Tx<'_>| {
        let act = acts::begin(tx, &input, filters.clone())?;
        Ok(Reply::new(202, &act).at(format!("/v1/acts/{}", act.id)))
    };
    write.run_raw(&app, begin).await
}

/// List acts on feedback, newest first
///
/// They are kept for 90 days.
#[utoipa::path(get, path = "/v1/acts", tag = "feedback", params(ActQuery), responses((status = 200, body = Page<Act>)))]
pub async fn list_acts(app: AppData, request: HttpRequest, query: Query<ActQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let member = query.0.member.as_deref().and_then(|id| id.parse().ok());
    let found = app.store.read(move |conn| store::list(conn, member, &paging)).await?;
    Ok(page(&request, &found))
}

/// Read an act on feedback
#[utoipa::path(get, path = "/v1/acts/{id}", tag = "feedback", params(("id" = Id, Path)),
    responses((status = 200, body = Act)))]
pub async fn get_act(app: AppData, path: Path) -> Answer {
    Ok(json(&app.store.read(move |conn| store::get(conn, path.0)).await?))
}

/// Undo an act on feedback
///
/// Restores everything that the act changed, in the background; an act that is still running stops. What somebody
/// changed later is left as it is: `kept` counts it. A role that may not undo corrections can undo its own acts only.
#[utoipa::path(post, path = "/v1/acts/{id}/undo", tag = "feedback", params(("id" = Id, Path)),
    responses((status = 202, body = Act)))]
pub async fn undo_act(app: AppData, path: Path, write: Write) -> Answer {
    let caller = write.caller.clone();
    write.run_raw(&app, move |tx| Ok(Reply::new(202, &acts::undo(tx, path.0, &caller)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(create_act, list_acts, get_act, undo_act))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/acts").get(list_acts).post(create_act))
        .service(at("/v1/acts/{id}").get(get_act))
        .service(at("/v1/acts/{id}/undo").post(undo_act));
}
