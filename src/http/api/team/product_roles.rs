//! `/v1/members/{id}/products` and `/v1/products/{id}/members`: the roles of members in products.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::team::access::{ProductMember, ProductRole, ProductRoleQuery, RoleInProduct};
use crate::http::base::extract::{Path, Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::{access as store, members, products};
use crate::usecase::team::access;

/// List a member's roles by product, newest product first
///
/// `source` says where each role comes from: it was `set` for this member, it is the default of the `product`, or it is
/// the role that the `member` has anyway. `role` is `null` for a private product in which the member has no role. Products
/// that the caller may not see are not listed.
#[utoipa::path(get, path = "/v1/members/{id}/products", tag = "access", params(("id" = Id, Path), ProductRoleQuery),
    responses((status = 200, body = Page<ProductRole>)))]
pub async fn list_member_products(
    app: AppData,
    request: HttpRequest,
    path: Path,
    query: Query<ProductRoleQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let find = move |conn: &mut _| {
        let member = members::get(conn, path.0)?;
        store::of_member(conn, &member, &paging)
    };
    Ok(page(&request, &app.store.read(find).await?))
}

/// Set a member's role in a product
///
/// Replaces the one that was set before. It counts instead of the role that the member has in the instance, and may be higher or lower. For a private product
/// it gives access. Admins stay admins in every product.
#[utoipa::path(post, path = "/v1/members/{id}/products", tag = "access", params(("id" = Id, Path)),
    request_body = RoleInProduct, responses((status = 200, body = ProductRole)))]
pub async fn set_member_product(app: AppData, path: Path, write: Write) -> Answer {
    let set = move |tx: &mut Tx<'_>, input: &RoleInProduct| {
        let product = products::known(tx.conn, &input.product)?.id;
        Ok(Reply::ok(&access::set(tx, path.0, product, input.role)?))
    };
    let answer = write.run(&app, set).await;
    app.verifier.forget();
    answer
}

/// Remove the role that was set for a member in a product
///
/// What the product gives to every member counts again: nothing, if it is private.
#[utoipa::path(delete, path = "/v1/members/{id}/products/{product_id}", tag = "access",
    params(("id" = Id, Path), ("product_id" = Id, Path)), responses((status = 204, description = "Removed")))]
pub async fn remove_member_product(app: AppData, request: HttpRequest, path: Path, write: Write) -> Answer {
    let product: Id = segment(&request, "product_id")?;
    let removed = app.store.write(write.caller.actor(), move |tx| access::remove(tx, path.0, product)).await;
    app.verifier.forget();
    removed.map(|()| HttpResponse::NoContent().finish())
}

/// List the active members with their roles in a product, newest member first
///
/// `role` is `null` for a member without access to it.
#[utoipa::path(get, path = "/v1/products/{id}/members", tag = "access", params(("id" = Id, Path), ProductRoleQuery),
    responses((status = 200, body = Page<ProductMember>)))]
pub async fn list_product_members(
    app: AppData,
    request: HttpRequest,
    path: Path,
    query: Query<ProductRoleQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| store::of_product(conn, path.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_member_products, set_member_product, remove_member_product, list_product_members))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/members/{id}/products").get(list_member_products).post(set_member_product))
        .service(at("/v1/members/{id}/products/{product_id}").delete(remove_member_product))
        .service(at("/v1/products/{id}/members").get(list_product_members));
}
