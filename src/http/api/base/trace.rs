//! `/v1/trace`: everything that a resource is connected with.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Trace;
use crate::http::base::extract::segment;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::store::stories::trace;

/// Trace a resource from feedback to closure
///
/// Takes the id of a feedback item, a theme, a story (or its number, `HB-17`), a link, a release, a deployment or a
/// closure, and returns in one answer what led to it and what followed from it: feedback, themes, stories, links,
/// releases, deployments and closures. Each list has the newest 100 entries and the total count. The list that contains
/// the given resource contains only that one. If you start from a feedback item or a closure, only the closures of that
/// customer are listed. Customers can't be traced: use `GET /v1/customers/{id}/stories`.
#[utoipa::path(get, path = "/v1/trace/{id}", tag = "trace",
    params(("id" = String, Path, description = "The id of a feedback item, theme, story, link, release, deployment or closure, or the number of a story", example = "HB-17")),
    responses((status = 200, body = Trace)))]
pub async fn get_trace(app: AppData, request: HttpRequest) -> Answer {
    let name = segment::<String>(&request, "id")?;
    let found = app.store.read(move |conn| trace::read(conn, &name)).await?;
    Ok(json(&found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_trace))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/trace/{id}").get(get_trace));
}
