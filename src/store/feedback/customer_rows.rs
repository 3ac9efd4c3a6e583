//! The rows of `customers` and `accounts`.

use crate::domain::base::text::{email_fold, fold};
use crate::domain::base::{Id, Money, Time};
use crate::domain::feedback::{Account, CustomerRecord, MailAddress};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{accounts, customers};

/// A row of `customers`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct CustomerRow {
    pub id: DbId,
    pub account_id: Option<DbId>,
    pub name: Option<String>,
    pub email: Option<String>,
    /// Derived from `email`, also when an export is restored.
    pub email_folded: Option<String>,
    /// A separate line in an export, because the target may come later in the file.
    pub merged_into: Option<DbId>,
    pub erased_at: Option<DbTime>,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    pub unsubscribed_at: Option<DbTime>,
    pub bounced_at: Option<DbTime>,
}

impl From<CustomerRow> for CustomerRecord {
    fn from(row: CustomerRow) -> Self {
        let folded = row.email_folded;
        let address = |text: String| MailAddress { folded: folded.unwrap_or_else(|| email_fold(&text)), text };
        CustomerRecord {
            id: row.id.into(),
            account_id: row.account_id.map(Id::from),
            name: row.name,
            email: row.email.map(address),
            merged_into: row.merged_into.map(Id::from),
            erased_at: row.erased_at.map(Time::from),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            unsubscribed_at: row.unsubscribed_at.map(Time::from),
            bounced_at: row.bounced_at.map(Time::from),
        }
    }
}

impl From<CustomerRecord> for CustomerRow {
    fn from(customer: CustomerRecord) -> Self {
        let (email, email_folded) = customer.email.map(|email| (email.text, email.folded)).unzip();
        CustomerRow {
            id: customer.id.into(),
            account_id: customer.account_id.map(DbId),
            name: customer.name,
            email,
            email_folded,
            merged_into: customer.merged_into.map(DbId),
            erased_at: customer.erased_at.map(DbTime),
            version: customer.version,
            created_at: customer.created_at.into(),
            updated_at: customer.updated_at.into(),
            unsubscribed_at: customer.unsubscribed_at.map(DbTime),
            bounced_at: customer.bounced_at.map(DbTime),
        }
    }
}

/// A row of `accounts`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = accounts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct AccountRow {
    pub id: DbId,
    pub name: String,
    /// Derived from `name`, also when an export is restored.
    pub name_folded: String,
    pub segment: Option<String>,
    pub annual_value_minor: Option<i64>,
    pub annual_value_currency: Option<String>,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let annual_value = row
            .annual_value_minor
            .zip(row.annual_value_currency)
            .map(|(amount_minor, currency)| Money { amount_minor, currency });
        Account {
            id: row.id.into(),
            name: row.name,
            segment: row.segment,
            annual_value,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

impl From<Account> for AccountRow {
    fn from(account: Account) -> Self {
        let value = account.annual_value.map(|money| (money.amount_minor, money.currency));
        let (annual_value_minor, annual_value_currency) = value.unzip();
        AccountRow {
            id: account.id.into(),
            name_folded: fold(&account.name),
            name: account.name,
            segment: account.segment,
            annual_value_minor,
            annual_value_currency,
            version: account.version,
            created_at: account.created_at.into(),
            updated_at: account.updated_at.into(),
        }
    }
}
