//! How long data is kept: rules by product and kind, what they would remove, and legal holds.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What a rule removes.
    ///
    /// - `feedback_words`: the texts of feedback, and what was made of them alone. Id, date, numbers and theme stay, so
    ///   that counts stay as they were.
    /// - `inactive_customers`: customers who said nothing and were told nothing are erased.
    /// - `incident_notes`: the texts of the timelines of resolved incidents. The entries stay.
    /// - `hook_bodies`: the bodies and errors of deliveries to webhooks that have ended. The deliveries stay.
    /// - `deliveries`: deliveries of any kind that have ended, with their attempts.
    /// - `imports`: imports that have ended, with their errors and warnings. What they brought stays.
    /// - `audit_log`: entries of the audit log.
    /// - `requests`: contact and texts of requests that have ended. The request and its proofs stay.
    pub enum RetentionKind {
        FeedbackWords "feedback_words", InactiveCustomers "inactive_customers", IncidentNotes "incident_notes",
        HookBodies "hook_bodies", Deliveries "deliveries", Imports "imports", AuditLog "audit_log", Requests "requests",
    }
}

impl RetentionKind {
    /// Whether such data belongs to one product, so that a rule may be limited to it.
    pub fn is_of_products(self) -> bool {
        matches!(self, RetentionKind::FeedbackWords | RetentionKind::IncidentNotes)
    }
}

/// How long data of one kind is kept.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RetentionRule {
    pub id: Id,
    #[schema(inline)]
    pub kind: RetentionKind,
    /// The product whose data it is about; `null` for all products that have no rule of their own.
    pub product_id: Option<Id>,
    /// How many days data is kept.
    pub days: i32,
    /// Whether it removes anything. A new rule does not, so that its dry run can be read first.
    pub enabled: bool,
    /// When nothing more was left to remove.
    pub finished_at: Option<Time>,
    pub created_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A rule to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "feedback_words", "product": "HB", "days": 1095}))]
pub struct NewRetentionRule {
    #[schema(inline)]
    pub kind: RetentionKind,
    /// Key or id of the product; all products where absent. Only for `feedback_words` and `incident_notes`.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[schema(minimum = 1, maximum = 36_500)]
    pub days: i32,
    /// Whether it removes at once what is older.
    #[serde(default)]
    pub enabled: bool,
}

/// The editable fields of a rule (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionRuleEdit {
    #[serde(default)]
    #[schema(minimum = 1, maximum = 36_500)]
    pub days: i32,
    #[serde(default)]
    pub enabled: bool,
}

/// What a rule would remove now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RetentionDryRun {
    pub rule_id: Id,
    #[schema(inline)]
    pub kind: RetentionKind,
    /// What is older than this would go.
    pub before: Time,
    /// How many rows would be removed or lose their text.
    pub would_remove: i64,
    /// How many are kept because of a legal hold.
    pub held: i64,
}

/// How much a rule removed on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RetentionCount {
    /// The day in UTC.
    #[schema(example = "2026-11-30")]
    pub day: String,
    pub rule_id: Id,
    #[schema(inline)]
    pub kind: RetentionKind,
    pub product_id: Option<Id>,
    pub removed: i64,
}

/// A legal hold: nothing of its customer, account or product is deleted while it lasts, neither by rules nor by an erasure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LegalHold {
    pub id: Id,
    /// The case, such as a file number.
    #[schema(example = "2026-Ga-1234")]
    pub case: String,
    pub reason: String,
    pub customer_id: Option<Id>,
    pub account_id: Option<Id>,
    pub product_id: Option<Id>,
    pub placed_by: Option<Id>,
    pub placed_at: Time,
    pub ended_at: Option<Time>,
    pub ended_by: Option<Id>,
    pub version: i32,
}

/// A legal hold to place. It names exactly one of customer, account and product.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"case": "2026-Ga-1234", "reason": "Order of the court of 3 November", "product": "HB"}))]
pub struct NewLegalHold {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub case: String,
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: String,
    pub customer_id: Option<Id>,
    pub account_id: Option<Id>,
    /// Key or id of the product.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
}

/// The query parameters of the list of legal holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LegalHoldQuery {
    /// `true`: only holds that last. `false`: only those that ended.
    pub active: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
