//! `/v1/products/{id}/delivery`: the five delivery figures.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::measures::delivery::{DeliveryFigures, FiguresQuery};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::store::team::products;
use crate::usecase::measures::delivery;

/// Read the delivery figures of a product
///
/// The five figures of DORA (deployment frequency, change lead time, change fail rate, deployment rework rate, failed
/// deployment recovery time), each with the rows behind it, in the product's time zone. Times are in hours, rates from 0
/// to 1. `definition` rises when a definition changes.
///
/// A deployment counts that reached the environment: once, whatever the number of its reports. Installing again what runs
/// already is shown and not counted, as is one that failed before it reached customers. A roll-back counts as a deployment
/// of its own. A deployment has failed when it was rolled back or caused an incident: `inferred` where nobody said so, and
/// the incident was detected within 24 hours after the latest deployment of its services. Linking an incident to a
/// deployment confirms that; `inferred=false` leaves such links out.
///
/// Changes are those that the reporter of the deployment named (`changes`), or else the commits between the revision
/// deployed before and this one that hooks of GitHub and GitLab reported, or else the commits and pull requests of its
/// release's stories. A pull request is one change from its first commit.
#[utoipa::path(get, path = "/v1/products/{id}/delivery", tag = "measures", params(("id" = Id, Path), FiguresQuery),
    responses((status = 200, body = DeliveryFigures)))]
pub async fn get_delivery_figures(app: AppData, path: Path, query: Query<FiguresQuery>) -> Answer {
    let now = app.store.clock.now();
    let read = move |conn: &mut crate::store::Conn| {
        let product = products::get(conn, path.0)?;
        delivery::figures(conn, &product, &query.0, now)
    };
    Ok(json(&app.store.read(read).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_delivery_figures))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/products/{id}/delivery").get(get_delivery_figures));
}
