//! `/v1/audit`: the audit log.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use serde_json::json;
use utoipa::OpenApi;

use crate::app::App;
use crate::domain::base::Page;
use crate::domain::team::Caller;
use crate::domain::team::audit::{AuditEntry, AuditNote, AuditQuery};
use crate::http::base::extract::{By, Query};
use crate::http::base::reply::{Answer, AppData, page, paging};
use crate::http::console::base::visit;
use crate::http::{Part, at};
use crate::store::team::audit as store;

/// Read the audit log, newest first
///
/// Sign-ins, failed sign-ins and readers of this log with address and browser; and what was done with members, tokens,
/// webhooks, products, imports, exports and erasures. Entries are kept for `HEARBACK_AUDIT_DAYS` days. Reading the first
/// page is itself noted (`audit.viewed`).
#[utoipa::path(get, path = "/v1/audit", tag = "access", params(AuditQuery),
    responses((status = 200, body = Page<AuditEntry>)))]
pub async fn list_audit(app: AppData, request: HttpRequest, By(caller): By, query: Query<AuditQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let query = query.0;
    let first = query.cursor.is_none();
    let kind = query.kind.clone();
    let found = app.store.read(move |conn| store::list(conn, &query, &paging)).await?;
    if first {
        note_reading(&app, &request, &caller, "audit.viewed", kind).await;
    }
    Ok(page(&request, &found))
}

/// Notes who reads the log. A log that can't be written at the moment can be read all the same.
pub(in crate::http) async fn note_reading(
    app: &App,
    request: &HttpRequest,
    caller: &Caller,
    read: &'static str,
    filter: Option<String>,
) {
    let note = AuditNote { data: json!({ "filter": filter }), ..visit::device(request).note(read, None) };
    let written = app.store.write(caller.actor(), move |tx| store::note(tx, note.clone())).await;
    if let Err(error) = written {
        tracing::warn!(%error, "reading the audit log was not noted");
    }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_audit))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/audit").get(list_audit));
}
