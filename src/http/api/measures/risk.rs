//! `/v1/releases/{id}/risk`: what a release carries.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::measures::risk::ReleaseRisk;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::usecase::measures::risk;

/// Read what a release carries, and how earlier deployments fared
///
/// Plain counts to decide with, and no score: changes, authors who are new to the code, hour and weekday in the product's
/// time zone, days since the deployment before, incidents that are open; and beside them how many of the earlier
/// deployments of the same kind failed.
#[utoipa::path(get, path = "/v1/releases/{id}/risk", tag = "measures", params(("id" = Id, Path)),
    responses((status = 200, body = ReleaseRisk)))]
pub async fn get_release_risk(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    Ok(json(&app.store.read(move |conn| risk::of_release(conn, path.0, now)).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_release_risk))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/releases/{id}/risk").get(get_release_risk));
}
