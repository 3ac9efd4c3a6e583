//! `/v1/accounts/{id}/sales`: the sales view of an account.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::reports::sales::SalesView;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::usecase::reports::sales;

/// Read the sales view of an account
///
/// What its people asked for, what is promised, what shipped, and who was told. Each story stands in one of the lists, by
/// its stage.
#[utoipa::path(get, path = "/v1/accounts/{id}/sales", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, body = SalesView)))]
pub async fn get_account_sales(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    Ok(json(&app.store.read(move |conn| sales::of(conn, path.0, now)).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_account_sales))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/accounts/{id}/sales").get(get_account_sales));
}
