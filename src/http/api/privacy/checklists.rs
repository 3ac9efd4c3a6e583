//! `/v1/products/{id}/checklists`: checklists of laws that a product adopts as gates.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::privacy::checklist::{ChecklistAdoption, Checklists, Law};
use crate::error::Error;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::privacy::checklists;

/// Read the checklists of a product
///
/// Of each law: whether the product adopted it, and its items with who signed them last. Items of a law that is not
/// adopted are those that it would add.
#[utoipa::path(get, path = "/v1/products/{id}/checklists", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = Checklists)))]
pub async fn list_checklists(app: AppData, path: Path) -> Answer {
    Ok(json(&app.store.read(move |conn| checklists::of(conn, path.0)).await?))
}

/// Adopt the checklist of a law
///
/// Its items become gates of the product: a story must have them signed before it is ready or released. They are edited as
/// all gates are (`PATCH /v1/products/{id}`). Adopting again adds the items that were removed.
#[utoipa::path(post, path = "/v1/products/{id}/checklists", tag = "privacy", params(("id" = Id, Path)),
    request_body = ChecklistAdoption, responses((status = 200, body = Checklists)))]
pub async fn adopt_checklist(app: AppData, path: Path, write: Write) -> Answer {
    let adopt = move |tx: &mut Tx<'_>, input: &ChecklistAdoption| Ok(Reply::ok(&checklists::adopt(tx, path.0, input)?));
    write.run(&app, adopt).await
}

/// Drop the checklist of a law
///
/// Its gates are removed from the product. What was signed stays in the stories.
#[utoipa::path(delete, path = "/v1/products/{id}/checklists/{law}", tag = "privacy",
    params(("id" = Id, Path), ("law" = String, Path, description = "`kr_pipa` or `eu_gdpr`", example = "kr_pipa")),
    responses((status = 204, description = "Dropped")))]
pub async fn drop_checklist(app: AppData, request: HttpRequest, path: Path, write: Write) -> Answer {
    let law: Option<Law> = request.match_info().get("law").and_then(|law| law.parse().ok());
    let law = law.ok_or_else(|| Error::not_found("checklist"))?;
    app.store.write(write.caller.actor(), move |tx| checklists::drop_law(tx, path.0, law).map(drop)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_checklists, adopt_checklist, drop_checklist))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products/{id}/checklists").get(list_checklists).post(adopt_checklist))
        .service(at("/v1/products/{id}/checklists/{law}").delete(drop_checklist));
}
