//! Links by which a report is read without sign-in: signed, expiring, revocable.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::report::ReportScope;
use crate::domain::base::{Id, Time};

/// A link to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportLink {
    pub id: Id,
    pub report_id: Id,
    /// What its readers see.
    pub scope: ReportScope,
    pub expires_at: Time,
    pub revoked_at: Option<Time>,
    /// How often it was read.
    pub readings: i32,
    pub last_read_at: Option<Time>,
    /// `null`: it was made for a mail or a digest.
    pub created_by: Option<Id>,
    pub created_at: Time,
}

impl ReportLink {
    /// Whether it can be read at this time.
    pub fn is_open(&self, now: Time) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A link with its address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownReportLink {
    #[serde(flatten)]
    pub link: ReportLink,
    #[schema(example = "https://voice.example.com/reports/AZ2k...")]
    pub url: String,
}

/// The links of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportLinks {
    pub data: Vec<ShownReportLink>,
}

/// A link to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"days": 30}))]
pub struct NewReportLink {
    /// How many days it can be read.
    #[serde(default = "month")]
    #[schema(minimum = 1, maximum = 365, default = 30)]
    pub days: i32,
    /// `customers`: its readers see who the customers and accounts are.
    #[serde(default = "summary")]
    #[schema(value_type = String, pattern = "^(summary|customers)$", default = "summary")]
    pub scope: ReportScope,
}

fn month() -> i32 {
    30
}

fn summary() -> ReportScope {
    ReportScope::Summary
}
