//! Customers, their identities in other systems, and their accounts.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Money, Page, Paging, Time};
use crate::domain::feedback::{Account, AccountRef, Customer, CustomerQuery, CustomerRef, Erasure, Identity};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows, load_each, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::privacy::erasures;
use crate::store::schema::{accounts, customer_identities, customers, feedback};
use crate::store::search::containing::{contains, patterns};

/// A row of `customers`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CustomerRow {
    pub id: DbId,
    pub account_id: Option<DbId>,
    pub name: Option<String>,
    pub email: Option<String>,
    /// Derived from `email`, also when an export is restored.
    #[serde(skip)]
    pub email_folded: Option<String>,
    /// A separate line in an export, because the target may come later in the file.
    #[serde(skip)]
    pub merged_into: Option<DbId>,
    pub erased_at: Option<DbTime>,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    #[serde(default)]
    pub unsubscribed_at: Option<DbTime>,
    #[serde(default)]
    pub bounced_at: Option<DbTime>,
}

/// A row of `accounts`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = accounts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AccountRow {
    pub id: DbId,
    pub name: String,
    /// Derived from `name`, also when an export is restored.
    #[serde(skip)]
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

/// The reference to a customer in other resources.
pub fn mention(customer: &CustomerRow, account: Option<&AccountRow>) -> CustomerRef {
    CustomerRef {
        id: customer.id.into(),
        name: customer.name.clone(),
        email: customer.email.clone(),
        account: account.map(|a| AccountRef { id: a.id.into(), name: a.name.clone() }),
    }
}

/// An `(origin, external_id)` with its customer and account.
pub type Identified = ((String, String), CustomerRow, Option<AccountRow>);

/// The customers of these `(origin, external_id)`, each with its key.
pub fn by_identity(conn: &mut Conn, keys: &[(String, String)]) -> Result<Vec<Identified>> {
    let wanted: BTreeSet<&str> = keys.iter().map(|k| k.1.as_str()).collect();
    let query = customer_identities::table
        .inner_join(customers::table.on(customers::id.eq(customer_identities::customer_id)))
        .left_join(accounts::table.on(customers::account_id.eq(accounts::id.nullable())))
        .select((
            (customer_identities::origin, customer_identities::external_id),
            customers::all_columns,
            accounts::all_columns.nullable(),
        ));
    Ok(load_each!(conn, query, customer_identities::external_id, wanted))
}

/// The customers with these folded e-mail addresses.
pub fn by_email(conn: &mut Conn, folded: &[String]) -> Result<Vec<CustomerRow>> {
    let wanted: BTreeSet<&String> = folded.iter().collect();
    Ok(load_each!(conn, customers::table, customers::email_folded, wanted))
}

/// The language of the customer's latest feedback in which a language was recognised; `None` if there is none.
pub fn language(conn: &mut Conn, customer: Id) -> Result<Option<String>> {
    let told =
        feedback::table.filter(feedback::customer_id.eq(DbId(customer))).filter(feedback::language.is_not_null());
    let last = told.select(feedback::language).order((feedback::occurred_at.desc(), feedback::id.desc()));
    Ok(last.first::<Option<String>>(conn).optional()?.flatten())
}

/// The customers with these ids.
pub fn by_id(conn: &mut Conn, ids: &[Id]) -> Result<Vec<CustomerRow>> {
    let wanted: BTreeSet<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    Ok(load_each!(conn, customers::table, customers::id, wanted))
}

/// The accounts with these folded names.
pub fn accounts_by_name(conn: &mut Conn, folded: &[String]) -> Result<Vec<AccountRow>> {
    let wanted: BTreeSet<&String> = folded.iter().collect();
    Ok(load_each!(conn, accounts::table, accounts::name_folded, wanted))
}

/// The accounts with these ids.
pub fn accounts_by_id(conn: &mut Conn, ids: &[Id]) -> Result<Vec<AccountRow>> {
    let wanted: BTreeSet<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    Ok(load_each!(conn, accounts::table, accounts::id, wanted))
}

/// Adds customers.
///
/// # Errors
/// 409 where an e-mail address is taken.
pub fn insert(tx: &mut Tx<'_>, rows: &[CustomerRow]) -> Result<()> {
    if !rows.is_empty() {
        insert_rows!(tx.conn, customers::table, rows);
    }
    Ok(())
}

/// Writes the current state of a customer.
///
/// # Errors
/// 409 where an e-mail address is taken.
pub fn update(tx: &mut Tx<'_>, row: &CustomerRow) -> Result<()> {
    diesel::update(customers::table.find(row.id)).set(row).execute(tx.conn)?;
    Ok(())
}

/// Adds accounts.
///
/// # Errors
/// 409 where a name is taken.
pub fn insert_accounts(tx: &mut Tx<'_>, rows: &[AccountRow]) -> Result<()> {
    if !rows.is_empty() {
        insert_rows!(tx.conn, accounts::table, rows);
    }
    Ok(())
}

/// Writes the current state of an account.
///
/// # Errors
/// 409 where the name is taken.
pub fn update_account(tx: &mut Tx<'_>, row: &AccountRow) -> Result<()> {
    diesel::update(accounts::table.find(row.id)).set(row).execute(tx.conn)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = customer_identities, treat_none_as_default_value = false)]
struct IdentityRow<'a> {
    origin: &'a str,
    external_id: &'a str,
    customer_id: DbId,
}

/// Adds identities.
///
/// # Errors
/// 409 where an identity is taken.
pub fn insert_identities(tx: &mut Tx<'_>, identities: &[((String, String), Id)]) -> Result<()> {
    let row = |((origin, external_id), id): &'_ ((String, String), Id)| (origin.clone(), external_id.clone(), *id);
    let owned: Vec<_> = identities.iter().map(row).collect();
    let rows: Vec<IdentityRow<'_>> =
        owned.iter().map(|(o, e, id)| IdentityRow { origin: o, external_id: e, customer_id: DbId(*id) }).collect();
    if !rows.is_empty() {
        insert_rows!(tx.conn, customer_identities::table, &rows);
    }
    Ok(())
}

