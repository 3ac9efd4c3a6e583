//! What a report says, independent of language: numbers, names as they were, and ids. Texts in it were checked for
//! quotations when it was made; customers stand in it by id only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Money, Time};
use crate::domain::measures::metric::MetricDirection;
use crate::domain::operations::incident::IncidentState;
use crate::domain::stories::stage::Stage;

/// What a report says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReportContent {
    pub product: ReportedProduct,
    /// The name of the account that it is limited to.
    pub account: Option<String>,
    /// The name of the release that it is about.
    pub release: Option<String>,
    pub changes: ReportChanges,
    /// New and rising themes, new ones first.
    pub themes: Vec<ReportedTheme>,
    /// What was shipped, the latest first.
    pub shipped: Vec<ReportedRelease>,
    /// Overdue promises, the longest overdue first.
    pub promises: Vec<ReportedPromise>,
    /// The top of the ranked backlog.
    pub backlog: Vec<ReportedStory>,
    /// Incidents of the period, and those that are not over.
    pub incidents: Vec<ReportedIncident>,
    /// Open actions of postmortems, overdue ones first.
    pub actions: Vec<ReportedAction>,
    pub delivery: Option<ReportedDelivery>,
    pub metrics: Vec<ReportedMetric>,
    pub value: Option<ReportedValue>,
    pub todos: ReportedTodos,
}

/// The product of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedProduct {
    #[schema(example = "HB")]
    pub key: String,
    #[schema(example = "Hearback")]
    pub name: String,
    #[schema(example = "USD")]
    pub currency: String,
    #[schema(example = "Asia/Seoul")]
    pub time_zone: String,
}

/// What changed since the last report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReportChanges {
    /// When the period of the last report of this kind ended, if there was one.
    pub last_report_to: Option<Time>,
    /// Items of feedback in the period.
    pub feedback: i64,
    /// Items in the period before, of the same length.
    pub feedback_before: i64,
    /// Distinct customers behind the feedback.
    pub customers: i64,
    pub new_themes: i64,
    pub rising_themes: i64,
    /// Stories that reached customers.
    pub shipped_stories: i64,
    /// Customers who were told in the period.
    pub told: i64,
    /// Customers who said in the period that it is solved for them.
    pub solved: i64,
    /// Customers who said in the period that it is not solved.
    pub not_solved: i64,
    /// Promises that are overdue.
    pub overdue: i64,
    /// Those of them that became overdue in the period.
    pub newly_overdue: i64,
    /// Incidents that were opened in the period.
    pub incidents: i64,
    /// Incidents that are not over.
    pub open_incidents: i64,
}

impl ReportChanges {
    /// Whether nothing happened in the period.
    pub fn is_quiet(&self) -> bool {
        [
            self.feedback,
            self.shipped_stories,
            self.told,
            self.solved,
            self.not_solved,
            self.newly_overdue,
            self.incidents,
        ]
        .iter()
        .all(|count| *count == 0)
    }
}

/// A theme that is new or rises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedTheme {
    pub id: Id,
    /// Its label as it was then; `null` where it may quote a customer.
    pub label: Option<String>,
    /// Whether its first feedback was said in the period.
    pub is_new: bool,
    pub items: i64,
    pub items_before: i64,
    pub customers: i64,
}

/// A story of the backlog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedStory {
    pub id: Id,
    pub rank: i64,
    /// Its rank in the last report; `null` where it was not among the first.
    pub rank_before: Option<i64>,
    #[schema(example = "HB-17")]
    pub number: String,
    pub title: String,
    pub stage: Stage,
    pub customers: i64,
    /// The annual value of the accounts that ask for it, in the product's currency.
    pub value: Option<Money>,
    pub due_at: Option<Time>,
}

/// A release that reached customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedRelease {
    pub id: Id,
    pub name: String,
    pub shipped_at: Time,
    pub stories: Vec<ReportedEntry>,
    /// Stories beyond those that are listed.
    pub left_off: i64,
}

