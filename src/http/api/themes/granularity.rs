//! `/v1/products/{id}/granularity` and `/v1/products/{id}/refinements`: how fine the themes of a product are, and the
//! refinements that change them.

use actix_web::HttpRequest;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::themes::{
    Granularity, GranularityPreview, PreviewQuery, Refinement, RefinementDue, RefinementQuery,
};
use crate::error::Error;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::products;
use crate::store::themes::{proposals, refinements};
use crate::usecase::themes::granularity;

/// Read the granularity of a product's themes, and the reason for it
///
/// The granularity is the product's setting, or the value that the last cold refinement of at least 20 different texts
/// chose. In the second case the answer lists all values that were tried, best first.
#[utoipa::path(get, path = "/v1/products/{id}/granularity", tag = "products", params(("id" = Id, Path)),
    responses((status = 200, body = Granularity)))]
pub async fn get_granularity(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| {
        let product = products::get(conn, path.0)?;
        granularity::explained(conn, &product)
    });
    Ok(json(&found.await?))
}

/// Preview the number of themes at other granularities
///
/// Changes nothing. Takes about as long as a refinement: a moment up to some ten thousand items, then seconds for each
/// value. After 20 seconds no further value is tried, and `complete` is false. Only one preview of a product runs at a
/// time: other requests get 503 with `Retry-After`.
#[utoipa::path(get, path = "/v1/products/{id}/granularity/preview", tag = "products",
    params(("id" = Id, Path), PreviewQuery), responses((status = 200, body = GranularityPreview)))]
pub async fn preview_granularity(app: AppData, path: Path, query: Query<PreviewQuery>) -> Answer {
    let settings = query.0.settings()?;
    let found = app.store.read(move |conn| {
        let product = products::get(conn, path.0)?.id;
        Ok((product, proposals::protected(conn, product)?))
    });
    let (product, protected) = found.await?;
    let (groups, running) = (app.groups.clone(), app.groups.begin_preview(product)?);
    // Runs to its end even if the client disconnects.
    let work = move || {
        let preview = granularity::preview(&groups, product, settings, &protected);
        drop(running);
        preview
    };
    Ok(json(&web::block(work).await.map_err(Error::internal)?))
}

/// List the refinements of a product, newest first
///
/// Each with the state of the themes before it.
#[utoipa::path(get, path = "/v1/products/{id}/refinements", tag = "products",
    params(("id" = Id, Path), RefinementQuery), responses((status = 200, body = Page<Refinement>)))]
pub async fn list_refinements(app: AppData, request: HttpRequest, path: Path, query: Query<RefinementQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| {
        let product = products::get(conn, path.0)?;
        refinements::of_product(conn, product.id, &paging)
    });
    Ok(page(&request, &found.await?))
}

/// Request a cold refinement of a product
///
/// All themes of the product are computed again with its current `granularity`. It runs as soon as possible, even while
/// feedback is waiting to be grouped. If one is due already, the request changes nothing. Changing `granularity`
/// requests one too. `GET /v1/products/{id}/granularity` says whether one is due; the list of refinements shows it
/// after it has run. Feedback that people placed, and themes that they changed, stay as they are; the refinement opens
/// proposals for them instead.
#[utoipa::path(post, path = "/v1/products/{id}/refinements", tag = "products", params(("id" = Id, Path)),
    responses((status = 202, body = RefinementDue)))]
pub async fn request_refinement(app: AppData, path: Path, write: Write) -> Answer {
    let work = move |tx: &mut Tx<'_>| Ok(Reply::new(202, &granularity::ask_refinement(tx, path.0)?));
    write.run_raw(&app, work).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_granularity, preview_granularity, list_refinements, request_refinement))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products/{id}/granularity").get(get_granularity))
        .service(at("/v1/products/{id}/granularity/preview").get(preview_granularity))
        .service(at("/v1/products/{id}/refinements").get(list_refinements).post(request_refinement));
}
