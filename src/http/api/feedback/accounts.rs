//! `/v1/accounts`: the companies that customers belong to.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::feedback::{Account, AccountEdit, AccountQuery, NewAccount};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::feedback::customers as store;
use crate::usecase::feedback::accounts;

/// List accounts, newest first
#[utoipa::path(get, path = "/v1/accounts", tag = "customers", params(AccountQuery),
    responses((status = 200, body = Page<Account>)))]
pub async fn list_accounts(app: AppData, request: HttpRequest, query: Query<AccountQuery>) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let find = move |conn: &mut _| store::list_accounts(conn, &query, &paging);
    let found = app.store.read(find).await?;
    Ok(page(&request, &found))
}

/// Create an account
///
/// 409 if an account has this name already. Upper and lower case and full-width letters count as the same.
#[utoipa::path(post, path = "/v1/accounts", tag = "customers", request_body = NewAccount, responses(
    (status = 201, body = Account, description = "Created", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_account(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewAccount| {
        let account = accounts::create(tx, input)?;
        Ok(Reply::created(format!("/v1/accounts/{}", account.id), &account))
    };
    write.run(&app, create).await
}

/// Read an account
#[utoipa::path(get, path = "/v1/accounts/{id}", tag = "customers", params(("id" = Id, Path)),
    responses((status = 200, body = Account, headers(("ETag" = String)))))]
pub async fn get_account(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::account(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change an account
///
/// 409 if another account has this name.
#[utoipa::path(patch, path = "/v1/accounts/{id}", tag = "customers", params(("id" = Id, Path)),
    request_body(content = AccountEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Account, headers(("ETag" = String)))))]
pub async fn update_account(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&accounts::edit(tx, path.0, if_match, &patch)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_accounts, create_account, get_account, update_account))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/accounts").get(list_accounts).post(create_account))
        .service(at("/v1/accounts/{id}").get(get_account).patch(update_account));
}
