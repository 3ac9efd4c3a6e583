//! Incidents: something is broken or degraded for customers, or may be.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ownership::Ownership;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The state of an incident. Automation mitigates an incident; only a person resolves it.
    pub enum IncidentState { Open "open", Acknowledged "acknowledged", Mitigated "mitigated", Resolved "resolved" }
}

crate::domain::names! {
    /// What opened an incident.
    pub enum IncidentSource {
        Person "person", Alertmanager "alertmanager", Grafana "grafana", Pagerduty "pagerduty", Cdevents "cdevents",
        Sentry "sentry", Feedback "feedback",
    }
}

/// An incident. It has exactly one owner from its first minute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Incident {
    pub id: Id,
    /// The number that people use; every address takes it in place of the id.
    #[schema(example = "HB-INC-1")]
    pub number: String,
    pub product_id: Id,
    #[schema(example = "Payments fail at the last step")]
    pub title: String,
    pub summary: Option<String>,
    /// 1 (most severe) to 5.
    #[schema(minimum = 1, maximum = 5, example = 2)]
    pub severity: i32,
    pub state: IncidentState,
    /// The member who owns it.
    pub owner_id: Id,
    /// Why this member owns it, as a sentence.
    #[schema(example = "Nobody is on duty and the product has no owner, so the first admin owns it.")]
    pub owner_because: String,
    /// The same as a key and the id of what it was by.
    #[serde(skip)]
    pub ownership: Ownership,
    /// The affected services.
    #[schema(example = json!(["checkout"]))]
    pub services: Vec<String>,
    pub source: IncidentSource,
    /// Alerts of the source with this key belong to this incident.
    pub join_key: Option<String>,
    /// The earlier incident with the same key, if it was over for longer than the settling time.
    pub recurrence_of: Option<Id>,
    /// The incident that it was merged into.
    pub merged_into: Option<Id>,
    /// How often its alerts came back within the settling time.
    pub flaps: i32,
    /// How many different alerts it has had.
    pub alert_count: i32,
    /// When it was first noticed, by a person or an alert.
    pub detected_at: Time,
    pub opened_at: Time,
    pub acknowledged_at: Option<Time>,
    pub acknowledged_by: Option<Id>,
    /// When its first cause was confirmed.
    pub diagnosed_at: Option<Time>,
    pub mitigated_at: Option<Time>,
    pub resolved_at: Option<Time>,
    /// The member or service that opened it.
    pub created_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Incident {
    /// Whether customers may still be affected: neither mitigated nor resolved.
    pub fn is_active(&self) -> bool {
        matches!(self.state, IncidentState::Open | IncidentState::Acknowledged)
    }
}

/// An incident to open.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"product": "HB", "title": "Payments fail at the last step", "severity": 2}))]
pub struct NewIncident {
    /// Key or id of the product; the default product where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: String,
    #[schema(min_length = 1, max_length = 20_000, pattern = "\\S")]
    pub summary: Option<String>,
    /// 1 (most severe) to 5.
    #[serde(default = "default_severity")]
    #[schema(minimum = 1, maximum = 5, default = 3)]
    pub severity: i32,
    /// The affected services.
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ServiceName>)]
    pub services: Vec<String>,
    /// When it was first noticed; now where absent. Not in the future.
    pub detected_at: Option<Time>,
}

/// The editable fields of an incident (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20_000, pattern = "\\S")]
    pub summary: Option<String>,
    /// 1 (most severe) to 5.
    #[serde(default = "default_severity")]
    #[schema(minimum = 1, maximum = 5)]
    pub severity: i32,
    /// The affected services.
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ServiceName>)]
    pub services: Vec<String>,
}

impl From<&Incident> for IncidentEdit {
    fn from(incident: &Incident) -> Self {
        Self {
            title: incident.title.clone(),
            summary: incident.summary.clone(),
            severity: incident.severity,
            services: incident.services.clone(),
        }
    }
}

/// Another incident to merge into.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"into": "HB-INC-1"}))]
pub struct IncidentMerge {
    /// Id or number of the incident that remains.
    #[schema(min_length = 1, max_length = 36)]
    pub into: String,
}

/// Members to call to an incident at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"member_ids": ["0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d"], "text": "Both sides in one call, please."}))]
pub struct Swarm {
    #[schema(min_items = 1, max_items = 50)]
    pub member_ids: Vec<Id>,
    #[schema(min_length = 1, max_length = 5_000, pattern = "\\S")]
    pub text: Option<String>,
}

/// The severity of an incident of which nobody says more.
pub const fn default_severity() -> i32 {
    3
}

/// Service names without repeats and surrounding spaces, in their order.
pub fn tidy_services(names: &[String]) -> Vec<String> {
    let mut services: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.trim()) {
        if !services.iter().any(|known| known == name) {
            services.push(name.to_owned());
        }
    }
    services
}

/// The name of an affected service.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 200, pattern = "\\S")]
#[allow(dead_code, reason = "states the schema only")]
pub struct ServiceName(String);

/// The query parameters of the list of incidents.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncidentQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<IncidentState>,
    /// `false`: only those that are not resolved. `true`: only resolved ones.
    pub resolved: Option<bool>,
    #[param(minimum = 1, maximum = 5)]
    pub severity: Option<i32>,
    /// The member who owns it: an id, or `me`.
    #[param(inline)]
    pub owner: Option<Id>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The number of an incident: `HB-INC-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentNumber {
    /// Key of the product, in upper case.
    pub key: String,
    /// Counts from 1 within each product.
    pub number: i32,
}

impl FromStr for IncidentNumber {
    type Err = ();

    /// Parses a number in upper or lower case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.to_ascii_uppercase();
        let (key, number) = text.split_once("-INC-").ok_or(())?;
        let is_key = key.len() <= 10 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_number = number.starts_with(|c: char| ('1'..='9').contains(&c));
        match number.parse() {
            Ok(number) if is_key && is_number && key.starts_with(|c: char| c.is_ascii_uppercase()) => {
                Ok(Self { key: key.to_owned(), number })
            }
            _ => Err(()),
        }
    }
}

impl std::fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-INC-{}", self.key, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written() {
        let number = IncidentNumber { key: "HB".to_owned(), number: 12 };
        assert_eq!("hb-inc-12".parse(), Ok(number.clone()));
        assert_eq!(number.to_string().parse(), Ok(number));
        for text in ["HB-12", "HB-INC-", "HB-INC-01", "HB-INC-x", "-INC-1", "1B-INC-1", "HB-INC-1-2", "", "HB-INC-+1"] {
            assert_eq!(text.parse::<IncidentNumber>(), Err(()), "{text}");
        }
    }
}
