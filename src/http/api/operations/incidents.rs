//! `/v1/incidents`: opening and reading incidents.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::incident_path::IncidentPath;
use crate::domain::base::Page;
use crate::domain::operations::alert::{Alert, AlertQuery};
use crate::domain::operations::incident::{Incident, IncidentEdit, IncidentQuery, NewIncident};
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::operations::{alerts, incidents as stored_incidents};
use crate::store::{Conn, Tx};
use crate::usecase::operations::{incidents, states};

/// List incidents, newest first
#[utoipa::path(get, path = "/v1/incidents", tag = "operations", params(IncidentQuery),
    responses((status = 200, body = Page<Incident>)))]
pub async fn list_incidents(app: AppData, request: HttpRequest, query: Query<IncidentQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored_incidents::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Open an incident
///
/// It has exactly one owner at once: `owner_because` says why this member. Without anybody who can own it (there is no
/// active admin), the answer is 503 and nothing is opened.
#[utoipa::path(post, path = "/v1/incidents", tag = "operations", request_body = NewIncident, responses(
    (status = 201, body = Incident, headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_incident(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewIncident| {
        let incident = incidents::open(tx, input)?;
        Ok(Reply::created(format!("/v1/incidents/{}", incident.id), &incident))
    };
    write.run(&app, create).await
}

/// Read an incident
#[utoipa::path(get, path = "/v1/incidents/{id}", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn get_incident(app: AppData, path: IncidentPath) -> Answer {
    let found = app.store.read(move |conn| stored_incidents::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change an incident
///
/// A merge patch. Its states and its owner change by acts of their own.
#[utoipa::path(patch, path = "/v1/incidents/{id}", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body(content = IncidentEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn edit_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&states::edit(tx, path.0, if_match, &patch)?))).await
}

/// List the alerts of an incident, newest first
///
/// At most 200 alerts of an incident are kept; `alert_count` of the incident counts all.
#[utoipa::path(get, path = "/v1/incidents/{id}/alerts", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), AlertQuery),
    responses((status = 200, body = Page<Alert>)))]
pub async fn list_incident_alerts(
    app: AppData,
    request: HttpRequest,
    path: IncidentPath,
    query: Query<AlertQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut Conn| {
        let incident = stored_incidents::lasting(conn, path.0)?;
        alerts::list(conn, incident.id, &paging)
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_incidents, create_incident, get_incident, edit_incident, list_incident_alerts))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/incidents").get(list_incidents).post(create_incident))
        .service(at("/v1/incidents/{id}").get(get_incident).patch(edit_incident))
        .service(at("/v1/incidents/{id}/alerts").get(list_incident_alerts));
}
