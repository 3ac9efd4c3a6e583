//! `/v1/deliveries`.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::integrations::{Delivery, DeliveryFilter, DeliveryWithAttempts};
use crate::http::at;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::store::integrations::{deliveries as store, delivery_list};
use crate::usecase::integrations::replay;

/// List what goes out, newest first
///
/// Messages to webhooks, mails to customers and to members whom a note mentions, and changes of issues at a tracker, for 30 days after their end. `state=failed`
/// shows what is tried again after a failure and what was given up; `channel=mail&state=failed` are the mails that did not
/// arrive. Errors hold no addresses.
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

/// Send a delivery once more
///
/// Now. A message to a webhook goes out as a new delivery under the same `webhook-id`: a receiver that has it already can
/// tell. A mail or a change at a tracker that still waits is tried at once; one that was given up goes out as a new delivery,
/// a mail only while its customer waits for it, or the note that it is about still mentions the member.
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
pub struct Api;

/// Registers the routes of these operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/deliveries").get(list_deliveries))
        .service(at("/v1/deliveries/{id}").get(get_delivery))
        .service(at("/v1/deliveries/{id}/replay").post(replay_delivery));
}
