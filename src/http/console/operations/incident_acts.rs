//! What people do with an incident: acknowledge it, hand it over, say what they found, mitigate and resolve it.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::json;

use super::incident::page;
use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::operations::hand_off::{HandOffState, NewHandOff};
use crate::domain::operations::incident::{Incident, Swarm};
use crate::domain::operations::timeline::NewTimelineEntry;
use crate::domain::team::Role;
use crate::error::{Error, Result};
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::usecase::operations::hand_offs::{self, OfferEnd};
use crate::usecase::operations::{incidents, states, timeline};

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// The incident again with the message of the act; or with why it was refused.
async fn after(app: &App, request: &HttpRequest, visit: Visit, id: Id, form: Form, acted: Result<Flash>) -> Shown {
    match acted {
        Ok(flash) => Ok(done(request, &format!("/console/incidents/{id}"), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// An act that leads to another state.
type StateAct = fn(&mut Tx<'_>, Id, Option<i32>) -> Result<Incident>;

async fn state(
    app: AppData,
    request: HttpRequest,
    visit: Visit,
    id: Id,
    body: Payload,
    act: (StateAct, Flash),
) -> Shown {
    let form = Form::read(&request, body).await?;
    let acted = visit.write(&app, move |tx| (act.0)(tx, id, None)).await;
    after(&app, &request, visit, id, form, acted.map(|_| act.1)).await
}

async fn acknowledge(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    state(app, request, visit, path.0, body, (states::acknowledge, Flash::IncidentAcknowledged)).await
}

async fn mitigate(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    state(app, request, visit, path.0, body, (states::mitigate, Flash::IncidentMitigated)).await
}

async fn reopen(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    state(app, request, visit, path.0, body, (states::reopen, Flash::IncidentReopened)).await
}

async fn resolve(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let sure = form.get("sure") == "yes";
    let acted = match sure {
        true => visit.write(&app, move |tx| states::resolve(tx, id, None)).await,
        false => Err(Error::field("/sure", "required", "must be ticked")),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::IncidentResolved)).await
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let services = form.get("services").split([',', '\n']).map(str::trim).filter(|name| !name.is_empty());
    let patch = json!({
        "title": form.trimmed("title"), "summary": form.given("summary"),
        "severity": form.trimmed("severity").parse::<i32>().unwrap_or_default(),
        "services": services.collect::<Vec<_>>(),
    });
    let if_match = version(&form);
    let acted = visit.write(&app, move |tx| states::edit(tx, id, if_match, &patch)).await;
    after(&app, &request, visit, id, form, acted.map(|_| Flash::Saved)).await
}

async fn offer(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut input = json!({ "member_id": form.trimmed("member_id"), "reason": form.trimmed("reason") });
    if let Some(text) = form.given("text") {
        input["text"] = json!(text);
    }
    let acted = match decode::<NewHandOff>(input) {
        Ok(input) => visit.write(&app, move |tx| hand_offs::offer(tx, id, None, &input)).await,
        Err(error) => Err(error.into()),
    };
    let flash = acted.map(|offer| match offer.state {
        HandOffState::Accepted => Flash::HandOffAccepted,
        _ => Flash::HandOffOffered,
    });
    after(&app, &request, visit, id, form, flash).await
}

async fn end_offer(
    app: AppData,
    request: HttpRequest,
    visit: Visit,
    id: Id,
    body: Payload,
    end: (OfferEnd, Flash),
) -> Shown {
    let form = Form::read(&request, body).await?;
    let is_admin = visit.caller.role == Role::Admin;
    let offer = form.get("offer").parse::<Id>().map_err(|_| Error::field("/offer", "format", "is not an id"));
    let acted = match offer {
        Ok(offer) => visit.write(&app, move |tx| hand_offs::end(tx, id, offer, end.0, is_admin)).await,
        Err(error) => Err(error),
    };
    after(&app, &request, visit, id, form, acted.map(|_| end.1)).await
}

async fn accept(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    end_offer(app, request, visit, path.0, body, (OfferEnd::Accept, Flash::HandOffAccepted)).await
}

async fn decline(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    end_offer(app, request, visit, path.0, body, (OfferEnd::Decline, Flash::HandOffDeclined)).await
}

async fn withdraw(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    end_offer(app, request, visit, path.0, body, (OfferEnd::Withdraw, Flash::HandOffWithdrawn)).await
}

async fn write(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let confirmed = form.get("kind") == "cause";
    let kind = if confirmed { "diagnosis" } else { form.given("kind").unwrap_or("note") };
    let input = json!({ "kind": kind, "text": form.get("text"), "confirmed": confirmed });
    let acted = match decode::<NewTimelineEntry>(input) {
        Ok(input) => visit.write(&app, move |tx| timeline::write(tx, id, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::EntryAdded)).await
}

async fn swarm(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut input = json!({ "member_ids": form.all("call") });
    if let Some(text) = form.given("call_text") {
        input["text"] = json!(text);
    }
    let acted = match decode::<Swarm>(input) {
        Ok(input) => visit.write(&app, move |tx| incidents::swarm(tx, id, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::SwarmCalled)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(
            page_at("/console/incidents/{id}/acknowledge", &[("POST", May("acknowledge_incident"))]).post(acknowledge),
        )
        .service(page_at("/console/incidents/{id}/mitigate", &[("POST", May("mitigate_incident"))]).post(mitigate))
        .service(page_at("/console/incidents/{id}/resolve", &[("POST", May("resolve_incident"))]).post(resolve))
        .service(page_at("/console/incidents/{id}/reopen", &[("POST", May("reopen_incident"))]).post(reopen))
        .service(page_at("/console/incidents/{id}/edit", &[("POST", May("edit_incident"))]).post(edit))
        .service(page_at("/console/incidents/{id}/offer", &[("POST", May("offer_hand_off"))]).post(offer))
        .service(page_at("/console/incidents/{id}/accept", &[("POST", May("accept_hand_off"))]).post(accept))
        .service(page_at("/console/incidents/{id}/decline", &[("POST", May("decline_hand_off"))]).post(decline))
        .service(page_at("/console/incidents/{id}/withdraw", &[("POST", May("withdraw_hand_off"))]).post(withdraw))
        .service(page_at("/console/incidents/{id}/swarm", &[("POST", May("swarm_incident"))]).post(swarm))
        .service(page_at("/console/incidents/{id}/entries", &[("POST", May("create_timeline_entry"))]).post(write));
}
