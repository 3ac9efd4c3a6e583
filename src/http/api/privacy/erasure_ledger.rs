//! `/v1/erasure-ledger`: whether all erasures are applied to this database.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::privacy::ledger::{LedgerQuery, LedgerState};
use crate::error::Error;
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::usecase::privacy::replay;

/// Read the state of the ledger of erasures
///
/// The ledger is a file outside the database (`HEARBACK_ERASURE_LEDGER`) with salted hashes of everybody who was erased: of
/// their ids, addresses and ids in other systems. An erasure stands in it, on the disk, before it is answered. A server that
/// starts on a restored backup, and an import of an export, erase everybody again whom the ledger names. With `customer`,
/// the answer has the entries about that customer.
#[utoipa::path(get, path = "/v1/erasure-ledger", tag = "privacy", params(LedgerQuery),
    responses((status = 200, body = LedgerState)))]
pub async fn get_erasure_ledger(app: AppData, query: Query<LedgerQuery>) -> Answer {
    let store = app.store.clone();
    let state = tokio::task::spawn_blocking(move || replay::state(&store, query.0.customer));
    Ok(json(&state.await.map_err(Error::internal)??))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_erasure_ledger))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/erasure-ledger").get(get_erasure_ledger));
}
