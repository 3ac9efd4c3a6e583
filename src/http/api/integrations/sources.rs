//! `/v1/sources`: where feedback and news about work come from, and how fresh each source is.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Page;
use crate::domain::integrations::source::SourceState;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::store::integrations::sources;

/// List the sources with their freshness
///
/// The incoming hooks, and the origins of feedback: when something was received last, how much in the last 30 days, and
/// what was refused last. All sources are on one page.
#[utoipa::path(get, path = "/v1/sources", tag = "hooks",
    responses((status = 200, body = Page<SourceState>)))]
pub async fn list_sources(app: AppData) -> Answer {
    let now = app.store.clock.now();
    let data = app.store.read(move |conn| sources::all(conn, now)).await?;
    Ok(json(&Page { data, next_cursor: None }))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_sources))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/sources").get(list_sources));
}
