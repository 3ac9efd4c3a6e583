//! The states of an incident: open, acknowledged, mitigated, resolved.

use serde_json::{Value, json};

use super::hand_offs;
use crate::domain::base::{Id, Time, check_version, decode};
use crate::domain::operations::incident::{Incident, IncidentEdit, IncidentState, tidy_services};
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::operations::{entries, incidents};

/// An incident, locked until the commit, that was not merged into another one.
///
/// # Errors
/// 404, 409 where it was merged, 412.
pub(in crate::usecase) fn held(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Incident> {
    let incident = incidents::lock(tx, id)?;
    check_version(if_match, incident.version)?;
    match incident.merged_into {
        Some(into) => {
            let into = incidents::get(tx.conn, into)?.number;
            Err(Error::new(Code::Conflict, format!("This incident was merged into {into}: use that one.")))
        }
        None => Ok(incident),
    }
}

/// Writes a changed incident. A person's change is a new version.
pub(in crate::usecase) fn save(tx: &mut Tx<'_>, incident: Incident) -> Result<Incident> {
    let version = incident.version + i32::from(tx.actor.is_person());
    let incident = Incident { version, updated_at: tx.now, ..incident };
    incidents::update(tx, &incident)?;
    Ok(incident)
}

fn note(tx: &mut Tx<'_>, incident: &Incident, kind: EntryKind, data: Value) -> Result<()> {
    entries::insert(tx, incident.id, &Happening { kind, happened_at: tx.now, text: None, data }).map(drop)
}

fn refused<T>(incident: &Incident, why: &str) -> Result<T> {
    Err(Error::new(Code::Conflict, format!("{} is `{}`: {why}", incident.number, incident.state)))
}

/// Acknowledges an incident: somebody has seen it, and works on it. Escalation ends. Acknowledging again changes
/// nothing.
///
/// # Errors
/// 404, 409 where it is mitigated or resolved, 412.
pub fn acknowledge(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Incident> {
    let incident = held(tx, id, if_match)?;
    match incident.state {
        IncidentState::Open => acknowledged(tx, incident),
        IncidentState::Acknowledged => Ok(incident),
        _ => refused(&incident, "only an open incident can be acknowledged. Reopen it first."),
    }
}

/// Marks an open incident as acknowledged.
pub(in crate::usecase) fn acknowledged(tx: &mut Tx<'_>, incident: Incident) -> Result<Incident> {
    let by = tx.actor.id.filter(|_| tx.actor.kind == "member");
    let from = incident.state;
    let incident = save(
        tx,
        Incident {
            state: IncidentState::Acknowledged,
            // The first acknowledgement counts for the time to own.
            acknowledged_at: incident.acknowledged_at.or(Some(tx.now)),
            acknowledged_by: by.or(incident.acknowledged_by),
            ..incident
        },
    )?;
    note(tx, &incident, EntryKind::Ack, json!({ "member_id": by }))?;
    tx.event("incident.acknowledged", incident.id, Some(incident.product_id), json!({ "member_id": by, "from": from }));
    Ok(incident)
}

/// Mitigates an incident: customers are no longer affected. Mitigating again changes nothing.
///
/// # Errors
/// 404, 409 where it is resolved, 412.
pub fn mitigate(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Incident> {
    let incident = held(tx, id, if_match)?;
    match incident.state {
        IncidentState::Open | IncidentState::Acknowledged => mitigated(tx, incident),
        IncidentState::Mitigated => Ok(incident),
        IncidentState::Resolved => refused(&incident, "it is over."),
    }
}

/// Marks an active incident as mitigated, by a person or because its alerts are over.
pub(in crate::usecase) fn mitigated(tx: &mut Tx<'_>, incident: Incident) -> Result<Incident> {
    // A service that may not resolve anything is automation too.
    let (from, automatic) = (incident.state, !matches!(tx.actor.kind, "member" | "command"));
    let incident = save(tx, Incident { state: IncidentState::Mitigated, mitigated_at: Some(tx.now), ..incident })?;
    note(tx, &incident, EntryKind::Status, json!({ "from": from, "to": incident.state, "automatic": automatic }))?;
    let data = json!({ "from": from, "automatic": automatic });
    tx.event("incident.mitigated", incident.id, Some(incident.product_id), data);
    Ok(incident)
}

/// Resolves an incident. Only a person may: automation mitigates.
///
/// # Errors
/// 403 for services, 404, 409 where it is resolved, 412.
pub fn resolve(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Incident> {
    if !matches!(tx.actor.kind, "member" | "command") {
        let detail = "Only a person resolves an incident: use the token of a member. A service may mitigate it.";
        return Err(Error::new(Code::Forbidden, detail));
    }
    let incident = held(tx, id, if_match)?;
    if incident.state == IncidentState::Resolved {
        return refused(&incident, "it is over.");
    }
    hand_offs::end_open(tx, &incident)?;
    let from = incident.state;
    let incident = save(
        tx,
        Incident {
            state: IncidentState::Resolved,
            mitigated_at: incident.mitigated_at.or(Some(tx.now)),
            resolved_at: Some(tx.now),
            ..incident
        },
    )?;
    note(tx, &incident, EntryKind::Status, json!({ "from": from, "to": incident.state }))?;
    tx.event("incident.resolved", incident.id, Some(incident.product_id), json!({ "from": from }));
    Ok(incident)
}

/// Opens a mitigated or resolved incident again.
///
/// # Errors
/// 404, 409 where it is open, or where a newer incident of the same alerts is open; 412.
pub fn reopen(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Incident> {
    let incident = held(tx, id, if_match)?;
    if incident.is_active() {
        return refused(&incident, "it is open already.");
    }
    if let Some(key) = &incident.join_key
        && let Some(newer) = incidents::of_key(tx.conn, incident.product_id, incident.source, key)?
        && newer.id != incident.id
        && newer.is_active()
    {
        return refused(&incident, &format!("its alerts belong to {} now, which is open.", newer.number));
    }
    reopened(tx, incident, false)
}

/// Opens an incident again; `flap`: because its alerts came back within the settling time. Who acknowledged it stays on
/// it, so nobody is paged twice.
pub(in crate::usecase) fn reopened(tx: &mut Tx<'_>, incident: Incident, flap: bool) -> Result<Incident> {
    let from = incident.state;
    let state = if incident.acknowledged_at.is_some() { IncidentState::Acknowledged } else { IncidentState::Open };
    let flaps = incident.flaps + i32::from(flap);
    let incident = save(tx, Incident { state, flaps, mitigated_at: None, resolved_at: None, ..incident })?;
    note(tx, &incident, EntryKind::Status, json!({ "from": from, "to": state, "flap": flap }))?;
    let data = json!({ "from": from, "to": state, "flap": flap });
    tx.event("incident.reopened", incident.id, Some(incident.product_id), data);
    Ok(incident)
}

/// Notes that a cause was confirmed at this time; the first one counts.
pub(in crate::usecase) fn diagnosed(
    tx: &mut Tx<'_>,
    incident: Incident,
    at: Time,
    link: Option<Id>,
) -> Result<Incident> {
    if incident.diagnosed_at.is_some_and(|known| known <= at) {
        return Ok(incident);
    }
    let is_first = incident.diagnosed_at.is_none();
    let incident = save(tx, Incident { diagnosed_at: Some(at), ..incident })?;
    if is_first {
        tx.event("incident.diagnosed", incident.id, Some(incident.product_id), json!({ "link_id": link }));
    }
    Ok(incident)
}

/// Changes an incident by a merge patch.
///
/// # Errors
/// 404, 409 where it was merged, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Incident> {
    let current = held(tx, id, if_match)?;
    let before = IncidentEdit::from(&current);
    let edit: IncidentEdit = decode::patched(&before, patch)?;
    let services = tidy_services(&edit.services);
    let edit = IncidentEdit { title: edit.title.trim().to_owned(), services, ..edit };
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let severity = (current.severity, edit.severity);
    let IncidentEdit { title, summary, severity: level, services } = edit;
    let incident = save(tx, Incident { title, summary, severity: level, services, ..current })?;
    let mut data = json!({ "fields": fields });
    if severity.0 != severity.1 {
        data["severity"] = json!({ "from": severity.0, "to": severity.1 });
        note(tx, &incident, EntryKind::Status, json!({ "severity": data["severity"] }))?;
    }
    tx.event("incident.updated", id, Some(incident.product_id), data);
    Ok(incident)
}
