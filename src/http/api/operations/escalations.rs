//! The escalation policy of a product, and the pages of an incident.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::operations::escalation::{EscalationEdit, EscalationPolicy, IncidentPages};
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, resource};
use crate::http::{Part, at};
use crate::store::Conn;
use crate::store::operations::escalations as stored;
use crate::store::team::products;
use crate::usecase::operations::{escalations, paging};

/// Read who is paged for the incidents of a product
///
/// Until somebody changes it, the owner is paged at once, the next on the rota after 15 minutes, and the owner of the
/// product after 30, all of it up to three times.
#[utoipa::path(get, path = "/v1/products/{id}/escalation", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = EscalationPolicy, headers(("ETag" = String)))))]
pub async fn get_escalation(app: AppData, path: Path) -> Answer {
    let read = move |conn: &mut Conn| {
        let product = products::get(conn, path.0)?.id;
        stored::policy(conn, product)
    };
    Ok(resource(&app.store.read(read).await?))
}

/// Change who is paged for the incidents of a product
///
/// It counts at once, for open incidents too: a step that is due by the new policy and was not taken is taken now.
#[utoipa::path(patch, path = "/v1/products/{id}/escalation", tag = "operations", params(("id" = Id, Path)),
    request_body(content = EscalationEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = EscalationPolicy, headers(("ETag" = String)))))]
pub async fn edit_escalation(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&escalations::edit(tx, path.0, if_match, &patch)?))).await
}

/// Read who was paged for an incident, and who is next
///
/// A page is sent by mail, and as the event `incident.paged` to webhooks. Acknowledging the incident ends paging, until
/// the acknowledgement expires: at the end of the member's shift, or after the time that the product sets.
#[utoipa::path(get, path = "/v1/incidents/{id}/pages", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = IncidentPages)))]
pub async fn list_incident_pages(app: AppData, path: IncidentPath) -> Answer {
    let now = app.store.clock.now();
    let found = app.store.read(move |conn| paging::shown(conn, path.0, now)).await?;
    Ok(json(&found))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_escalation, edit_escalation, list_incident_pages))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products/{id}/escalation").get(get_escalation).patch(edit_escalation))
        .service(at("/v1/incidents/{id}/pages").get(list_incident_pages));
}
