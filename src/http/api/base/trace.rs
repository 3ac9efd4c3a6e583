//! `/v1/trace`.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Trace;
use crate::http::at;
use crate::http::base::extract::segment;
use crate::http::base::reply::{Answer, AppData, json};
use crate::store::stories::trace;

/// Trace a resource: what led to it, and what came of it
///
/// From the id of a feedback, a theme, a story (or its number, `HB-17`), a link, a release, a deployment or a closure, in one
/// call and both directions: feedback, themes, stories, links, releases, deployments, closures. Each list shows the newest
/// 100 and says how many there are. What the trace begins at stands alone in its list; a trace that begins at one customer's
/// words or closure shows that customer's cases only. Customers themselves are not traced: `GET /v1/customers/{id}/stories`
/// lists what became of all they said.
#[utoipa::path(get, path = "/v1/trace/{id}", tag = "trace",
    params(("id" = String, Path, description = "The id of a feedback, theme, story, link, release, deployment or closure, or the number of a story", example = "HB-17")),
    responses((status = 200, body = Trace)))]
pub async fn get_trace(app: AppData, request: HttpRequest) -> Answer {
    let name = segment::<String>(&request, "id")?;
    let found = app.store.read(move |conn| trace::read(conn, &name)).await?;
    Ok(json(&found))
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(get_trace))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/trace/{id}").get(get_trace));
}
