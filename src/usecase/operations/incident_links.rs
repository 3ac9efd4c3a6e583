//! Links of incidents: what caused an incident, what fixed it, and what it is about.

use serde_json::json;

use super::{states, timeline};
use crate::domain::base::{Id, Reference, Time};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::link::{
    IncidentLink, IncidentLinkKind, IncidentLinkOrigin, IncidentTarget, NewIncidentLink,
};
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::operations::incident_links;
use crate::store::releases::deployments;
use crate::store::{Tx, feedback, stories, themes};

/// A deployment this long before an incident may have caused it.
const MAY_CAUSE: i64 = Time::DAY;

/// Links an incident. A link that a person makes is confirmed. Linking again changes nothing, except that an inferred
/// link is confirmed.
///
/// # Errors
/// 404, 409 where the incident was merged, 422 where the target is unknown, or can't be a cause or a fix.
pub fn add(tx: &mut Tx<'_>, id: Id, input: &NewIncidentLink) -> Result<IncidentLink> {
    let incident = states::held(tx, id, None)?;
    let may_cause = matches!(input.target_kind, IncidentTarget::Deployment | IncidentTarget::Story);
    if input.kind != IncidentLinkKind::About && !may_cause {
        let detail = "only a deployment or a story causes or fixes an incident; link this one as `about`";
        return Err(Error::field("/kind", "not_allowed", detail));
    }
    let happened_at = target(tx, &incident, input.target_kind, input.target_id)?;
    if let Some(known) = incident_links::to(tx.conn, id, input.target_id, input.kind)? {
        return if known.how == IncidentLinkOrigin::Inferred { confirmed(tx, incident, known) } else { Ok(known) };
    }
    let by = tx.actor.id.filter(|_| tx.actor.kind == "member");
    let link = IncidentLink {
        id: Id::next(),
        incident_id: id,
        target_kind: input.target_kind,
        target_id: input.target_id,
        kind: input.kind,
        how: IncidentLinkOrigin::Explicit,
        confirmed_by: by,
        confirmed_at: by.map(|_| tx.now),
        created_by: tx.actor.id,
        created_at: tx.now,
    };
    make(tx, &incident, &link, happened_at)?;
    if link.kind == IncidentLinkKind::CausedBy && by.is_some() {
        states::diagnosed(tx, incident, tx.now, Some(link.id))?;
    }
    Ok(link)
}

/// Adds a link with its event. Feedback, causes and fixes are entries of the timeline.
fn make(tx: &mut Tx<'_>, incident: &Incident, link: &IncidentLink, happened_at: Time) -> Result<()> {
    if !incident_links::insert(tx, link)? {
        return Ok(());
    }
    let data = json!({
        "link_id": link.id, "target_kind": link.target_kind, "target_id": link.target_id, "kind": link.kind, "how": link.how,
    });
    tx.event("incident.linked", incident.id, Some(incident.product_id), data);
    let kind = match (link.target_kind, link.kind) {
        (IncidentTarget::Feedback, _) => EntryKind::Feedback,
        (_, IncidentLinkKind::CausedBy) => EntryKind::Diagnosis,
        (IncidentTarget::Deployment, _) => EntryKind::Deployment,
        _ => return Ok(()),
    };
    let data = json!({ "link_id": link.id, "target_id": link.target_id, "kind": link.kind, "how": link.how });
    timeline::add(tx, incident, &Happening { kind, happened_at, text: None, data }).map(drop)
}

