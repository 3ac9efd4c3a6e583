//! Incidents: opening them.

use serde_json::json;

use super::ownership::owner_at;
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::operations::incident::{Incident, IncidentNumber, IncidentSource, IncidentState, NewIncident};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::operations::incidents;
use crate::usecase::releases::planning::product_of;

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
/// 422 for an unknown product or a time in the future, 503 where nobody can own it.
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
    begin(tx, &product, opening)
}

/// Service names without repeats and surrounding spaces, in their order.
pub(in crate::usecase) fn tidy_services(names: &[String]) -> Vec<String> {
    let mut services: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.trim()) {
        if !services.iter().any(|known| known == name) {
            services.push(name.to_owned());
        }
    }
    services
}

/// Opens an incident. Its owner is found in the same transaction.
///
/// # Errors
/// 503 where nobody can own it.
pub(in crate::usecase) fn begin(tx: &mut Tx<'_>, product: &Product, opening: Opening) -> Result<Incident> {
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
    Ok(incident)
}
