//! Reports: what a stakeholder reads of a product, computed once and kept as it was sent.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::content::ReportContent;
use crate::domain::base::{Id, Time};

/// The event of a report that goes to a webhook which subscribed to it.
pub const DIGEST_DUE: &str = "report.digest_due";

crate::domain::names! {
    /// What a report covers: a week, a month, or a release.
    pub enum ReportKind { Weekly "weekly", Monthly "monthly", Release "release" }
}

crate::domain::names! {
    /// The state of a report. A draft that needs approval is sent only after a person approved it.
    pub enum ReportState { Draft "draft", Approved "approved", Sent "sent" }
}

crate::domain::names! {
    /// The sections of a report, in the order in which they are read. What changed since the last report is always told.
    pub enum ReportSection {
        Themes "themes", Shipped "shipped", Promises "promises", Backlog "backlog", Incidents "incidents",
        Delivery "delivery", Metrics "metrics", Value "value", Todos "todos",
    }
}

impl ReportSection {
    /// What a report for one account tells: the rest is about the whole product.
    const OF_ACCOUNT: [ReportSection; 5] = [Self::Themes, Self::Shipped, Self::Promises, Self::Backlog, Self::Value];

    /// These sections, each once, in the order in which they are read; where none is named, all that suit the report.
    pub fn chosen(given: &[ReportSection], for_account: bool) -> Vec<ReportSection> {
        let suits = |section: &ReportSection| match given.is_empty() {
            true => !for_account || Self::OF_ACCOUNT.contains(section),
            false => given.contains(section),
        };
        Self::ALL.iter().copied().filter(suits).collect()
    }
}

crate::domain::names! {
    /// Which data a reader gets. `summary`: counts and sums, no customers and accounts. `customers`: also who they are.
    pub enum ReportScope { Summary "summary", Customers "customers" }
}

/// A report, without what it says.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatusReport {
    pub id: Id,
    pub product_id: Id,
    pub kind: ReportKind,
    pub state: ReportState,
    /// `en` or `ko`.
    #[schema(example = "en")]
    pub language: String,
    /// The account that it is limited to.
    pub account_id: Option<Id>,
    /// The release that it is about.
    pub release_id: Option<Id>,
    pub sections: Vec<ReportSection>,
    /// It covers `[period_from, period_to)`.
    pub period_from: Time,
    pub period_to: Time,
    /// What a person wrote above it.
    pub introduction: Option<String>,
    /// Whether a person has to approve it before it is sent.
    pub approval: bool,
    pub approved_at: Option<Time>,
    pub approved_by: Option<Id>,
    pub sent_at: Option<Time>,
    pub sent_by: Option<Id>,
    /// `null`: it was made for subscriptions.
    pub created_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
    /// Of a report that subscriptions share: a hash of what it is about.
    #[serde(skip)]
    pub series_key: Option<String>,
}

impl StatusReport {
    /// Whether it waits for a person to approve it.
    pub fn waits_for_approval(&self) -> bool {
        self.approval && self.state == ReportState::Draft
    }
}

/// A report with what it says. Nothing of it changes after it was made, but that an erased person is taken out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownReport {
    #[serde(flatten)]
    pub report: StatusReport,
    pub content: ReportContent,
    /// The names of the customers whose ids stand in the content; those of erased people are missing.
    pub customers: Vec<ReportedCustomer>,
}

/// A customer that a report names by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportedCustomer {
    pub id: Id,
    pub name: Option<String>,
    /// The name of their account.
    pub account: Option<String>,
}

/// The period of a report: days of the product (`2026-11-23`), or times. It covers `[from, to)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportPeriod {
    #[schema(min_length = 10, max_length = 40, example = "2026-11-23")]
    pub from: String,
    /// Not in the future; at most 400 days after `from`.
    #[schema(min_length = 10, max_length = 40, example = "2026-11-30")]
    pub to: String,
}

/// A report to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "weekly", "product": "HB"}))]
pub struct NewReport {
    pub kind: ReportKind,
    /// Key or id of the product; the default product where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The account that it is limited to.
    pub account: Option<Id>,
    /// The release that it is about; required for `release`, and for nothing else.
    pub release: Option<Id>,
    /// Which sections it has; all where absent.
    #[serde(default)]
    #[schema(max_items = 9)]
    pub sections: Vec<ReportSection>,
    /// `en` or `ko`; the language of the product, or English, where absent.
    #[schema(pattern = "^(en|ko)$")]
    pub language: Option<String>,
    /// Where absent: the seven days before today for `weekly`, the month before today for `monthly`, and from the
    /// release before to this one for `release`.
    pub period: Option<ReportPeriod>,
    /// Whether a person has to approve it before it is sent.
    #[serde(default)]
    pub approval: bool,
}

/// The editable fields of a draft (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportEdit {
    /// What stands above the report: some sentences of your own.
    #[serde(default)]
    #[schema(max_length = 5_000)]
    pub introduction: Option<String>,
}

impl From<&StatusReport> for ReportEdit {
    fn from(report: &StatusReport) -> Self {
        Self { introduction: report.introduction.clone() }
    }
}

/// Whom a report is sent to.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendReport {
    /// Ids of active subscriptions that get it now, beside those it was made for.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub subscription_ids: Vec<Id>,
}

/// The query parameters of the list of reports.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub kind: Option<ReportKind>,
    #[param(inline)]
    pub state: Option<ReportState>,
    /// `true`: only drafts that wait for a person to approve them.
    pub to_approve: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

crate::domain::names! {
    /// How far a report is on its way to a subscriber. `waiting`: until it is sent; `queued`: in the outbox; `skipped`: the
    /// subscriber may not get it any more.
    pub enum ReportDeliveryState {
        Waiting "waiting", Queued "queued", Sent "sent", Failed "failed", Skipped "skipped",
    }
}

/// A report for one subscriber.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportDelivery {
    pub id: Id,
    pub report_id: Id,
    pub subscription_id: Id,
    pub state: ReportDeliveryState,
    pub created_at: Time,
    pub ended_at: Option<Time>,
}

/// The subscribers of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportDeliveries {
    pub data: Vec<ReportDelivery>,
}
