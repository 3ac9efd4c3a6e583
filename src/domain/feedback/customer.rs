//! Who said it: people, and the accounts (companies) they belong to.

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
    /// What the account pays in a year.
    pub annual_value: Option<Money>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The account named inline with a customer; found by its case-folded name, created where it is new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "Blue Bakery")]
    pub name: String,
    #[schema(min_length = 1, max_length = 100, example = "business")]
    pub segment: Option<String>,
    pub annual_value: Option<Money>,
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// The whole name; case and width don't count.
    #[param(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[param(min_length = 1, max_length = 100)]
    pub segment: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// What a person may change of an account (merge patch).
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

/// A person who said something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Customer {
    pub id: Id,
    #[schema(example = "Min-ji Park")]
    pub name: Option<String>,
    #[schema(example = "minji@example.com")]
    pub email: Option<String>,
    pub account: Option<AccountRef>,
    /// How other systems name this customer.
    pub identities: Vec<Identity>,
    /// The customer this one was merged into: they are one person, and what this one said is that one's.
    pub merged_into: Option<Id>,
    /// When the person was erased; then only the id and the counts are left.
    pub erased_at: Option<Time>,
    /// How far the erasure has come, where the person was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Erasure>,
    /// When they asked for no more mail.
    pub unsubscribed_at: Option<Time>,
    /// When a mail to their address came back; no other is sent until the address changes.
    pub bounced_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// How far the erasure of a person has come. Their rows are gone at once; what deleted rows leave behind in the files of
/// SQLite is cleared in the background, without writes having to wait. PostgreSQL clears its own files by its vacuum, and
/// says nothing of when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Erasure {
    /// When the database's files are expected to be clear of them; later where an import waits that may name them.
    pub files_clean_by: Option<Time>,
    /// When they were.
    pub files_clean_at: Option<Time>,
}

/// A customer's name in another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Identity {
    #[schema(example = "zendesk")]
    pub origin: String,
    #[schema(example = "8841")]
    pub external_id: String,
}

/// An account, where it is mentioned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountRef {
    pub id: Id,
    #[schema(example = "Blue Bakery")]
    pub name: String,
}

/// A customer, where it is mentioned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerRef {
    pub id: Id,
    #[schema(example = "Min-ji Park")]
    pub name: Option<String>,
    #[schema(example = "minji@example.com")]
    pub email: Option<String>,
    pub account: Option<AccountRef>,
}

/// The customer named inline with a feedback: found by `(origin, external_id)`, then by e-mail, created where new;
/// absent fields leave what is there.
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

/// A customer to create by itself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerInput {
    /// The system `external_id` is from; empty where absent.
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

/// Which customers a list shows; those merged away never.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CustomerQuery {
    /// Id of an account.
    #[param(inline)]
    pub account: Option<Id>,
    /// The whole address; case doesn't count.
    #[param(min_length = 1, max_length = 320)]
    pub email: Option<String>,
    /// Words, or parts of words, that its name, its address or the name of its account must all contain; case does not count.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Merge another customer into this one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerMerge {
    /// The customer that is merged into the one in the address.
    pub customer_id: Id,
}

/// What stands where the words of an erased person stood.
pub const ERASED: &str = "[erased]";

/// What a person may change of a customer (merge patch).
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
