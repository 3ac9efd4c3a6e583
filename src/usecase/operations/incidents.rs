//! Incidents: opening and merging them, and calling members to them.

use serde_json::json;

use super::ownership::owner_at;
use super::{hand_offs, incident_links as causes, states};
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::operations::incident::{
    Incident, IncidentMerge, IncidentNumber, IncidentSource, IncidentState, NewIncident, Swarm, tidy_services,
};
use crate::domain::operations::link::IncidentLink;
use crate::domain::operations::timeline::{EntryKind, Happening, TimelineEntry};
use crate::domain::team::Product;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::operations::{alerts, entries, incident_links, incidents, tellings};
use crate::store::team::members;
use crate::usecase::releases::planning::product_of;
use crate::usecase::team::access;

/// An incident to open, by a person or a hook.
#[derive(Clone, Debug)]
pub(in crate::usecase) struct Opening {
    pub title: String,
    pub summary: Option<String>,
    pub severity: i32,
    pub services: Vec<String>,
    pub source: IncidentSource,
    pub join_key: Option<String>,
    pub recurrence_of: Option<Id>,
    pub detected_at: Time,
}

/// Opens an incident that a person reports.
///
/// # Errors
/// 409 where nobody can own it, 422 for an unknown product or a time in the future.
pub fn open(tx: &mut Tx<'_>, input: &NewIncident) -> Result<Incident> {
    let product = product_of(tx.conn, input.product.as_deref())?;
    let detected_at = input.detected_at.unwrap_or(tx.now);
    if detected_at > tx.now {
        return Err(Error::field("/detected_at", "future", "must not be in the future"));
    }
    let opening = Opening {
        title: input.title.trim().to_owned(),
        summary: input.summary.clone(),
        severity: input.severity,
        services: tidy_services(&input.services),
        source: IncidentSource::Person,
        join_key: None,
        recurrence_of: None,
        detected_at,
    };
    // A person has to invite an admin first; sending it again does not help, as it does for a sender of alerts.
    begin(tx, &product, opening, None).map_err(|error| match error.code {
        Code::Unavailable => Error::new(Code::Conflict, error.detail),
        _ => error,
    })
}

