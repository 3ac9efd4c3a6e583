//! `/v1/incidents/figures`: how long incidents take, and how often they are passed around.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::operations::figures::{IncidentFigures, IncidentFiguresQuery};
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::usecase::operations::figures;

/// Read the figures of a product's incidents
///
/// Of the incidents that were opened in the period: the finger-pointing index (bounces for each incident), ping-pongs,
/// the hours until an offer was accepted, the pairs of teams, and the times to own, diagnose, mitigate and fix.
#[utoipa::path(get, path = "/v1/incidents/figures", tag = "operations", params(IncidentFiguresQuery),
    responses((status = 200, body = IncidentFigures)))]
pub async fn get_incident_figures(app: AppData, query: Query<IncidentFiguresQuery>) -> Answer {
    let now = app.store.clock.now();
    let found = app.store.read(move |conn| figures::of(conn, &query.0, now)).await?;
    Ok(json(&found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_incident_figures))]
struct Api;

inventory::submit!(Part::of::<Api>(routes).before_ids());

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/incidents/figures").get(get_incident_figures));
}
