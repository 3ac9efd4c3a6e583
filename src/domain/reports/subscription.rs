//! Subscriptions: who gets which reports, when, in which language.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::period::{ReportDay, Schedule};
use super::report::{ReportKind, ReportScope, ReportSection};
use crate::domain::base::calendar::Weekday;
use crate::domain::base::{Calendar, Id, Time};

crate::domain::names! {
    /// The state of a subscription. `pending`: its reader has not confirmed it yet, and gets nothing but the mail that asks.
    /// `ended`: its reader unsubscribed, or never confirmed it.
    pub enum SubscriptionState { Pending "pending", Active "active", Ended "ended" }
}

/// A subscription to reports.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Subscription {
    pub id: Id,
    pub state: SubscriptionState,
    /// The reader, who needs no account. Exactly one of `email`, `member_id` and `webhook_id` is set.
    #[schema(example = "ceo@example.com")]
    pub email: Option<String>,
    pub member_id: Option<Id>,
    pub webhook_id: Option<Id>,
    pub kind: ReportKind,
    /// Ids of the products; each has a report of its own.
    pub products: Vec<Id>,
    /// The account that the reports are limited to.
    pub account_id: Option<Id>,
    pub sections: Vec<ReportSection>,
    /// `en` or `ko`.
    #[schema(example = "en")]
    pub language: String,
    /// Of weekly reports.
    pub weekday: Option<Weekday>,
    /// Of monthly reports.
    pub day: Option<i32>,
    /// The hour in `time_zone`, 0 to 23.
    pub hour: i32,
    #[schema(example = "Asia/Seoul")]
    pub time_zone: String,
    pub scope: ReportScope,
    /// Whether a person has to approve each report before it is sent.
    pub approval: bool,
    /// When the next report is due; `null` for reports of releases, which come when something is shipped.
    pub next_at: Option<Time>,
    /// When the last report was due.
    pub last_at: Option<Time>,
    pub confirmed_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub created_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Subscription {
    /// When its reports are due; `None` where they come with releases.
    pub fn schedule(&self) -> Option<Schedule> {
        let day = match self.kind {
            ReportKind::Weekly => ReportDay::Weekly(self.weekday.unwrap_or(Weekday::Monday)),
            ReportKind::Monthly => ReportDay::Monthly(u32::try_from(self.day.unwrap_or(1)).unwrap_or(1)),
            ReportKind::Release => return None,
        };
        let calendar = Calendar { zone: self.time_zone.parse().unwrap_or_default(), ..Calendar::default() };
        Some(Schedule { day, hour: u32::try_from(self.hour).unwrap_or(9), calendar })
    }

    /// Whether it has the same reader as another one, and tells them of the same.
    pub fn repeats(&self, other: &Subscription) -> bool {
        let mut products = (self.products.clone(), other.products.clone());
        products.0.sort_unstable();
        products.1.sort_unstable();
        self.kind == other.kind && self.account_id == other.account_id && products.0 == products.1
    }
}

/// A subscription to make. Exactly one of `email`, `member_id` and `webhook_id` names the reader.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ceo@example.com", "kind": "weekly", "products": ["HB"], "weekday": "monday", "hour": 9, "time_zone": "Asia/Seoul"}))]
pub struct NewSubscription {
    /// The address of somebody, who gets a mail with a link to confirm first.
    #[schema(format = "email", max_length = 320)]
    pub email: Option<String>,
    /// An active member, or `me`. Another member gets a mail with a link to confirm first.
    pub member_id: Option<Id>,
    /// A webhook, for a chat. It gets the messages `report.digest_due`; with the format `full` they hold the whole text.
    pub webhook_id: Option<Id>,
    pub kind: ReportKind,
    /// Keys or ids of products; the default product where absent.
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ProductName>)]
    pub products: Vec<String>,
    /// The account that the reports are limited to.
    pub account: Option<Id>,
    /// Which sections the reports have; all where absent.
    #[serde(default)]
    #[schema(max_items = 9)]
    pub sections: Vec<ReportSection>,
    /// `en` or `ko`; the language of the member, or of the first product, where absent.
    #[schema(pattern = "^(en|ko)$")]
    pub language: Option<String>,
    /// Of weekly reports; Monday where absent.
    pub weekday: Option<Weekday>,
    /// Of monthly reports; the first where absent. A shorter month ends with its last day.
    #[schema(minimum = 1, maximum = 31)]
    pub day: Option<i32>,
    /// The hour in `time_zone`.
    #[serde(default = "nine")]
    #[schema(minimum = 0, maximum = 23, default = 9)]
    pub hour: i32,
    /// The IANA name of a time zone; that of the member, or of the first product, where absent.
    #[schema(min_length = 1, max_length = 60, example = "Asia/Seoul")]
    pub time_zone: Option<String>,
    /// `customers`: the reports name customers and accounts.
    #[serde(default = "summary")]
    #[schema(value_type = String, pattern = "^(summary|customers)$", default = "summary")]
    pub scope: ReportScope,
    /// Whether a person has to approve each report before it is sent.
    #[serde(default)]
    pub approval: bool,
}

/// The key or id of a product.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 36)]
#[allow(dead_code, reason = "states the schema only")]
pub struct ProductName(String);

fn nine() -> i32 {
    9
}

fn summary() -> ReportScope {
    ReportScope::Summary
}

/// The editable fields of a subscription (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionEdit {
    /// Which sections the reports have; all where empty.
    #[serde(default)]
    #[schema(max_items = 9)]
    pub sections: Vec<ReportSection>,
    #[serde(default)]
    #[schema(pattern = "^(en|ko)$")]
    pub language: String,
    #[serde(default)]
    pub weekday: Option<Weekday>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 31)]
    pub day: Option<i32>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 23)]
    pub hour: i32,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    pub time_zone: String,
    #[schema(required = false)]
    pub scope: ReportScope,
    #[serde(default)]
    pub approval: bool,
}

impl From<&Subscription> for SubscriptionEdit {
    fn from(subscription: &Subscription) -> Self {
        Self {
            sections: subscription.sections.clone(),
            language: subscription.language.clone(),
            weekday: subscription.weekday,
            day: subscription.day,
            hour: subscription.hour,
            time_zone: subscription.time_zone.clone(),
            scope: subscription.scope,
            approval: subscription.approval,
        }
    }
}

/// The query parameters of the list of subscriptions.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubscriptionQuery {
    /// Key or id of a product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<SubscriptionState>,
    #[param(inline)]
    pub kind: Option<ReportKind>,
    /// Those of a member: an id, or `me`.
    #[param(inline)]
    pub member: Option<Id>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
