//! `/v1/releases/{id}/effect`, and `/v1/annotations` for dashboards of others.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::measures::annotation::{Annotation, AnnotationQuery};
use crate::domain::measures::effect::ReleaseEffect;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, json, page};
use crate::http::{Part, at};
use crate::usecase::measures::{annotations, effects};

/// Read the effect of a release
///
/// Compares whole weeks before and after the release (four at the most, two at the least), the day of the release left
/// out: feedback of its stories' themes, recurrences, and every metric of the product. Windows end at the neighbouring
/// release or incident (SEV1 or SEV2), which is named. `verdict` is `fell`, `rose` or `cannot_tell`, and never says that the release caused it.
///
/// Counts have an exact interval of their ratio, wider where days scatter more than chance does. Values have an interval
/// of the difference of their medians, by a bootstrap of blocks of seven days. `placebo` compares the change with those at
/// days of the last 180 without a release; where it disagrees with the interval, it decides. Not done: control series,
/// trends, priors, and rates by the number of customers.
#[utoipa::path(get, path = "/v1/releases/{id}/effect", tag = "releases", params(("id" = Id, Path)),
    responses((status = 200, body = ReleaseEffect)))]
pub async fn get_release_effect(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    let found = app.store.read(move |conn| effects::of_release(conn, path.0, now)).await?;
    Ok(json(&found))
}

/// List what happened, as annotations
///
/// Releases, deployments to customers and incidents in a period of at most 400 days, by time, for the JSON data sources of
/// dashboards (Grafana's for example). The first 1,000 are listed.
#[utoipa::path(get, path = "/v1/annotations", tag = "metrics", params(AnnotationQuery),
    responses((status = 200, body = Page<Annotation>)))]
pub async fn list_annotations(app: AppData, request: HttpRequest, query: Query<AnnotationQuery>) -> Answer {
    let now = app.store.clock.now();
    let found = app.store.read(move |conn| annotations::list(conn, &query.0, now)).await?;
    Ok(page(&request, &found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_release_effect, list_annotations))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/releases/{id}/effect").get(get_release_effect))
        .service(at("/v1/annotations").get(list_annotations));
}
