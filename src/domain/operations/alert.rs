//! Alerts of monitoring systems, independent of the system that sends them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::incident::IncidentSource;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The state of an alert.
    pub enum AlertState { Firing "firing", Resolved "resolved" }
}

/// An episode of an alert: from the time it fired until it was over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alert {
    pub id: Id,
    pub product_id: Id,
    /// `null` where the alert was over before its firing was reported.
    pub incident_id: Option<Id>,
    pub source: IncidentSource,
    pub fingerprint: String,
    pub join_key: String,
    #[schema(example = "HighErrorRate")]
    pub title: String,
    #[schema(example = "critical")]
    pub severity: Option<String>,
    /// Whether it says that the sender has no data, rather than that something is broken.
    pub no_data: bool,
    pub state: AlertState,
    pub starts_at: Time,
    pub ends_at: Option<Time>,
    /// How often it was sent again without a change.
    pub repeats: i32,
    pub labels: BTreeMap<String, String>,
    pub url: Option<String>,
    pub received_at: Time,
    pub last_seen_at: Time,
}

/// The query parameters of the list of alerts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// An alert as a sender reports it.
#[derive(Clone, Debug)]
pub struct ReportedAlert {
    /// Identifies the alert; the same at each of its episodes.
    pub fingerprint: String,
    pub title: String,
    pub severity: Option<String>,
    pub no_data: bool,
    pub state: AlertState,
    /// When the episode began. `None` where the sender does not say: it then means the episode that goes on, or a new one.
    pub starts_at: Option<Time>,
    pub ends_at: Option<Time>,
    pub labels: BTreeMap<String, String>,
    pub url: Option<String>,
}

/// Alerts that are sent at once and belong to one incident.
#[derive(Clone, Debug)]
pub struct AlertBatch {
    /// Key or id of the product; the default product where absent.
    pub product: Option<String>,
    pub source: IncidentSource,
    /// Alerts of the source with this key belong to one incident.
    pub join_key: String,
    /// What a new incident is called.
    pub title: String,
    pub summary: Option<String>,
    /// 1 to 5.
    pub severity: i32,
    pub services: Vec<String>,
    pub alerts: Vec<ReportedAlert>,
    /// How many alerts the sender left out.
    pub left_out: i64,
    /// Whether it holds the whole group and none of it fires any more.
    pub is_all_over: bool,
    /// Whether a person acknowledged it in the other system.
    pub acknowledges: bool,
    /// The revision of the deployment that the sender names as the cause.
    pub caused_by: Option<String>,
}

/// The severity of an incident by the word that a monitoring system uses: 1 (most severe) to 5. `None` for a word that
/// names no severity.
pub fn severity_of(word: &str) -> Option<i32> {
    let word = word.trim().to_ascii_lowercase();
    let number = word.trim_start_matches("sev").trim_start_matches('p').trim_matches(['-', ' ']);
    match word.as_str() {
        "critical" | "fatal" | "emergency" | "disaster" | "page" => Some(1),
        "error" | "high" | "major" | "alert" => Some(2),
        "warning" | "warn" | "medium" | "average" | "minor" => Some(3),
        "info" | "information" | "notice" | "informational" => Some(4),
        "low" | "none" | "debug" => Some(5),
        _ => number.parse().ok().filter(|n| number.len() == 1 && (1..=5).contains(n)),
    }
}

crate::domain::names! {
    /// What alerts did: they opened an incident, opened it again, or changed an incident; they were known already, or
    /// they belong to no incident because they were over before they were reported.
    pub enum AlertOutcome {
        Opened "opened", Reopened "reopened", Updated "updated", Mitigated "mitigated", Repeated "repeated",
        Stored "stored",
    }
}

/// What alerts did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AlertAnswer {
    #[schema(inline)]
    pub outcome: AlertOutcome,
    pub incident_id: Option<Id>,
    /// The number of the incident.
    #[schema(example = "HB-INC-1")]
    pub number: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_monitoring_systems_are_severities() {
        let of: Vec<Option<i32>> =
            ["critical", "Error", "warning", "info", "none", "SEV2", "P1", "3", "sev-4"].map(severity_of).to_vec();
        assert_eq!(of, [1, 2, 3, 4, 5, 2, 1, 3, 4].map(Some));
        assert!(["", "6", "0", "12", "purple", "sev", "p"].into_iter().all(|word| severity_of(word).is_none()));
    }
}
