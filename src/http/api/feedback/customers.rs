//! `/v1/customers`.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::feedback::{Customer, CustomerEdit, CustomerInput, CustomerMerge, CustomerQuery};
use crate::http::at;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::store::Tx;
use crate::store::feedback::customers as store;
use crate::usecase::feedback::customers;
use crate::usecase::privacy::erasure;

/// How long the answer to an erasure waits for the files to be clear, and how often it looks.
const MOST_WAIT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(50);

/// List customers, newest first
///
/// Those merged into others are not listed.
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
/// As for a customer named inline with a feedback: found by `(origin, external_id)`, then by e-mail address; absent fields
/// leave what is there.
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = CustomerInput, responses(
    (status = 201, body = Customer, description = "Created", headers(("Location" = String), ("ETag" = String))),
    (status = 200, body = Customer, description = "It was there already", headers(("Location" = String), ("ETag" = String))),
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
/// One that was merged into another shows which in `merged_into`; one that was erased shows when in `erased_at`.
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers", params(("id" = Id, Path)),
    responses((status = 200, body = Customer, headers(("ETag" = String)))))]
pub async fn get_customer(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change a customer
///
/// 409 where another customer has the e-mail address, or this one was merged into another.
#[utoipa::path(patch, path = "/v1/customers/{id}", tag = "customers", params(("id" = Id, Path)),
    request_body(content = CustomerEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Customer, headers(("ETag" = String)))))]
pub async fn update_customer(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&customers::edit(tx, path.0, if_match, &patch)?))).await
}

/// Merge another customer into this one
///
/// They are one person: what the other said, and how other systems name it, becomes this one's; its name, address and
/// account fill what is empty here. The other stays readable and shows `merged_into`. It can't be undone.
#[utoipa::path(post, path = "/v1/customers/{id}/merge", tag = "customers", params(("id" = Id, Path)),
    request_body = CustomerMerge, responses((status = 200, body = Customer, headers(("ETag" = String)))))]
pub async fn merge_customer(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let merge = move |tx: &mut Tx<'_>, input: &CustomerMerge| {
        Ok(Reply::ok(&customers::merge(tx, path.0, if_match, input.customer_id)?))
    };
    write.run(&app, merge).await
}

/// Erase a person
///
/// Name, addresses and words are gone from every table and index at once; what they said keeps its id, date, numbers and
/// theme, and reads `[erased]`. Labels and drafts made from their words are made anew; whatever the team or other programs
/// wrote that names or quotes them reads `[erased]`. Feedback of theirs that is sent again with the same
/// `(origin, external_id)` stays erased, and an import that waits does not bring them back. Customers merged into this one
/// are erased with it. Backups made before are yours to delete; the account stays.
///
/// `erasure` says when the database's files are clear of what deleted rows leave behind: with SQLite mostly before this is
/// answered, and `GET` on the customer says it later; PostgreSQL sees to its own files.
#[utoipa::path(delete, path = "/v1/customers/{id}", tag = "customers", params(("id" = Id, Path)),
    responses((status = 200, body = Customer, description = "Erased")))]
pub async fn erase_customer(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    app.store.write(write.caller.actor(), move |tx| erasure::customer(tx, path.0, if_match)).await?;
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

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(list_customers, create_customer, get_customer, update_customer, merge_customer, erase_customer))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/customers").get(list_customers).post(create_customer))
        .service(at("/v1/customers/{id}").get(get_customer).patch(update_customer).delete(erase_customer))
        .service(at("/v1/customers/{id}/merge").post(merge_customer));
}
