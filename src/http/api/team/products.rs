//! `/v1/products`: products and their settings.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::team::{NewProduct, Product, ProductEdit, ProductQuery};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::products as store;
use crate::usecase::team::products;

/// List products, newest first
#[utoipa::path(get, path = "/v1/products", tag = "products", params(ProductQuery),
    responses((status = 200, body = Page<Product>)))]
pub async fn list_products(app: AppData, request: HttpRequest, query: Query<ProductQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| store::list(conn, query.0.archived == Some(true), &paging)).await?;
    Ok(page(&request, &found))
}

/// Create a product
///
/// 409 if another product has this key.
#[utoipa::path(post, path = "/v1/products", tag = "products", request_body = NewProduct, responses(
    (status = 201, body = Product, description = "Created", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_product(app: AppData, write: Write) -> Answer {
    let usual = app.config.new_products;
    let create = move |tx: &mut Tx<'_>, input: &NewProduct| {
        let visibility = Some(input.visibility.unwrap_or(usual));
        let product = products::create(tx, &NewProduct { visibility, ..input.clone() })?;
        Ok(Reply::created(format!("/v1/products/{}", product.id), &product))
    };
    let answer = write.run(&app, create).await;
    app.verifier.forget();
    answer
}

/// Read a product
#[utoipa::path(get, path = "/v1/products/{id}", tag = "products", params(("id" = Id, Path)),
    responses((status = 200, body = Product, headers(("ETag" = String)))))]
pub async fn get_product(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change a product
///
/// Of a product that becomes `private`, members without a role in it find nothing any more, on this server at once, on
/// others within 5 seconds; services only with a token that names it. The member who changes it keeps their role.
#[utoipa::path(patch, path = "/v1/products/{id}", tag = "products", params(("id" = Id, Path)),
    request_body(content = ProductEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Product, headers(("ETag" = String)))))]
pub async fn update_product(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    let answer = write.run_raw(&app, move |tx| Ok(Reply::ok(&products::edit(tx, path.0, if_match, &patch)?))).await;
    app.verifier.forget();
    answer
}

/// Archive a product
///
/// For a product that nobody works on any more. It takes no feedback (409), and lists of products leave it out, as does
/// the ranked list of stories; all that is in it stays, can be read, and is exported. The product that every instance
/// has can't be archived.
#[utoipa::path(post, path = "/v1/products/{id}/archive", tag = "products", params(("id" = Id, Path)),
    responses((status = 200, body = Product, headers(("ETag" = String)))))]
pub async fn archive_product(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&products::archive(tx, path.0, if_match)?))).await
}

/// Take a product out of the archive
#[utoipa::path(post, path = "/v1/products/{id}/restore", tag = "products", params(("id" = Id, Path)),
    responses((status = 200, body = Product, headers(("ETag" = String)))))]
pub async fn restore_product(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&products::restore(tx, path.0, if_match)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_products, create_product, get_product, update_product, archive_product, restore_product))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products").get(list_products).post(create_product))
        .service(at("/v1/products/{id}").get(get_product).patch(update_product))
        .service(at("/v1/products/{id}/archive").post(archive_product))
        .service(at("/v1/products/{id}/restore").post(restore_product));
}
