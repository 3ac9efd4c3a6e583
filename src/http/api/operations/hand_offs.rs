//! `/v1/incidents/{id}/hand-offs`: offers to take over an incident.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::incident_path::IncidentPath;
use crate::domain::base::{Id, Page};
use crate::domain::operations::hand_off::{HandOff, NewHandOff};
use crate::domain::operations::incident::Incident;
use crate::domain::team::Role;
use crate::http::base::extract::segment;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::store::operations::{hand_offs as stored_hand_offs, incidents};
use crate::store::{Conn, Tx};
use crate::usecase::operations::hand_offs::{self, OfferEnd};

/// List the hand-offs of an incident, oldest first
#[utoipa::path(get, path = "/v1/incidents/{id}/hand-offs", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Page<HandOff>)))]
pub async fn list_hand_offs(app: AppData, path: IncidentPath) -> Answer {
    let read = move |conn: &mut Conn| {
        incidents::get(conn, path.0)?;
        stored_hand_offs::of(conn, path.0)
    };
    Ok(json(&Page { data: app.store.read(read).await?, next_cursor: None }))
}

/// Offer an incident to another member
///
/// The owner stays the owner until the other accepts. A reason is needed. An offer that is not accepted within
/// `hand_off_minutes` of the product goes back. There is at most one open offer: a second one gets 409. Who offers an
/// incident to themselves (`me`) takes it over at once.
#[utoipa::path(post, path = "/v1/incidents/{id}/hand-offs", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = NewHandOff, responses((status = 201, body = HandOff, headers(("Location" = String)))))]
pub async fn offer_hand_off(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let offer = move |tx: &mut Tx<'_>, input: &NewHandOff| {
        let offer = hand_offs::offer(tx, path.0, if_match, input)?;
        Ok(Reply::created(format!("/v1/incidents/{}/hand-offs/{}", path.0, offer.id), &offer))
    };
    write.run(&app, offer).await
}

/// Read a hand-off
#[utoipa::path(get, path = "/v1/incidents/{id}/hand-offs/{hand_off_id}", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("hand_off_id" = Id, Path)),
    responses((status = 200, body = HandOff)))]
pub async fn get_hand_off(app: AppData, request: HttpRequest, path: IncidentPath) -> Answer {
    let id: Id = segment(&request, "hand_off_id")?;
    let found = app.store.read(move |conn| stored_hand_offs::get(conn, path.0, id)).await?;
    Ok(json(&found))
}

/// Accept an offer: the caller is the owner from now on
///
/// Only the member it was made to. 409 if it has ended.
#[utoipa::path(post, path = "/v1/incidents/{id}/hand-offs/{hand_off_id}/accept", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("hand_off_id" = Id, Path)),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn accept_hand_off(app: AppData, request: HttpRequest, path: IncidentPath, write: Write) -> Answer {
    end(app, request, path, write, OfferEnd::Accept).await
}

/// Decline an offer: the incident stays with its owner
///
/// Only the member it was made to. 409 if it has ended.
#[utoipa::path(post, path = "/v1/incidents/{id}/hand-offs/{hand_off_id}/decline", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("hand_off_id" = Id, Path)),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn decline_hand_off(app: AppData, request: HttpRequest, path: IncidentPath, write: Write) -> Answer {
    end(app, request, path, write, OfferEnd::Decline).await
}

/// Withdraw an offer
///
/// Only the owner, who made it, and admins. 409 if it has ended.
#[utoipa::path(post, path = "/v1/incidents/{id}/hand-offs/{hand_off_id}/withdraw", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("hand_off_id" = Id, Path)),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn withdraw_hand_off(app: AppData, request: HttpRequest, path: IncidentPath, write: Write) -> Answer {
    end(app, request, path, write, OfferEnd::Withdraw).await
}

async fn end(app: AppData, request: HttpRequest, path: IncidentPath, write: Write, end: OfferEnd) -> Answer {
    let id: Id = segment(&request, "hand_off_id")?;
    let is_admin = write.caller.role == Role::Admin;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&hand_offs::end(tx, path.0, id, end, is_admin)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_hand_offs, offer_hand_off, get_hand_off, accept_hand_off, decline_hand_off, withdraw_hand_off))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/incidents/{id}/hand-offs").get(list_hand_offs).post(offer_hand_off))
        .service(at("/v1/incidents/{id}/hand-offs/{hand_off_id}").get(get_hand_off))
        .service(at("/v1/incidents/{id}/hand-offs/{hand_off_id}/accept").post(accept_hand_off))
        .service(at("/v1/incidents/{id}/hand-offs/{hand_off_id}/decline").post(decline_hand_off))
        .service(at("/v1/incidents/{id}/hand-offs/{hand_off_id}/withdraw").post(withdraw_hand_off));
}
