//! `/v1/products/{id}/granularity` and `/v1/products/{id}/refinements`: how fine themes are, and how that came about.

use actix_web::HttpRequest;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::themes::{
    Granularity, GranularityPreview, PreviewQuery, Refinement, RefinementDue, RefinementQuery,
};
use crate::error::Error;
use crate::http::at;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::store::Tx;
use crate::store::team::products;
use crate::store::themes::{proposals, refinements};
use crate::usecase::themes::granularity;

/// Read how fine the themes of a product are, and why
///
/// The setting, or what the feedback chose in the last cold refinement of at least 200 different texts, with everything that
/// was tried then, best first.
#[utoipa::path(get, path = "/v1/products/{id}/granularity", tag = "products", params(("id" = Id, Path)),
    responses((status = 200, body = Granularity)))]
pub async fn get_granularity(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| {
        let product = products::get(conn, path.0)?;
        granularity::explained(conn, &product)
    });
    Ok(json(&found.await?))
}

/// Preview how many themes other settings would give
///
/// Changes nothing. It takes about as long as a refinement: a moment up to some ten thousand items, then seconds a
/// setting. After 20 seconds no further setting is begun, and `complete` is false. A product is previewed once at a time:
/// others are answered 503 with `Retry-After` meanwhile.
#[utoipa::path(get, path = "/v1/products/{id}/granularity/preview", tag = "products",
    params(("id" = Id, Path), PreviewQuery), responses((status = 200, body = GranularityPreview)))]
pub async fn preview_granularity(app: AppData, path: Path, query: Query<PreviewQuery>) -> Answer {
    let settings = query.0.settings()?;
    let found = app.store.read(move |conn| {
        let product = products::get(conn, path.0)?.id;
        Ok((product, proposals::protected(conn, product)?))
    });
    let (product, protected) = found.await?;
    app.groups.check_loaded()?;
    let (groups, running) = (app.groups.clone(), app.groups.begin_preview(product)?);
    // Runs to its end even where the caller does not wait for it.
    let work = move || {
        let preview = granularity::preview(&groups, product, settings, &protected);
        drop(running);
        preview
    };
    Ok(json(&web::block(work).await.map_err(Error::internal)?))
}

/// List the refinements of a product, newest first
///
/// Each next to how the run before it left the themes.
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

/// Ask for a refinement
///
/// A cold one: all themes of the product are looked at anew, by its present `granularity`. It runs as soon as it can, also while
/// feedback still waits to be grouped; while one is due, asking again changes nothing. A changed `granularity` asks for one by
/// itself. `GET /v1/products/{id}/granularity` says whether one is due, the list of refinements shows it when it has run. What
/// people placed, and themes that they decided about, stay as they are: for these it opens proposals.
#[utoipa::path(post, path = "/v1/products/{id}/refinements", tag = "products", params(("id" = Id, Path)),
    responses((status = 202, body = RefinementDue)))]
pub async fn request_refinement(app: AppData, path: Path, write: Write) -> Answer {
    let work = move |tx: &mut Tx<'_>| Ok(Reply::new(202, &granularity::ask_refinement(tx, path.0)?));
    write.run_raw(&app, work).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_granularity, preview_granularity, list_refinements, request_refinement))]
pub struct Api;

/// Registers the routes of these operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products/{id}/granularity").get(get_granularity))
        .service(at("/v1/products/{id}/granularity/preview").get(preview_granularity))
        .service(at("/v1/products/{id}/refinements").get(list_refinements).post(request_refinement));
}
