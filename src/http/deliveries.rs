//! `/v1/deliveries`.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::at;
use super::extract::Path;
use super::reply::{Answer, AppData, Reply, Write, json};
use crate::domain::{Delivery, DeliveryWithAttempts, Id};
use crate::store::deliveries as store;
use crate::usecase::notifying;

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

/// Send a message to a webhook once more
///
/// As a new delivery, now, under the same `webhook-id`: a receiver that has it already can tell.
#[utoipa::path(post, path = "/v1/deliveries/{id}/replay", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 202, body = Delivery, headers(("Location" = String)))))]
pub async fn replay_delivery(app: AppData, path: Path, write: Write) -> Answer {
    let replay = move |tx: &mut crate::store::Tx<'_>| {
        let delivery = notifying::replay(tx, path.0)?;
        Ok(Reply::new(202, &delivery).at(format!("/v1/deliveries/{}", delivery.id)))
    };
    write.run_raw(&app, replay).await
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(get_delivery, replay_delivery))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/deliveries/{id}").get(get_delivery))
        .service(at("/v1/deliveries/{id}/replay").post(replay_delivery));
}
