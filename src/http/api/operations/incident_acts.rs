//! `/v1/incidents/{id}/...`: the states of an incident, merging, and calling members.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::incident_path::IncidentPath;
use crate::domain::base::Id;
use crate::domain::operations::incident::{Incident, IncidentMerge, Swarm};
use crate::domain::operations::timeline::TimelineEntry;
use crate::error::Result;
use crate::http::base::reply::{Answer, AppData, Reply, Write};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::operations::{incidents, states};

/// Acknowledge an incident
///
/// Somebody has seen it and works on it; escalation ends. The first acknowledgement ends the time to own. Acknowledging
/// again changes nothing.
#[utoipa::path(post, path = "/v1/incidents/{id}/acknowledge", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn acknowledge_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    act(app, path, write, states::acknowledge).await
}

/// Mitigate an incident
///
/// Customers are no longer affected. Mitigating again changes nothing.
#[utoipa::path(post, path = "/v1/incidents/{id}/mitigate", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn mitigate_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    act(app, path, write, states::mitigate).await
}

/// Resolve an incident
///
/// Only a person may: the token of a service gets 403. An open offer to hand it over is withdrawn.
#[utoipa::path(post, path = "/v1/incidents/{id}/resolve", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn resolve_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    act(app, path, write, states::resolve).await
}

/// Open a mitigated or resolved incident again
///
/// Who acknowledged it stays on it.
#[utoipa::path(post, path = "/v1/incidents/{id}/reopen", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn reopen_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    act(app, path, write, states::reopen).await
}

type StateAct = fn(&mut Tx<'_>, Id, Option<i32>) -> Result<Incident>;

async fn act(app: AppData, path: IncidentPath, write: Write, act: StateAct) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&act(tx, path.0, if_match)?))).await
}

/// Merge an incident into another one
///
/// Its alerts, timeline and links go along, and the answer is the incident that remains. The merged one is resolved; its
/// number and its address keep working and name the other in `merged_into`. Alerts with its key join the other.
#[utoipa::path(post, path = "/v1/incidents/{id}/merge", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = IncidentMerge, responses((status = 200, body = Incident, headers(("ETag" = String)))))]
pub async fn merge_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let if_match = write.if_match;
    let merge =
        move |tx: &mut Tx<'_>, input: &IncidentMerge| Ok(Reply::ok(&incidents::merge(tx, path.0, if_match, input)?));
    write.run(&app, merge).await
}

/// Call several members to an incident at once
///
/// Each of them gets a mail, and the call is an entry of the timeline.
#[utoipa::path(post, path = "/v1/incidents/{id}/swarm", tag = "operations", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = Swarm, responses((status = 200, body = TimelineEntry)))]
pub async fn swarm_incident(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let swarm = move |tx: &mut Tx<'_>, input: &Swarm| Ok(Reply::ok(&incidents::swarm(tx, path.0, input)?));
    write.run(&app, swarm).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    acknowledge_incident,
    mitigate_incident,
    resolve_incident,
    reopen_incident,
    merge_incident,
    swarm_incident
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/incidents/{id}/acknowledge").post(acknowledge_incident))
        .service(at("/v1/incidents/{id}/mitigate").post(mitigate_incident))
        .service(at("/v1/incidents/{id}/resolve").post(resolve_incident))
        .service(at("/v1/incidents/{id}/reopen").post(reopen_incident))
        .service(at("/v1/incidents/{id}/merge").post(merge_incident))
        .service(at("/v1/incidents/{id}/swarm").post(swarm_incident));
}
