//! Customers who gave feedback, and the accounts (companies) that they belong to.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Money, Time};

/// A company whose people use the product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    pub id: Id,
    #[schema(example = "Blue Bakery")]
    pub name: String,
    #[schema(example = "business")]
    pub segment: Option<String>,
    /// What the account pays per year.
    pub annual_value: Option<Money>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// An account given inline with a customer. It is found by its case-folded name, and created if it does not exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "Blue Bakery")]
    pub name: String,
    #[schema(min_length = 1, max_length = 100, example = "business")]
    pub segment: Option<String>,
    pub annual_value: Option<Money>,
}

/// The query parameters of the list of accounts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// The whole name; case and width are ignored.
    #[param(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Words, or parts of words, that must all occur in the name; case is ignored.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(min_length = 1, max_length = 100)]
    pub segment: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The editable fields of an account (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub segment: Option<String>,
    #[serde(default)]
    pub annual_value: Option<Money>,
}

impl From<&Account> for AccountEdit {
    fn from(account: &Account) -> Self {
        Self {
            name: account.name.clone(),
            segment: account.segment.clone(),
            annual_value: account.annual_value.clone(),
        }
    }
}

/// A person who gave feedback.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Customer {
    pub id: Id,
    #[schema(example = "Min-ji Park")]
    pub name: Option<String>,
    #[schema(example = "minji@example.com")]
    pub email: Option<String>,
    pub account: Option<AccountRef>,
    /// The customer's ids in other systems.
    pub identities: Vec<Identity>,
    /// The customer that this one was merged into. Both are the same person, and all their feedback belongs to that
    /// customer.
    pub merged_into: Option<Id>,
    /// When the person was erased. Only the id and the counts remain.
    pub erased_at: Option<Time>,
    /// The progress of the erasure, where the person was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Erasure>,
    /// When they unsubscribed from mail.
    pub unsubscribed_at: Option<Time>,
    /// When a mail to their address bounced. No further mail is sent until the address changes.
    pub bounced_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The progress of the erasure of a person. Their rows are deleted at once. In SQLite the deleted content is then
/// cleared from the database files in the background, without blocking writes. PostgreSQL clears its files by its own
/// vacuum, and does not report when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Erasure {
    /// When the database files are expected to be clean; later where a waiting import may contain the person's data.
    pub files_clean_by: Option<Time>,
    /// When the database files were clean.
    pub files_clean_at: Option<Time>,
}

/// A customer's id in another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Identity {
    #[schema(example = "zendesk")]
    pub origin: String,
    #[schema(example = "8841")]
    pub external_id: String,
}

/// A reference to an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountRef {
    pub id: Id,
    #[schema(example = "Blue Bakery")]
    pub name: String,
}

impl From<&Account> for AccountRef {
    fn from(account: &Account) -> Self {
        Self { id: account.id, name: account.name.clone() }
    }
}

/// A reference to a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerRef {
    pub id: Id,
    #[schema(example = "Min-ji Park")]
    pub name: Option<String>,
    #[schema(example = "minji@example.com")]
    pub email: Option<String>,
    pub account: Option<AccountRef>,
}

/// A customer given inline with a feedback. It is found by `(origin, external_id)`, then by e-mail, and created if
/// neither matches. Absent fields keep their stored values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    #[schema(min_length = 1, max_length = 255, example = "8841")]
    pub external_id: Option<String>,
    #[schema(format = "email", max_length = 320, example = "minji@example.com")]
    pub email: Option<String>,
    #[schema(min_length = 1, max_length = 200, example = "Min-ji Park")]
    pub name: Option<String>,
    pub account: Option<NewAccount>,
}

/// A customer to create without feedback.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerInput {
    /// The system that `external_id` belongs to; empty by default.
    #[serde(default)]
    #[schema(max_length = 100, example = "zendesk")]
    pub origin: Option<String>,
    #[schema(min_length = 1, max_length = 255, example = "8841")]
    pub external_id: Option<String>,
    #[schema(format = "email", max_length = 320, example = "minji@example.com")]
    pub email: Option<String>,
    #[schema(min_length = 1, max_length = 200, example = "Min-ji Park")]
    pub name: Option<String>,
    pub account: Option<NewAccount>,
}

/// The query parameters of the list of customers. Customers that were merged into another are never listed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CustomerQuery {
    /// Id of an account.
    #[param(inline)]
    pub account: Option<Id>,
    /// The whole address; case is ignored.
    #[param(min_length = 1, max_length = 320)]
    pub email: Option<String>,
    /// Words, or parts of words, that must all occur in the name, the address or the account's name; case is ignored.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A request to merge another customer into this one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerMerge {
    /// The customer that is merged into the one in the URL.
    pub customer_id: Id,
}

/// The placeholder for the text of an erased person.
pub const ERASED: &str = "[erased]";

/// The editable fields of a customer (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[serde(default)]
    #[schema(format = "email", max_length = 320)]
    pub email: Option<String>,
    /// The id of an account.
    #[serde(default)]
    pub account_id: Option<Id>,
}

impl From<&Customer> for CustomerEdit {
    fn from(customer: &Customer) -> Self {
        Self {
            name: customer.name.clone(),
            email: customer.email.clone(),
            account_id: customer.account.as_ref().map(|a| a.id),
        }
    }
}