/// A story of a release, and who heard back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedEntry {
    pub story_id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    pub text: String,
    /// Customers who were told and have not answered.
    pub told: i64,
    pub solved: i64,
    pub not_solved: i64,
    /// Customers who still wait to be told.
    pub waiting: i64,
    /// Some of the customers who were told or answered: shown to readers who may see customers.
    pub customer_ids: Vec<Id>,
}

/// A promise that is overdue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedPromise {
    pub story_id: Id,
    pub number: String,
    pub title: String,
    /// `response`: a draft was not answered in time; `due`: a story is not released in time.
    pub promise: String,
    pub since: Time,
    pub customers: i64,
    /// The name of its owner, if it has one.
    pub owner: Option<String>,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedIncident {
    pub id: Id,
    #[schema(example = "HB-INC-1")]
    pub number: String,
    /// Its title without what may be personal.
    pub title: String,
    pub severity: i32,
    pub state: IncidentState,
    pub opened_at: Time,
    /// From when it was noticed until it was mitigated, in minutes.
    pub minutes: Option<i64>,
}

/// An open action of a postmortem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedAction {
    pub story_id: Id,
    pub number: String,
    pub title: String,
    pub incident_number: String,
    pub age_days: i64,
    pub due_at: Option<Time>,
    pub overdue: bool,
}

/// A figure in the period and in the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedFigure {
    pub now: Option<f64>,
    pub before: Option<f64>,
}

/// The delivery figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedDelivery {
    pub deployments: i64,
    pub deployments_before: i64,
    /// The median in hours from the first commit to customers.
    pub lead_hours: ReportedFigure,
    /// Failed deployments by all, 0 to 1.
    pub fail_rate: ReportedFigure,
    /// Unplanned deployments by all, 0 to 1.
    pub rework_rate: ReportedFigure,
    /// The median in hours until a failed deployment was recovered from.
    pub recovery_hours: ReportedFigure,
}

/// A metric of the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedMetric {
    pub id: Id,
    pub name: String,
    pub unit: Option<String>,
    pub direction: MetricDirection,
    pub target: Option<f64>,
    pub last: Option<f64>,
    pub last_7_days: Option<f64>,
    pub previous_7_days: Option<f64>,
}

/// The money behind the feedback of the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedValue {
    /// The annual value of these accounts, in the product's currency.
    pub total: Money,
    pub accounts: i64,
    /// Accounts whose value is in another currency.
    pub in_other_currency: i64,
    /// Accounts without a known value.
    pub without_value: i64,
    /// The most valuable of them: shown to readers who may see customers.
    pub top: Vec<ReportedAccount>,
}

/// An account with feedback in the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedAccount {
    pub id: Id,
    pub name: String,
    pub value: Option<Money>,
    pub items: i64,
}

/// What waits for somebody to act.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReportedTodos {
    /// Drafts that nobody has accepted or declined.
    pub drafts: i64,
    /// Customers who wait to hear what became of their feedback.
    pub to_tell: i64,
    /// Postmortems that are overdue.
    pub postmortems: i64,
    /// Open actions of postmortems that are overdue.
    pub actions: i64,
}

impl ReportedTodos {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        [self.drafts, self.to_tell, self.postmortems, self.actions].iter().all(|count| *count == 0)
    }
}

impl ReportContent {
    /// The ids of the customers in it.
    pub fn customer_ids(&self) -> Vec<Id> {
        let entries = self.shipped.iter().flat_map(|release| &release.stories);
        let mut ids: Vec<Id> = entries.flat_map(|entry| entry.customer_ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The same without customers and accounts, for readers who may not see them.
    #[must_use]
    pub fn without_customers(mut self) -> Self {
        for entry in self.shipped.iter_mut().flat_map(|release| &mut release.stories) {
            entry.customer_ids.clear();
        }
        if let Some(value) = &mut self.value {
            value.top.clear();
        }
        self
    }
}
