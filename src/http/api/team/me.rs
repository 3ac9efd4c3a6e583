//! `/v1/me`: the caller, and the feedback that they filed.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Page;
use crate::domain::closure::OwnFeedback;
use crate::domain::feedback::FeedbackQuery;
use crate::domain::team::Me;
use crate::domain::team::rights::granted;
use crate::http::api::stories::resource::PartQuery;
use crate::http::base::extract::{By, Query};
use crate::http::base::reply::{Answer, AppData, json, page, paging};
use crate::http::{Part, at};
use crate::store::feedback;
use crate::store::feedback::outcomes;
use crate::store::team::{members, tokens};

/// Read the member and token of this request
///
/// Also lists the operations that the token may use.
#[utoipa::path(get, path = "/v1/me", tag = "access", responses((status = 200, body = Me)))]
pub async fn get_me(app: AppData, By(caller): By) -> Answer {
    let operations = granted(|operation| caller.access.may(operation));
    let read = move |conn: &mut _| {
        let member = caller.member_id.map(|id| members::get(conn, id)).transpose()?;
        Ok(Me { member, token: tokens::get(conn, caller.token_id)?, operations })
    };
    Ok(json(&app.store.read(read).await?))
}

/// List the feedback you filed, with its stories, newest first
///
/// Each feedback item has the stories it belongs to: their stages, the reasons, and whether the customer was told.
#[utoipa::path(get, path = "/v1/me/feedback", tag = "access", params(PartQuery),
    responses((status = 200, body = Page<OwnFeedback>)))]
pub async fn list_my_feedback(app: AppData, request: HttpRequest, By(caller): By, query: Query<PartQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let me = caller.member_id.unwrap_or(caller.token_id).to_string();
    let read = move |conn: &mut _| {
        let mine = FeedbackQuery { submitted_by: Some(me), ..FeedbackQuery::default() };
        let found = feedback::list::list(conn, &mine, &paging)?;
        Ok(Page { data: outcomes::of_feedback(conn, found.data)?, next_cursor: found.next_cursor })
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_me, list_my_feedback))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/me").get(get_me)).service(at("/v1/me/feedback").get(list_my_feedback));
}