/// Moves one customer's identities to another.
pub fn move_identities(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(customer_identities::table.filter(customer_identities::customer_id.eq(DbId(from))))
        .set(customer_identities::customer_id.eq(DbId(to)))
        .execute(tx.conn)?;
    Ok(())
}

/// Deletes a customer's identities.
pub fn delete_identities(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    diesel::delete(customer_identities::table.filter(customer_identities::customer_id.eq(DbId(customer))))
        .execute(tx.conn)?;
    Ok(())
}

/// The customers that were merged into this one.
pub fn merged_into(conn: &mut Conn, customer: Id) -> Result<Vec<CustomerRow>> {
    Ok(customers::table.filter(customers::merged_into.eq(DbId(customer))).load(conn)?)
}

/// The row of a customer, merged customers included.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<CustomerRow> {
    customers::table.find(DbId(id)).first(conn).optional()?.ok_or_else(|| Error::not_found("customer"))
}

/// The row of a customer, locked until the commit; merged customers included.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<CustomerRow> {
    lock_row!(tx, customers, id);
    row(tx.conn, id)
}

/// The row of an account, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock_account(tx: &mut Tx<'_>, id: Id) -> Result<AccountRow> {
    lock_row!(tx, accounts, id);
    account_row(tx.conn, id)
}

/// The row of an account.
///
/// # Errors
/// 404.
pub fn account_row(conn: &mut Conn, id: Id) -> Result<AccountRow> {
    accounts::table.find(DbId(id)).first(conn).optional()?.ok_or_else(|| Error::not_found("account"))
}

/// A customer in the form of the API.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Customer> {
    let row = row(conn, id)?;
    Ok(show(conn, vec![row])?.remove(0))
}

/// Customers, newest first, without those merged into others.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &CustomerQuery, paging: &Paging) -> Result<Page<Customer>> {
    let mut query = customers::table.filter(customers::merged_into.is_null()).into_boxed();
    for pattern in q.q.iter().flat_map(|words| patterns(words)) {
        let of_account =
            accounts::table.filter(contains!("accounts.name", pattern.clone())).select(accounts::id.nullable());
        let own = contains!("coalesce(customers.name, '') || ' ' || coalesce(customers.email, '')", pattern);
        query = query.filter(own.or(customers::account_id.eq_any(of_account)));
    }
    if let Some(account) = q.account {
        query = query.filter(customers::account_id.eq(DbId(account)));
    }
    if let Some(email) = &q.email {
        query = query.filter(customers::email_folded.eq(crate::domain::base::text::email_fold(email)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(customers::id.lt(DbId(after)));
    }
    let rows: Vec<CustomerRow> = query.order(customers::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let customers = show(conn, rows)?;
    Ok(paging.page(customers, |c| vec![c.id.to_string()]))
}

/// Accounts, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list_accounts(
    conn: &mut Conn,
    name: Option<&str>,
    segment: Option<&str>,
    paging: &Paging,
) -> Result<Page<Account>> {
    let mut query = accounts::table.into_boxed();
    if let Some(name) = name {
        query = query.filter(accounts::name_folded.eq(crate::domain::base::text::fold(name)));
    }
    if let Some(segment) = segment {
        query = query.filter(accounts::segment.eq(segment.to_owned()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(accounts::id.lt(DbId(after)));
    }
    let rows: Vec<AccountRow> = query.order(accounts::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(rows.into_iter().map(Account::from).collect(), |a| vec![a.id.to_string()]))
}

/// The customers with their accounts and identities.
fn show(conn: &mut Conn, rows: Vec<CustomerRow>) -> Result<Vec<Customer>> {
    let ids: Vec<DbId> = rows.iter().map(|r| r.id).collect();
    let account_ids: Vec<Id> = rows.iter().filter_map(|r| r.account_id.map(Id::from)).collect();
    let accounts: HashMap<DbId, AccountRow> =
        accounts_by_id(conn, &account_ids)?.into_iter().map(|a| (a.id, a)).collect();
    let mut identities: HashMap<DbId, Vec<Identity>> = HashMap::new();
    let found: Vec<(String, String, DbId)> = customer_identities::table
        .filter(customer_identities::customer_id.eq_any(ids))
        .select((customer_identities::origin, customer_identities::external_id, customer_identities::customer_id))
        .order((customer_identities::origin, customer_identities::external_id))
        .load(conn)?;
    for (origin, external_id, id) in found {
        identities.entry(id).or_default().push(Identity { origin, external_id });
    }
    let mut erasures: HashMap<DbId, Erasure> = HashMap::new();
    for row in rows.iter().filter(|row| row.erased_at.is_some()) {
        erasures.extend(erasures::of_customer(conn, row.id.into())?.map(|erasure| (row.id, erasure)));
    }
    let customer = |row: CustomerRow| {
        let account = row.account_id.and_then(|id| accounts.get(&id));
        Customer {
            id: row.id.into(),
            name: row.name,
            email: row.email,
            account: account.map(|a| AccountRef { id: a.id.into(), name: a.name.clone() }),
            identities: identities.remove(&row.id).unwrap_or_default(),
            merged_into: row.merged_into.map(Id::from),
            erased_at: row.erased_at.map(Time::from),
            erasure: erasures.remove(&row.id),
            unsubscribed_at: row.unsubscribed_at.map(Time::from),
            bounced_at: row.bounced_at.map(Time::from),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    };
    Ok(rows.into_iter().map(customer).collect())
}