/// Opens an incident. Its owner is found in the same transaction. `caused_by` is the revision of the deployment that a
/// sender names as the cause.
///
/// # Errors
/// 503 where nobody can own it.
pub(in crate::usecase) fn begin(
    tx: &mut Tx<'_>,
    product: &Product,
    opening: Opening,
    caused_by: Option<&str>,
) -> Result<Incident> {
    let (owner_id, ownership) = owner_at(tx.conn, product, tx.now)?;
    let number = incidents::next_number(tx, product.id)?;
    let incident = Incident {
        id: Id::next(),
        number: IncidentNumber { key: product.key.clone(), number }.to_string(),
        product_id: product.id,
        title: opening.title,
        summary: opening.summary,
        severity: opening.severity,
        state: IncidentState::Open,
        owner_id,
        owner_because: ownership.sentence(Language::English),
        ownership,
        services: opening.services,
        source: opening.source,
        join_key: opening.join_key,
        recurrence_of: opening.recurrence_of,
        merged_into: None,
        flaps: 0,
        alert_count: 0,
        detected_at: opening.detected_at,
        opened_at: tx.now,
        acknowledged_at: None,
        acknowledged_by: None,
        diagnosed_at: None,
        mitigated_at: None,
        resolved_at: None,
        created_by: tx.actor.id,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    incidents::insert(tx, &incident, number)?;
    let data = json!({
        "severity": incident.severity, "source": incident.source, "owner_id": incident.owner_id,
        "because": incident.ownership.key, "recurrence_of": incident.recurrence_of,
    });
    tx.event("incident.opened", incident.id, Some(product.id), data);
    let data = json!({ "to": incident.state, "severity": incident.severity });
    let opened = Happening { kind: EntryKind::Status, happened_at: tx.now, text: None, data };
    entries::insert(tx, incident.id, &opened)?;
    causes::link_cause(tx, &incident, caused_by)?;
    Ok(incident)
}

/// Merges an incident into another of the same product. Its alerts, timeline and links go along. Its number stays, and
/// leads to the other; alerts with its key join the other.
///
/// # Errors
/// 404, 409 where either was merged already, 412, 422 where the other is unknown, of another product, or the same.
pub fn merge(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &IncidentMerge) -> Result<Incident> {
    let unknown = |detail: &str| Error::field("/into", "unknown", detail.to_owned());
    let into = match (input.into.parse::<Id>(), input.into.parse::<IncidentNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => incidents::numbered(tx.conn, &number)?,
        _ => None,
    };
    let into = into.ok_or_else(|| unknown("is not the id or number of an incident"))?;
    if into == id {
        return Err(unknown("is the incident itself"));
    }
    // Both are locked in the order of their ids, so that two merges never wait for each other.
    incidents::lock(tx, id.min(into))
        .map_err(|e| if e.code == Code::NotFound && into < id { unknown("is not the id of an incident") } else { e })?;
    let from = states::held(tx, id, if_match)?;
    let target = match states::held(tx, into, None) {
        Err(e) if e.code == Code::NotFound => return Err(unknown("is not the id of an incident")),
        found => found?,
    };
    if from.product_id != target.product_id {
        return Err(unknown("is an incident of another product"));
    }
    hand_offs::end_open(tx, &from)?;
    alerts::move_to(tx, id, into)?;
    entries::move_to(tx, id, into)?;
    tellings::move_to_incident(tx, id, into)?;
    for link in incident_links::of(tx.conn, id)? {
        incident_links::insert(tx, &IncidentLink { id: Id::next(), incident_id: into, ..link })?;
    }
    let services = tidy_services(&[target.services.clone(), from.services.clone()].concat());
    let target = states::save(
        tx,
        Incident {
            severity: target.severity.min(from.severity),
            services,
            detected_at: target.detected_at.min(from.detected_at),
            alert_count: target.alert_count + from.alert_count,
            ..target
        },
    )?;
    let merged = states::save(
        tx,
        Incident { state: IncidentState::Resolved, resolved_at: Some(tx.now), merged_into: Some(into), ..from },
    )?;
    let data = json!({ "merged": merged.id });
    entries::insert(tx, into, &Happening { kind: EntryKind::Status, happened_at: tx.now, text: None, data })?;
    tx.event("incident.merged", merged.id, Some(merged.product_id), json!({ "into_id": into }));
    Ok(target)
}

/// Calls several members to an incident at once. Each gets a mail.
///
/// # Errors
/// 404, 409 where it was merged, 422 with every member who is not active or may not see the product.
pub fn swarm(tx: &mut Tx<'_>, id: Id, input: &Swarm) -> Result<TimelineEntry> {
    let incident = states::held(tx, id, None)?;
    let mut wrong = Vec::new();
    let mut called: Vec<Id> = Vec::new();
    for (n, member) in input.member_ids.iter().enumerate() {
        let readers = access::readers(tx.conn, Some(incident.product_id), vec![*member], "get_incident")?;
        if members::find_active(tx.conn, *member)?.is_none() || readers.is_empty() {
            let detail = "is not the id of an active member who may read this incident";
            wrong.push(FieldError::new(format!("/member_ids/{n}"), "unknown", detail));
        } else if !called.contains(member) {
            called.push(*member);
        }
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let text = input.text.as_deref().map(str::trim).map(str::to_owned);
    let data = json!({ "member_ids": called });
    let entry = entries::insert(tx, id, &Happening { kind: EntryKind::Swarm, happened_at: tx.now, text, data })?;
    let data = json!({ "entry_id": entry, "member_ids": called });
    tx.event("incident.swarm_called", id, Some(incident.product_id), data);
    entries::get(tx.conn, &incident, entry)
}
