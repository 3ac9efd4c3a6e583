//! `/v1/deliveries`: messages to webhooks, mails and tracker changes, with their attempts.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::integrations::{Delivery, DeliveryFilter, DeliveryWithAttempts};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::integrations::{deliveries as store, delivery_list};
use crate::usecase::integrations::replay;

/// List deliveries, newest first
///
/// Deliveries are messages to webhooks, mails to customers, mails to members who are mentioned in a note, and changes
/// of issues at a tracker. They are kept for 30 days after they ended. `state=failed` lists the deliveries that failed
/// and are tried again, and those that were given up; `channel=mail&state=failed` lists the mails that did not arrive.
/// Error texts contain no addresses.
#[utoipa::path(get, path = "/v1/deliveries", tag = "webhooks", params(DeliveryFilter),
    responses((status = 200, body = Page<Delivery>)))]
pub async fn list_deliveries(app: AppData, request: HttpRequest, query: Query<DeliveryFilter>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| delivery_list::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Read a delivery with its attempts
#[utoipa::path(get, path = "/v1/deliveries/{id}", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 200, body = DeliveryWithAttempts)))]
pub async fn get_delivery(app: AppData, path: Path) -> Answer {
    let read = move |conn: &mut crate::store::Conn| {
        let delivery = store::get(conn, path.0)?;
        Ok(DeliveryWithAttempts { delivery, log: store::log(conn, path.0)? })
    };
    Ok(json(&app.store.read(read).await?))
}

/// Send a delivery again
///
/// It is sent at once. A message to a webhook becomes a new delivery with the same `webhook-id`, so that the receiver
/// can recognize a duplicate. A mail or tracker change that is still waiting is tried now; one that was given up
/// becomes a new delivery. A mail is sent only while its customer is still waiting for it, or while its note still
/// mentions the member.
#[utoipa::path(post, path = "/v1/deliveries/{id}/replay", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 202, body = Delivery, headers(("Location" = String)))))]
pub async fn replay_delivery(app: AppData, path: Path, write: Write) -> Answer {
    let replay = move |tx: &mut crate::store::Tx<'_>| {
        let delivery = replay::replay(tx, path.0)?;
        Ok(Reply::new(202, &delivery).at(format!("/v1/deliveries/{}", delivery.id)))
    };
    write.run_raw(&app, replay).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_deliveries, get_delivery, replay_delivery))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/deliveries").get(list_deliveries))
        .service(at("/v1/deliveries/{id}").get(get_delivery))
        .service(at("/v1/deliveries/{id}/replay").post(replay_delivery));
}
