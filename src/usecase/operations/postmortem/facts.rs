//! What is known of an incident for its postmortem, computed at each reading: nothing of it is asked for, and nothing is kept
//! that a customer may want erased.

use crate::domain::base::Time;
use crate::domain::base::text::cut;
use crate::domain::operations::incident::Incident;
use crate::domain::operations::postmortem::facts::{
    AffectedCustomers, CustomerQuote, IncidentDurations, IncidentFacts,
};
use crate::domain::privacy::naming::Naming;
use crate::domain::privacy::redact::redact;
use crate::error::Result;
use crate::store::Conn;
use crate::store::operations::postmortem_facts::{self as stored, Affected};

/// The most names of customers that are shown.
const MOST_NAMES: usize = 100;
/// The most quotes.
const MOST_QUOTES: usize = 5;
/// A quote has at most this many characters.
const LONGEST_QUOTE: usize = 300;

/// The facts of an incident, for the team.
pub fn of(conn: &mut Conn, incident: &Incident, now: Time) -> Result<IncidentFacts> {
    let affected = stored::affected(conn, incident, now)?;
    Ok(IncidentFacts {
        severity: incident.severity,
        services: incident.services.clone(),
        detected_by: incident.source,
        durations: IncidentDurations::of(incident),
        timeline: stored::timeline(conn, incident.id)?,
        deployments: stored::deployments(conn, incident, now)?,
        customers: customers(&affected),
    })
}

fn customers(affected: &Affected) -> AffectedCustomers {
    let named = affected.customers.values().filter_map(|customer| customer.name.clone());
    AffectedCustomers {
        count: affected.customers.len() as i64,
        feedback_count: affected.words.len() as i64,
        names: named.take(MOST_NAMES).collect(),
        quotes: quotes(affected),
    }
}

/// Some of the words of customers: one quote a customer, redacted, and none that names one of them.
fn quotes(affected: &Affected) -> Vec<CustomerQuote> {
    let (mut found, mut quoted) = (Vec::new(), Vec::new());
    for words in &affected.words {
        let customer = words.customer.unwrap_or(words.feedback);
        let naming = Naming::of(&words.text);
        let names_somebody = affected
            .customers
            .values()
            .any(|customer| naming.names(customer.name.as_deref(), customer.email.as_deref(), true).is_some());
        if found.len() < MOST_QUOTES && !names_somebody && !quoted.contains(&customer) {
            quoted.push(customer);
            let text = cut(redact(&words.text), LONGEST_QUOTE);
            found.push(CustomerQuote { feedback_id: Some(words.feedback), text });
        }
    }
    found
}
