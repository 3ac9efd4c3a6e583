//! `/v1/corrections`: what people changed in the grouping, and undoing it.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::themes::{Corrected, Correction, CorrectionQuery};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::themes::corrections;
use crate::usecase::themes::undo;

/// The answer to an action that recorded a correction: the resource, with the correction's address in `Location`.
pub(in crate::http) fn corrected<T: Serialize>(after: Corrected<T>) -> Reply {
    let reply = Reply::ok(&after);
    match after.correction_id {
        Some(id) => reply.at(format!("/v1/corrections/{id}")),
        None => reply,
    }
}

/// List corrections of the grouping, newest first
#[utoipa::path(get, path = "/v1/corrections", tag = "corrections", params(CorrectionQuery),
    responses((status = 200, body = Page<Correction>)))]
pub async fn list_corrections(app: AppData, request: HttpRequest, query: Query<CorrectionQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| corrections::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Read a correction
#[utoipa::path(get, path = "/v1/corrections/{id}", tag = "corrections", params(("id" = Id, Path)),
    responses((status = 200, body = Correction)))]
pub async fn get_correction(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| corrections::get(conn, path.0)).await?;
    Ok(json(&found))
}

/// Undo a correction
///
/// Restores everything that the correction changed. 409 if a later correction depends on this one; the answer names it.
/// Undo that one first.
#[utoipa::path(post, path = "/v1/corrections/{id}/undo", tag = "corrections", params(("id" = Id, Path)),
    responses((status = 200, body = Correction)))]
pub async fn undo_correction(app: AppData, path: Path, write: Write) -> Answer {
    write.run_raw(&app, move |tx| Ok(Reply::ok(&undo::undo(tx, path.0)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_corrections, get_correction, undo_correction))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/corrections").get(list_corrections))
        .service(at("/v1/corrections/{id}").get(get_correction))
        .service(at("/v1/corrections/{id}/undo").post(undo_correction));
}
