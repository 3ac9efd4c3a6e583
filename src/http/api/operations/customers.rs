//! `/v1/incidents/{id}/customers` and `/v1/incidents/proposals`.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::incident_path::IncidentPath;
use crate::domain::base::{Id, Page};
use crate::domain::operations::burst::{AcceptProposal, IncidentProposal, IncidentProposalQuery};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::telling::{AffectedCustomer, AffectedQuery, NewTelling, Telling, TellingNews, Tellings};
use crate::http::base::extract::{Path, Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::operations::proposals as stored_proposals;
use crate::usecase::operations::proposals;
use crate::usecase::operations::telling::{answers, sending};

/// List the customers whom an incident affects
///
/// Those whose feedback is linked to it, those who complained in a linked theme from a day before it was detected, and
/// linked customers. This is the preview of telling them: `channel` says how each would be told, `tellings` what they
/// were told.
#[utoipa::path(get, path = "/v1/incidents/{id}/customers", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), AffectedQuery),
    responses((status = 200, body = Page<AffectedCustomer>)))]
pub async fn list_affected_customers(
    app: AppData,
    request: HttpRequest,
    path: IncidentPath,
    query: Query<AffectedQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| sending::page(conn, path.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Tell customers of an incident
///
/// At its start, and at its end. Only a member may, only customers who complained are told, and nobody twice for the same
/// phase. Mails and requests to support desks (`incident.tell`) wait for the product's `recall_minutes`. Who can't be told
/// so, or wants no mail, is a to-do of the team.
#[utoipa::path(post, path = "/v1/incidents/{id}/customers", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = NewTelling, responses((status = 200, body = Tellings)))]
pub async fn tell_affected_customers(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let tell = move |tx: &mut Tx<'_>, input: &NewTelling| Ok(Reply::ok(&sending::tell(tx, path.0, input)?));
    write.run(&app, tell).await
}

/// Record that a customer was told of an incident, and whether it is over for them
///
/// Where it is not over, what they say (`because`) is filed as their feedback and linked to the incident.
#[utoipa::path(post, path = "/v1/incidents/{id}/customers/{customer_id}/told", tag = "operations",
    params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1"), ("customer_id" = Id, Path)),
    request_body = TellingNews, responses((status = 200, body = Telling)))]
pub async fn record_affected_customer(app: AppData, request: HttpRequest, path: IncidentPath, write: Write) -> Answer {
    let customer: Id = segment(&request, "customer_id")?;
    let record =
        move |tx: &mut Tx<'_>, input: &TellingNews| Ok(Reply::ok(&answers::heard(tx, path.0, customer, input)?));
    write.run(&app, record).await
}

/// List incidents that bursts of feedback propose, newest first
///
/// An incident is proposed where a theme gets so much feedback in 7 days that its 8 weeks before explain it with a
/// probability below 0.00001, from at least 5 customers. What one customer says counts once, and imports don't count.
#[utoipa::path(get, path = "/v1/incidents/proposals", tag = "operations", params(IncidentProposalQuery),
    responses((status = 200, body = Page<IncidentProposal>)))]
pub async fn list_incident_proposals(
    app: AppData,
    request: HttpRequest,
    query: Query<IncidentProposalQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored_proposals::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Accept a proposed incident: it is opened, and linked to its theme
#[utoipa::path(post, path = "/v1/incidents/proposals/{id}/accept", tag = "operations", params(("id" = Id, Path)),
    request_body = Option<AcceptProposal>,
    responses((status = 201, body = Incident, headers(("Location" = String), ("ETag" = String)))))]
pub async fn accept_incident_proposal(app: AppData, path: Path, write: Write) -> Answer {
    let accept = move |tx: &mut Tx<'_>, input: &AcceptProposal| {
        let incident = proposals::accept(tx, path.0, input)?;
        Ok(Reply::created(format!("/v1/incidents/{}", incident.id), &incident))
    };
    write.run(&app, accept).await
}

/// Reject a proposed incident: its theme is not proposed again for four weeks
#[utoipa::path(post, path = "/v1/incidents/proposals/{id}/reject", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = IncidentProposal)))]
pub async fn reject_incident_proposal(app: AppData, path: Path, write: Write) -> Answer {
    write.run_raw(&app, move |tx| Ok(Reply::ok(&proposals::reject(tx, path.0)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_affected_customers,
    tell_affected_customers,
    record_affected_customer,
    list_incident_proposals,
    accept_incident_proposal,
    reject_incident_proposal
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes).before_ids());

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/incidents/proposals").get(list_incident_proposals))
        .service(at("/v1/incidents/proposals/{id}/accept").post(accept_incident_proposal))
        .service(at("/v1/incidents/proposals/{id}/reject").post(reject_incident_proposal))
        .service(at("/v1/incidents/{id}/customers").get(list_affected_customers).post(tell_affected_customers))
        .service(at("/v1/incidents/{id}/customers/{customer_id}/told").post(record_affected_customer));
}
