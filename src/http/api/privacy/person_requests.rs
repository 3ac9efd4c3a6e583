//! `/v1/requests`: requests of persons about their data.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::copy_page::written;
use crate::domain::base::{Id, Page};
use crate::domain::privacy::person_request::{
    CopyOrder, IdentityCheck, MadeCopy, NewPersonRequest, PersonRequest, PersonRequestQuery, RequestAnswer,
    RequestReason,
};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::privacy::person_requests as store;
use crate::usecase::privacy::person_requests;

/// List requests of persons, newest first
#[utoipa::path(get, path = "/v1/requests", tag = "privacy", params(PersonRequestQuery),
    responses((status = 200, body = Page<PersonRequest>)))]
pub async fn list_person_requests(app: AppData, request: HttpRequest, query: Query<PersonRequestQuery>) -> Answer {
    let (paging, query, now) = (paging(&request, &query.0)?, query.0, app.store.clock.now());
    let found = app.store.read(move |conn| store::list(conn, &query, &paging, now)).await?;
    Ok(page(&request, &found))
}

/// File a request of a person
///
/// Its clock starts when it was received: 10 days in Korea; in Europe one month, which ends on the same date, or on the
/// last day of a month that has no such date (received on 31 January: 28 or 29 February). For countries whose law
/// Hearback does not know, one month counts, and `rule` says so.
#[utoipa::path(post, path = "/v1/requests", tag = "privacy", request_body = NewPersonRequest, responses(
    (status = 201, body = PersonRequest, description = "Filed", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_person_request(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewPersonRequest| {
        let filed = person_requests::create(tx, input)?;
        Ok(Reply::created(format!("/v1/requests/{}", filed.id), &filed))
    };
    write.run(&app, create).await
}

/// Read a request of a person
#[utoipa::path(get, path = "/v1/requests/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = PersonRequest, headers(("ETag" = String)))))]
pub async fn get_person_request(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    let found = app.store.read(move |conn| store::get(conn, path.0, now)).await?;
    Ok(resource(&found))
}

/// Record that the identity was checked
///
/// By the caller, and how. `customer_id` says who the person is, where the request does not. Without one nothing is known
/// of the person, and the answer says that.
#[utoipa::path(post, path = "/v1/requests/{id}/identity", tag = "privacy", params(("id" = Id, Path)),
    request_body = IdentityCheck, responses((status = 200, body = PersonRequest, headers(("ETag" = String)))))]
pub async fn check_person_identity(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let check = move |tx: &mut Tx<'_>, input: &IdentityCheck| {
        Ok(Reply::ok(&person_requests::check_identity(tx, path.0, if_match, input)?))
    };
    write.run(&app, check).await
}

/// Extend the time to answer
///
/// Once, before it is due, with the reason that the person is told: in Europe by two months, in Korea by 10 days and for
/// access only. 409 where the law knows no extension.
#[utoipa::path(post, path = "/v1/requests/{id}/extend", tag = "privacy", params(("id" = Id, Path)),
    request_body = RequestReason, responses((status = 200, body = PersonRequest, headers(("ETag" = String)))))]
pub async fn extend_person_request(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let extend = move |tx: &mut Tx<'_>, input: &RequestReason| {
        Ok(Reply::ok(&person_requests::extend(tx, path.0, if_match, &input.reason)?))
    };
    write.run(&app, extend).await
}

/// Make the copy of a person's data
///
/// For access and portability, after the identity was checked. The copy holds nothing of others: no internal notes, no
/// names of members, no texts of stories. Hearback keeps its hash, its size, the time and who made it, never the copy. The
/// answer is not kept for repeated requests.
#[utoipa::path(post, path = "/v1/requests/{id}/copy", tag = "privacy", params(("id" = Id, Path)),
    request_body = CopyOrder, responses((status = 200, body = MadeCopy)))]
pub async fn copy_person(app: AppData, path: Path, write: Write) -> Answer {
    let copy =
        move |tx: &mut Tx<'_>, input: &CopyOrder| Ok(Reply::ok(&person_requests::copy(tx, path.0, input, written)?));
    write.never_kept().run(&app, copy).await
}

/// Answer a request
///
/// `erasure` erases the person; while a legal hold keeps the data the request is `waiting`, and runs when the hold ends.
/// `stop` withdraws every purpose and stops messages that have not left. `access` and `portability` need a copy first.
/// `correction` ends after the customer was changed. What stays is the proof of it, without the data.
#[utoipa::path(post, path = "/v1/requests/{id}/done", tag = "privacy", params(("id" = Id, Path)),
    request_body = RequestAnswer, responses((status = 200, body = PersonRequest, headers(("ETag" = String)))))]
pub async fn answer_person_request(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let answer = move |tx: &mut Tx<'_>, input: &RequestAnswer| {
        Ok(Reply::ok(&person_requests::answer(tx, path.0, if_match, input)?))
    };
    write.run(&app, answer).await
}

/// Refuse a request
///
/// With the reason that the person is told.
#[utoipa::path(post, path = "/v1/requests/{id}/refuse", tag = "privacy", params(("id" = Id, Path)),
    request_body = RequestReason, responses((status = 200, body = PersonRequest, headers(("ETag" = String)))))]
pub async fn refuse_person_request(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let refuse = move |tx: &mut Tx<'_>, input: &RequestReason| {
        Ok(Reply::ok(&person_requests::refuse(tx, path.0, if_match, &input.reason)?))
    };
    write.run(&app, refuse).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_person_requests,
    create_person_request,
    get_person_request,
    check_person_identity,
    extend_person_request,
    copy_person,
    answer_person_request,
    refuse_person_request
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/requests").get(list_person_requests).post(create_person_request))
        .service(at("/v1/requests/{id}").get(get_person_request))
        .service(at("/v1/requests/{id}/identity").post(check_person_identity))
        .service(at("/v1/requests/{id}/extend").post(extend_person_request))
        .service(at("/v1/requests/{id}/copy").post(copy_person))
        .service(at("/v1/requests/{id}/done").post(answer_person_request))
        .service(at("/v1/requests/{id}/refuse").post(refuse_person_request));
}
