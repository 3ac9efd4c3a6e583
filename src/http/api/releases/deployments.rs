//! `/v1/deployments`: reporting and reading deployments.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::releases::{Deployment, DeploymentQuery, NewDeployment};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::releases::deployments as stored_deployments;
use crate::usecase::releases::deployments;

/// List deployments, newest first
#[utoipa::path(get, path = "/v1/deployments", tag = "releases", params(DeploymentQuery),
    responses((status = 200, body = Page<Deployment>)))]
pub async fn list_deployments(app: AppData, request: HttpRequest, query: Query<DeploymentQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored_deployments::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Report a deployment
///
/// A deployment to production with the state `succeeded` releases the stories of its release; `rolled_back` takes the
/// release back. `scheduled` takes effect at `deployed_at`. Without a body, the report means that the default product
/// was deployed to production. The same `external_id` again updates the deployment it names.
///
/// A deployment does not ship a release that nobody has shipped: it is recorded as `held: not_shipped`, and the release
/// waits until somebody ships it, unless the product's `unshipped_release` is `ship`. Stories that have not passed
/// testing, or that a closed gate stops, are not released.
#[utoipa::path(post, path = "/v1/deployments", tag = "releases", request_body = Option<NewDeployment>, responses(
    (status = 201, body = Deployment, description = "Recorded", headers(("Location" = String))),
    (status = 200, body = Deployment, description = "The deployment was known; its state is updated", headers(("Location" = String)))))]
pub async fn create_deployment(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewDeployment| {
        let (is_new, deployment) = deployments::record(tx, "api", input)?;
        let status = if is_new { 201 } else { 200 };
        Ok(Reply::new(status, &deployment).at(format!("/v1/deployments/{}", deployment.id)))
    };
    write.run(&app, create).await
}

/// Read a deployment
#[utoipa::path(get, path = "/v1/deployments/{id}", tag = "releases", params(("id" = Id, Path)),
    responses((status = 200, body = Deployment)))]
pub async fn get_deployment(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| stored_deployments::get(conn, path.0)).await?;
    Ok(json(&found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_deployments, create_deployment, get_deployment))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/deployments").get(list_deployments).post(create_deployment))
        .service(at("/v1/deployments/{id}").get(get_deployment));
}
