//! `/v1/customers`: reading, changing, merging and erasing customers.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::feedback::{Customer, CustomerEdit, CustomerInput, CustomerMerge, CustomerQuery};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::feedback::customers as store;
use crate::usecase::feedback::customers;
use crate::usecase::privacy::preview::{self, ErasurePreview};
use crate::usecase::privacy::retention::held_erasure::{self, AskedErasure};

/// How long the answer to an erasure waits for the database's files to be vacuumed, and how often it checks.
const MOST_WAIT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(50);

/// List customers, newest first
///
/// Customers that were merged into others are not listed.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, body = Page<Customer>)))]
pub async fn list_customers(app: AppData, request: HttpRequest, query: Query<CustomerQuery>) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let find = move |conn: &mut _| store::list(conn, &query, &paging);
    let found = app.store.read(find).await?;
    Ok(page(&request, &found))
}

/// Find or create a customer
///
/// The customer is looked up by `(origin, external_id)`, then by e-mail address, as for a customer given with a
/// feedback item. Fields that are absent keep their values.
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = CustomerInput, responses(
    (status = 201, body = Customer, description = "Created", headers(("Location" = String), ("ETag" = String))),
    (status = 200, body = Customer, description = "The customer exists already", headers(("Location" = String), ("ETag" = String))),
))]
pub async fn create_customer(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &CustomerInput| {
        let (new, customer) = customers::create(tx, input)?;
        let location = format!("/v1/customers/{}", customer.id);
        Ok(if new { Reply::created(location, &customer) } else { Reply::ok(&customer).at(location) })
    };
    write.run(&app, create).await
}

/// Read a customer
///
/// A customer that was merged into another has `merged_into`; one that was erased has `erased_at`.
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers", params(("id" = Id, Path)),
    responses((status = 200, body = Customer, headers(("ETag" = String)))))]
pub async fn get_customer(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change a customer
///
/// 409 if another customer has the e-mail address, or if this customer was merged into another.
#[utoipa::path(patch, path = "/v1/customers/{id}", tag = "customers", params(("id" = Id, Path)),
    request_body(content = CustomerEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Customer, headers(("ETag" = String)))))]
pub async fn update_customer(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&customers::edit(tx, path.0, if_match, &patch)?))).await
}

/// Merge another customer into this one
///
/// For two records of one person. The feedback and the external ids of the other customer move to this one; its name,
/// address and account fill fields that are empty here. The other customer stays readable and has `merged_into`. A
/// merge can't be undone.
#[utoipa::path(post, path = "/v1/customers/{id}/merge", tag = "customers", params(("id" = Id, Path)),
    request_body = CustomerMerge, responses((status = 200, body = Customer, headers(("ETag" = String)))))]
pub async fn merge_customer(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let merge = move |tx: &mut Tx<'_>, input: &CustomerMerge| {
        Ok(Reply::ok(&customers::merge(tx, path.0, if_match, input.customer_id)?))
    };
    write.run(&app, merge).await
}

/// Preview the erasure of a person
///
/// Says what `DELETE` on this customer would remove. It changes nothing.
#[utoipa::path(get, path = "/v1/customers/{id}/erasure_preview", tag = "customers", params(("id" = Id, Path)),
    responses((status = 200, body = ErasurePreview)))]
pub async fn preview_erasure(app: AppData, path: Path) -> Answer {
    Ok(json(&app.store.read(move |conn| preview::of(conn, path.0)).await?))
}

/// Erase a person
///
/// Removes the person's name, addresses and words from every table and index at once. Feedback keeps its id, date,
/// numbers and theme, and its text becomes `[erased]`. Labels and drafts made from its words are made again without
/// them. Texts of the team or of other programs that name or quote the person become `[erased]`. Feedback of the person
/// that is sent again with the same `(origin, external_id)` stays erased, also in an import that is still waiting.
/// Customers merged into this one are erased too. The account stays. Backups made earlier are not changed: delete them
/// yourself.
///
/// `erasure` says when the database's files no longer contain the deleted data. With SQLite that is usually before the
/// answer; `GET` on the customer shows it later. PostgreSQL vacuums its own files.
///
/// While a legal hold keeps the person's data, nothing is erased: 202, and the erasure runs when the hold ends.
#[utoipa::path(delete, path = "/v1/customers/{id}", tag = "customers", params(("id" = Id, Path)),
    responses((status = 200, body = Customer, description = "Erased"),
        (status = 202, body = Customer, description = "A legal hold keeps the data: the erasure runs when it ends")))]
pub async fn erase_customer(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let asked = move |tx: &mut Tx<'_>| held_erasure::ask(tx, path.0, if_match, None);
    if app.store.write(write.caller.actor(), asked).await? == AskedErasure::Waits {
        let kept = app.store.read(move |conn| store::get(conn, path.0)).await?;
        return Ok(Reply::new(202, &kept).into());
    }
    let began = Instant::now();
    loop {
        let erased = app.store.read(move |conn| store::get(conn, path.0)).await?;
        let waits = erased.erasure.as_ref().is_some_and(|e| e.files_clean_by.is_some() && e.files_clean_at.is_none());
        if !waits || began.elapsed() > MOST_WAIT {
            return Ok(resource(&erased));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_customers,
    create_customer,
    get_customer,
    update_customer,
    merge_customer,
    preview_erasure,
    erase_customer
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/customers").get(list_customers).post(create_customer))
        .service(at("/v1/customers/{id}").get(get_customer).patch(update_customer).delete(erase_customer))
        .service(at("/v1/customers/{id}/erasure_preview").get(preview_erasure))
        .service(at("/v1/customers/{id}/merge").post(merge_customer));
}