/// When what a link leads to happened; it must be of the incident's product.
fn target(tx: &mut Tx<'_>, incident: &Incident, kind: IncidentTarget, id: Id) -> Result<Time> {
    let conn = &mut *tx.conn;
    let unknown =
        |what: &str| Error::invalid(vec![FieldError::new("/target_id", "unknown", format!("is not the id of {what}"))]);
    let (product, at) = match kind {
        IncidentTarget::Story => {
            let story = Reference::Story.found(stories::rows::get(conn, id), "/target_id")?;
            (Some(story.product_id), tx.now)
        }
        IncidentTarget::Theme => {
            let theme = Reference::Theme.found(themes::rows::row(conn, id), "/target_id")?;
            (Some(theme.product_id), tx.now)
        }
        IncidentTarget::Feedback => {
            let item = Reference::Feedback.found(feedback::rows::row(conn, id), "/target_id")?;
            (Some(item.product_id), item.occurred_at)
        }
        IncidentTarget::Customer => {
            Reference::Customer.found(feedback::customers::row(conn, id), "/target_id")?;
            (None, tx.now)
        }
        IncidentTarget::Deployment => match deployments::get(conn, id) {
            Ok(deployment) => (Some(deployment.product_id), deployment.deployed_at),
            Err(error) if error.code == Code::NotFound => return Err(unknown("a deployment")),
            Err(error) => return Err(error),
        },
    };
    match product {
        Some(product) if product != incident.product_id => Err(unknown("anything of the incident's product")),
        _ => Ok(at.min(tx.now)),
    }
}

/// Confirms an inferred link.
///
/// # Errors
/// 403 for services, 404, 409 where the incident was merged.
pub fn confirm(tx: &mut Tx<'_>, incident: Id, id: Id) -> Result<IncidentLink> {
    let incident = states::held(tx, incident, None)?;
    let link = incident_links::get(tx.conn, incident.id, id)?;
    confirmed(tx, incident, link)
}

fn confirmed(tx: &mut Tx<'_>, incident: Incident, link: IncidentLink) -> Result<IncidentLink> {
    let Some(by) = tx.actor.id.filter(|_| tx.actor.kind == "member") else {
        return Err(Error::new(Code::Forbidden, "Only a member confirms a link."));
    };
    if link.confirmed_by.is_some() {
        return Ok(link);
    }
    let link = IncidentLink { confirmed_by: Some(by), confirmed_at: Some(tx.now), ..link };
    incident_links::update(tx, &link)?;
    if link.kind == IncidentLinkKind::CausedBy {
        states::diagnosed(tx, incident, tx.now, Some(link.id))?;
    }
    Ok(link)
}

/// Removes a link.
///
/// # Errors
/// 404, 409 where the incident was merged.
pub fn remove(tx: &mut Tx<'_>, incident: Id, id: Id) -> Result<()> {
    let incident = states::held(tx, incident, None)?;
    let link = incident_links::get(tx.conn, incident.id, id)?;
    incident_links::delete(tx, id)?;
    let data =
        json!({ "link_id": id, "target_kind": link.target_kind, "target_id": link.target_id, "kind": link.kind });
    tx.event("incident.unlinked", incident.id, Some(incident.product_id), data);
    Ok(())
}

/// Links a new incident to the deployment that may have caused it: the one that the sender names, or else the latest to
/// customers within a day before it, which a person may confirm.
pub(in crate::usecase) fn link_cause(tx: &mut Tx<'_>, incident: &Incident, revision: Option<&str>) -> Result<()> {
    let named = match revision {
        Some(revision) => incident_links::deployment_of_revision(tx.conn, incident.product_id, revision)?,
        None => None,
    };
    let (found, how) = match named {
        Some(id) => (Some(id), IncidentLinkOrigin::Explicit),
        None => {
            let (since, until) = (incident.detected_at.plus(-MAY_CAUSE), incident.detected_at);
            let last = incident_links::last_deployment(tx.conn, incident.product_id, &incident.services, since, until)?;
            (last, IncidentLinkOrigin::Inferred)
        }
    };
    let Some(target_id) = found else { return Ok(()) };
    let link = IncidentLink {
        id: Id::next(),
        incident_id: incident.id,
        target_kind: IncidentTarget::Deployment,
        target_id,
        kind: IncidentLinkKind::CausedBy,
        how,
        confirmed_by: None,
        confirmed_at: None,
        created_by: tx.actor.id.filter(|_| how == IncidentLinkOrigin::Explicit),
        created_at: tx.now,
    };
    let happened_at = deployments::get(tx.conn, target_id)?.deployed_at;
    make(tx, incident, &link, happened_at)
}
