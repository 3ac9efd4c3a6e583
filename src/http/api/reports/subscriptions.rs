//! `/v1/subscriptions`: who gets reports, and when.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::reports::subscription::{NewSubscription, Subscription, SubscriptionEdit, SubscriptionQuery};
use crate::domain::team::Caller;
use crate::error::Error;
use crate::http::base::extract::{By, Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::reports::subscriptions as stored;
use crate::usecase::reports::subscriptions::{self, Subscriber};

/// What a caller may do with subscriptions: a role that may make reports also decides who gets them.
pub(in crate::http) fn subscriber(caller: &Caller) -> Subscriber {
    Subscriber { member: caller.member_id, for_others: caller.access.may("create_report") }
}

/// List subscriptions to reports, newest first
///
/// Callers who may not make reports see only their own.
#[utoipa::path(get, path = "/v1/subscriptions", tag = "reports", params(SubscriptionQuery),
    responses((status = 200, body = Page<Subscription>)))]
pub async fn list_subscriptions(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
    query: Query<SubscriptionQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let by = subscriber(&caller);
    let only = if by.for_others { None } else { Some(caller.id()) };
    let found = app.store.read(move |conn| stored::list(conn, &query.0, only, &paging)).await?;
    Ok(page(&request, &found))
}

/// Subscribe somebody to reports
///
/// A report is made for each product at the local hour, and sent. You yourself and a webhook get them at once; anybody else
/// first gets a mail with a link to confirm, and nothing more unless they do. Each mail has a link that ends the
/// subscription. Callers who may not make reports may subscribe only themselves.
#[utoipa::path(post, path = "/v1/subscriptions", tag = "reports", request_body = NewSubscription, responses(
    (status = 201, body = Subscription, description = "Made", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_subscription(app: AppData, write: Write) -> Answer {
    let by = subscriber(&write.caller);
    let create = move |tx: &mut Tx<'_>, input: &NewSubscription| {
        let subscription = subscriptions::create(tx, input, by)?;
        Ok(Reply::created(format!("/v1/subscriptions/{}", subscription.id), &subscription))
    };
    write.run(&app, create).await
}

/// Read a subscription
#[utoipa::path(get, path = "/v1/subscriptions/{id}", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, body = Subscription, headers(("ETag" = String)))))]
pub async fn get_subscription(app: AppData, By(caller): By, path: Path) -> Answer {
    let by = subscriber(&caller);
    let found = app.store.read(move |conn| stored::get(conn, path.0)).await?;
    if !by.for_others && found.member_id != Some(caller.id()) {
        return Err(Error::not_found("subscription"));
    }
    Ok(resource(&found))
}

/// Change a subscription
///
/// What the reports hold and when they come. For another reader, kind, product or account, end it and make a new one.
#[utoipa::path(patch, path = "/v1/subscriptions/{id}", tag = "reports", params(("id" = Id, Path)),
    request_body(content = SubscriptionEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Subscription, headers(("ETag" = String)))))]
pub async fn update_subscription(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch, by) = (write.if_match, write.body.value.clone(), subscriber(&write.caller));
    write.run_raw(&app, move |tx| Ok(Reply::ok(&subscriptions::edit(tx, path.0, if_match, &patch, by)?))).await
}

/// End a subscription
#[utoipa::path(delete, path = "/v1/subscriptions/{id}", tag = "reports", params(("id" = Id, Path)),
    responses((status = 204, description = "Ended")))]
pub async fn end_subscription(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, by) = (write.if_match, subscriber(&write.caller));
    app.store.write(write.caller.actor(), move |tx| subscriptions::remove(tx, path.0, if_match, by)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_subscriptions, create_subscription, get_subscription, update_subscription, end_subscription))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/subscriptions").get(list_subscriptions).post(create_subscription)).service(
        at("/v1/subscriptions/{id}").get(get_subscription).patch(update_subscription).delete(end_subscription),
    );
}
