//! The timeline of an incident.

use serde_json::json;

use super::states;
use crate::domain::base::{Id, Time};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::timeline::{
    EntryKind, Happening, LATE, NewTimelineEntry, TimelineEntry, WrittenEntryKind,
};
use crate::domain::releases::Deployment;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::operations::{entries, incidents};

/// Puts something that happened in the timeline of an incident, with its event; answers the id of the entry. The event
/// has no text.
pub(in crate::usecase) fn add(tx: &mut Tx<'_>, incident: &Incident, what: &Happening) -> Result<Id> {
    let id = entries::insert(tx, incident.id, what)?;
    let late = tx.now.0.saturating_sub(what.happened_at.0) > LATE;
    let data = json!({ "entry_id": id, "kind": what.kind, "late": late });
    tx.event("incident.entry_added", incident.id, Some(incident.product_id), data);
    Ok(id)
}

/// Writes an entry by hand.
///
/// # Errors
/// 404, 422 for a time in the future, or where something else than a diagnosis is confirmed.
pub fn write(tx: &mut Tx<'_>, id: Id, input: &NewTimelineEntry) -> Result<TimelineEntry> {
    let incident = states::held(tx, id, None)?;
    let happened_at = input.happened_at.unwrap_or(tx.now);
    if happened_at > tx.now {
        return Err(Error::field("/happened_at", "future", "must not be in the future"));
    }
    let is_diagnosis = input.kind == WrittenEntryKind::Diagnosis;
    if input.confirmed && !is_diagnosis {
        return Err(Error::field("/confirmed", "not_allowed", "only a diagnosis can be confirmed"));
    }
    let data = if is_diagnosis { json!({ "confirmed": input.confirmed }) } else { json!({}) };
    let text = Some(input.text.trim().to_owned());
    let entry = add(tx, &incident, &Happening { kind: input.kind.into(), happened_at, text, data })?;
    let incident = if input.confirmed { states::diagnosed(tx, incident, happened_at, None)? } else { incident };
    entries::get(tx.conn, &incident, entry)
}

/// Puts a deployment in the timelines of the product's unresolved incidents.
pub(in crate::usecase) fn deployed(tx: &mut Tx<'_>, deployment: &Deployment, at: Time) -> Result<()> {
    for incident in incidents::unresolved(tx.conn, deployment.product_id)? {
        let data = json!({
            "deployment_id": deployment.id, "release_id": deployment.release_id, "state": deployment.state,
            "production": deployment.production,
        });
        add(tx, &incident, &Happening { kind: EntryKind::Deployment, happened_at: at, text: None, data })?;
    }
    Ok(())
}
