//! What the program knows of an incident for its postmortem: computed, never asked for.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::operations::incident::{Incident, IncidentSource};
use crate::domain::operations::timeline::EntryKind;
use crate::domain::releases::DeploymentState;

/// The facts of an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentFacts {
    /// 1 (most severe) to 5.
    pub severity: i32,
    pub services: Vec<String>,
    pub detected_by: IncidentSource,
    pub durations: IncidentDurations,
    /// The timeline, in the order in which things happened; at most 500 entries.
    pub timeline: Vec<PostmortemLine>,
    /// The deployments to production from a day before it was detected until it was over, and those linked to it.
    pub deployments: Vec<PostmortemDeployment>,
    pub customers: AffectedCustomers,
}

/// How long things took, by the wall clock, in seconds; `null` where the end is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IncidentDurations {
    /// From its detection until it was opened here.
    pub to_open: i64,
    pub to_acknowledge: Option<i64>,
    pub to_diagnose: Option<i64>,
    pub to_mitigate: Option<i64>,
    pub to_resolve: Option<i64>,
}

impl IncidentDurations {
    /// The durations of an incident. All but the first are counted from its detection.
    pub fn of(incident: &Incident) -> Self {
        let since = |at: Time| (at.0 - incident.detected_at.0).max(0) / Time::SECOND;
        Self {
            to_open: since(incident.opened_at),
            to_acknowledge: incident.acknowledged_at.map(since),
            to_diagnose: incident.diagnosed_at.map(since),
            to_mitigate: incident.mitigated_at.or(incident.resolved_at).map(since),
            to_resolve: incident.resolved_at.map(since),
        }
    }
}

/// An entry of the timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostmortemLine {
    pub happened_at: Time,
    pub kind: EntryKind,
    /// `member`, `service`, `command` or `automation`.
    #[schema(example = "member")]
    pub actor: String,
    pub actor_id: Option<Id>,
    pub text: Option<String>,
}

/// A deployment near an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostmortemDeployment {
    pub id: Id,
    pub deployed_at: Time,
    pub state: DeploymentState,
    pub service: Option<String>,
    pub release_id: Option<Id>,
    /// Whether somebody or a system linked it to the incident: `caused_by` or `fixed_by`.
    #[schema(example = "caused_by")]
    pub link: Option<String>,
}

/// The customers whose feedback an incident is about.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct AffectedCustomers {
    /// How many customers said something that belongs to it.
    pub count: i64,
    pub feedback_count: i64,
    /// Their names; empty in the version without personal data. At most 100.
    pub names: Vec<String>,
    /// Some of their words, without personal data in them. At most 5.
    pub quotes: Vec<CustomerQuote>,
}

/// The words of a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerQuote {
    /// The feedback; `null` in the version without personal data.
    pub feedback_id: Option<Id>,
    pub text: String,
}

/// A duration in words: `2 h 5 min`, `45 s`.
pub fn in_words(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        (_, 0) => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_people_say_it() {
        for (seconds, words) in [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7500, "2 h 5 min"), (7200, "2 h")] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
