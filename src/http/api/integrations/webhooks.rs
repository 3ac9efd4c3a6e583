//! `/v1/webhooks`: outgoing webhooks and their deliveries.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::integrations::{
    Delivery, DeliveryQuery, MintedWebhook, NewWebhook, Webhook, WebhookEdit, WebhookQuery, new_webhook_secret,
};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::outside::webhook_signature as signing;
use crate::store::Tx;
use crate::store::integrations::{deliveries, webhooks as store};
use crate::usecase::integrations::webhooks;

/// List webhooks, newest first
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", params(WebhookQuery),
    responses((status = 200, body = Page<Webhook>)))]
pub async fn list_webhooks(app: AppData, request: HttpRequest, query: Query<WebhookQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| store::list(conn, &paging)).await?;
    Ok(page(&request, &found))
}

/// Create a webhook
///
/// Events that happen from now on are sent to its address, as Standard Webhooks specifies. The answer contains the
/// secret that signs the messages; it is shown only once. Therefore the answer is not stored: an `Idempotency-Key` is
/// accepted but has no effect, and a repeated request creates another webhook.
///
/// A message is `{"type", "timestamp", "data"}`; `data` holds ids and no personal data. Headers: `webhook-id` (the same
/// at every attempt), `webhook-timestamp`, `webhook-signature`. Only a 2xx answer means that the message was received.
/// Otherwise it is sent again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, or as `Retry-After` asks.
/// A 410 answer disables the webhook. Messages about one resource arrive in order.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks", request_body = NewWebhook, responses(
    (status = 201, body = MintedWebhook, description = "Created",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_webhook(app: AppData, write: Write) -> Answer {
    let secret = new_webhook_secret()?;
    let allow_private = app.config.allow_private_addresses;
    let create = move |tx: &mut Tx<'_>, input: &NewWebhook| {
        let check = |url: &str| signing::check_url(url, allow_private);
        let webhook = webhooks::create(tx, input, &secret, &check)?;
        let location = format!("/v1/webhooks/{}", webhook.id);
        Ok(Reply::created(location, &MintedWebhook { webhook, secret: secret.clone() }))
    };
    write.never_kept().run(&app, create).await.map(unstored)
}

/// An answer that contains a secret: caches must not store it.
fn unstored(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Read a webhook
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 200, body = Webhook, headers(("ETag" = String)))))]
pub async fn get_webhook(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change a webhook
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "webhooks", params(("id" = Id, Path)),
    request_body(content = WebhookEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Webhook, headers(("ETag" = String)))))]
pub async fn update_webhook(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    let allow_private = app.config.allow_private_addresses;
    let edit = move |tx: &mut Tx<'_>| {
        let check = |url: &str| signing::check_url(url, allow_private);
        Ok(Reply::ok(&webhooks::edit(tx, path.0, if_match, &patch, &check)?))
    };
    write.run_raw(&app, edit).await
}

/// Delete a webhook
///
/// Messages that are still waiting are given up. The deliveries of the webhook can be read for 30 more days.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_webhook(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    app.store.write(write.caller.actor(), move |tx| webhooks::delete(tx, path.0, if_match)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a webhook a new secret
///
/// For 24 hours messages are also signed with the old secret. The answer contains the new secret; it is shown only once
/// and not stored for repeated requests.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 200, body = MintedWebhook, headers(("ETag" = String)))))]
pub async fn rotate_webhook(app: AppData, path: Path, write: Write) -> Answer {
    let secret = new_webhook_secret()?;
    let rotate = move |tx: &mut Tx<'_>| {
        let webhook = webhooks::rotate(tx, path.0, &secret)?;
        Ok(Reply::ok(&MintedWebhook { webhook, secret: secret.clone() }))
    };
    write.never_kept().run_raw(&app, rotate).await.map(unstored)
}

/// Enable a webhook
///
/// Events that happened while it was disabled are not sent. Single deliveries can be replayed.
#[utoipa::path(post, path = "/v1/webhooks/{id}/enable", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 200, body = Webhook, headers(("ETag" = String)))))]
pub async fn enable_webhook(app: AppData, path: Path, write: Write) -> Answer {
    write.run_raw(&app, move |tx| Ok(Reply::ok(&webhooks::enable(tx, path.0)?))).await
}

/// Disable a webhook
///
/// No more messages are sent to it, and messages that are still waiting are given up.
#[utoipa::path(post, path = "/v1/webhooks/{id}/disable", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 200, body = Webhook, headers(("ETag" = String)))))]
pub async fn disable_webhook(app: AppData, path: Path, write: Write) -> Answer {
    write.run_raw(&app, move |tx| Ok(Reply::ok(&webhooks::disable(tx, path.0, "Disabled by a person.")?))).await
}

/// Send a test message
///
/// A `webhook.test` message is sent at once, also to a disabled webhook, and is tried once. The answer is its delivery;
/// read the delivery again to see the result.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "webhooks", params(("id" = Id, Path)),
    responses((status = 202, body = Delivery, headers(("Location" = String)))))]
pub async fn test_webhook(app: AppData, path: Path, write: Write) -> Answer {
    let test = move |tx: &mut Tx<'_>| {
        let delivery = webhooks::test(tx, path.0)?;
        Ok(Reply::new(202, &delivery).at(format!("/v1/deliveries/{}", delivery.id)))
    };
    write.run_raw(&app, test).await
}

/// List the deliveries of a webhook, newest first
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks", params(("id" = Id, Path), DeliveryQuery),
    responses((status = 200, body = Page<Delivery>)))]
pub async fn list_webhook_deliveries(
    app: AppData,
    request: HttpRequest,
    path: Path,
    query: Query<DeliveryQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let state = query.0.state;
    let read = move |conn: &mut crate::store::Conn| {
        let found = deliveries::of_target(conn, path.0, state, &paging)?;
        // The deliveries of a deleted webhook can still be read; an id that never belonged to a webhook is 404.
        if found.data.is_empty() && paging.after.is_none() {
            store::get(conn, path.0)?;
        }
        Ok(found)
    };
    let found = app.store.read(read).await?;
    Ok(page(&request, &found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_webhooks,
    create_webhook,
    get_webhook,
    update_webhook,
    delete_webhook,
    rotate_webhook,
    enable_webhook,
    disable_webhook,
    test_webhook,
    list_webhook_deliveries
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/webhooks").get(list_webhooks).post(create_webhook))
        .service(at("/v1/webhooks/{id}").get(get_webhook).patch(update_webhook).delete(delete_webhook))
        .service(at("/v1/webhooks/{id}/rotate").post(rotate_webhook))
        .service(at("/v1/webhooks/{id}/enable").post(enable_webhook))
        .service(at("/v1/webhooks/{id}/disable").post(disable_webhook))
        .service(at("/v1/webhooks/{id}/test").post(test_webhook))
        .service(at("/v1/webhooks/{id}/deliveries").get(list_webhook_deliveries));
}
