//! `/v1/incidents/{id}/timeline` and `/v1/incidents/{id}/links`.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::incident_path::IncidentPath;
use crate::domain::base::{Id, Page};
use crate::domain::operations::link::{IncidentLink, NewIncidentLink};
use crate::domain::operations::timeline::{NewTimelineEntry, TimelineEntry, TimelineQuery};
use crate::http::base::extract::{Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::operations::{entries, incident_links, incidents};
use crate::store::{Conn, Tx};
use crate::usecase::operations::{incident_links as links, timeline};

/// Read the timeline of an incident, in the order in which things happened
///
/// `entered_at` stands beside `happened_at`; an entry that was made more than 5 minutes afterwards is `late`.
/// Alerts, states, hand-offs, deployments of the product, linked feedback and calls are entries by themselves.
#[utoipa::path(get, path = "/v1/incidents/{id}/timeline", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), TimelineQuery),
    responses((status = 200, body = Page<TimelineEntry>)))]
pub async fn list_timeline(
    app: AppData,
    request: HttpRequest,
    path: IncidentPath,
    query: Query<TimelineQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut Conn| {
        let incident = incidents::lasting(conn, path.0)?;
        entries::list(conn, &incident, query.0.kind, &paging)
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Add an entry to the timeline of an incident
///
/// `happened_at` may be earlier, but not in the future. A diagnosis with `confirmed` is the cause: the first one ends the
/// time to diagnose. The event has no text.
#[utoipa::path(post, path = "/v1/incidents/{id}/timeline", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = NewTimelineEntry, responses((status = 201, body = TimelineEntry, headers(("Location" = String)))))]
pub async fn create_timeline_entry(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let add = move |tx: &mut Tx<'_>, input: &NewTimelineEntry| {
        let entry = timeline::write(tx, path.0, input)?;
        Ok(Reply::created(format!("/v1/incidents/{}/timeline", path.0), &entry))
    };
    write.run(&app, add).await
}

/// List the links of an incident, oldest first
#[utoipa::path(get, path = "/v1/incidents/{id}/links", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Page<IncidentLink>)))]
pub async fn list_incident_links(app: AppData, path: IncidentPath) -> Answer {
    let read = move |conn: &mut Conn| {
        let incident = incidents::lasting(conn, path.0)?;
        incident_links::of(conn, incident.id)
    };
    Ok(json(&Page { data: app.store.read(read).await?, next_cursor: None }))
}

/// Link an incident to a story, a theme, a feedback, a customer or a deployment
///
/// A deployment or a story may be its cause (`caused_by`) or its fix (`fixed_by`); everything else is `about`. A link
/// that a member makes is confirmed: a confirmed cause ends the time to diagnose. A new incident is linked by itself to
/// the deployment to customers within a day before it (`inferred`), which a member may confirm.
#[utoipa::path(post, path = "/v1/incidents/{id}/links", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = NewIncidentLink, responses((status = 201, body = IncidentLink, headers(("Location" = String)))))]
pub async fn link_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let add = move |tx: &mut Tx<'_>, input: &NewIncidentLink| {
        let link = links::add(tx, path.0, input)?;
        Ok(Reply::created(format!("/v1/incidents/{}/links", path.0), &link))
    };
    write.run(&app, add).await
}

/// Confirm an inferred link of an incident
#[utoipa::path(post, path = "/v1/incidents/{id}/links/{link_id}/confirm", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("link_id" = Id, Path)),
    responses((status = 200, body = IncidentLink)))]
pub async fn confirm_incident_link(app: AppData, request: HttpRequest, path: IncidentPath, write: Write) -> Answer {
    let id: Id = segment(&request, "link_id")?;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&links::confirm(tx, path.0, id)?))).await
}

/// Remove a link of an incident
#[utoipa::path(delete, path = "/v1/incidents/{id}/links/{link_id}", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("link_id" = Id, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn unlink_incident(app: AppData, request: HttpRequest, path: IncidentPath, write: Write) -> Answer {
    let id: Id = segment(&request, "link_id")?;
    app.store.write(write.caller.actor(), move |tx| links::remove(tx, path.0, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_timeline,
    create_timeline_entry,
    list_incident_links,
    link_incident,
    confirm_incident_link,
    unlink_incident
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/incidents/{id}/timeline").get(list_timeline).post(create_timeline_entry))
        .service(at("/v1/incidents/{id}/links").get(list_incident_links).post(link_incident))
        .service(at("/v1/incidents/{id}/links/{link_id}").delete(unlink_incident))
        .service(at("/v1/incidents/{id}/links/{link_id}/confirm").post(confirm_incident_link));
}
