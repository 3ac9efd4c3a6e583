//! Customers, their identities in other systems, and their accounts.

use std::collections::{BTreeSet, HashMap};

pub(in crate::store) use super::customer_rows::{AccountRow, CustomerRow};
use crate::domain::base::{Id, Page, Paging, Reference};
use crate::domain::feedback::{
    Account, AccountQuery, AccountRef, Customer, CustomerQuery, CustomerRecord, Erasure, Identity,
};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows, load_each, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::privacy::erasures;
use crate::store::schema::{accounts, customer_identities, customers, feedback};
use crate::store::search::containing::{contains, patterns};

/// A customer of an `(origin, external_id)`, with the account.
#[derive(Clone, Debug)]
pub struct Identified {
    pub identity: (String, String),
    pub customer: CustomerRecord,
    pub account: Option<Account>,
}

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
    let found: Vec<((String, String), CustomerRow, Option<AccountRow>)> =
        load_each!(conn, query, customer_identities::external_id, wanted);
    let identified = |(identity, customer, account): (_, CustomerRow, Option<AccountRow>)| Identified {
        identity,
        customer: customer.into(),
        account: account.map(Account::from),
    };
    Ok(found.into_iter().map(identified).collect())
}

fn records(rows: Vec<CustomerRow>) -> Vec<CustomerRecord> {
    rows.into_iter().map(CustomerRecord::from).collect()
}

fn account_list(rows: Vec<AccountRow>) -> Vec<Account> {
    rows.into_iter().map(Account::from).collect()
}

/// The customers with these folded e-mail addresses.
pub fn by_email(conn: &mut Conn, folded: &[String]) -> Result<Vec<CustomerRecord>> {
    let wanted: BTreeSet<&String> = folded.iter().collect();
    Ok(records(load_each!(conn, customers::table, customers::email_folded, wanted)))
}

/// The language of the customer's latest feedback in which a language was recognised; `None` if there is none.
pub fn language(conn: &mut Conn, customer: Id) -> Result<Option<String>> {
    let told =
        feedback::table.filter(feedback::customer_id.eq(DbId(customer))).filter(feedback::language.is_not_null());
    let last = told.select(feedback::language).order((feedback::occurred_at.desc(), feedback::id.desc()));
    Ok(last.first::<Option<String>>(conn).optional()?.flatten())
}

/// The languages of customers, as [`language`] says; who has none is missing.
pub fn languages(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let mut found = HashMap::new();
    for some in ids.chunks(500) {
        let told = feedback::table
            .filter(feedback::customer_id.eq_any(some.iter().map(|id| Some(DbId(*id)))))
            .filter(feedback::language.is_not_null());
        let rows: Vec<(Option<DbId>, Option<String>)> = told
            .select((feedback::customer_id, feedback::language))
            .order((feedback::occurred_at.asc(), feedback::id.asc()))
            .load(conn)?;
        found.extend(rows.into_iter().filter_map(|(id, language)| Some((id?.into(), language?))));
    }
    Ok(found)
}

/// The customers with these ids.
pub fn by_id(conn: &mut Conn, ids: &[Id]) -> Result<Vec<CustomerRecord>> {
    let wanted: BTreeSet<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    Ok(records(load_each!(conn, customers::table, customers::id, wanted)))
}

/// The accounts with these folded names.
pub fn accounts_by_name(conn: &mut Conn, folded: &[String]) -> Result<Vec<Account>> {
    let wanted: BTreeSet<&String> = folded.iter().collect();
    Ok(account_list(load_each!(conn, accounts::table, accounts::name_folded, wanted)))
}

/// The accounts with these ids.
pub fn accounts_by_id(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Account>> {
    let wanted: BTreeSet<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    Ok(account_list(load_each!(conn, accounts::table, accounts::id, wanted)))
}

/// Adds customers.
///
/// # Errors
/// 409 where an e-mail address is taken.
pub fn insert(tx: &mut Tx<'_>, new: Vec<CustomerRecord>) -> Result<()> {
    let rows: Vec<CustomerRow> = new.into_iter().map(CustomerRow::from).collect();
    if !rows.is_empty() {
        insert_rows!(tx.conn, customers::table, &rows);
    }
    Ok(())
}

/// Writes the current state of a customer.
///
/// # Errors
/// 409 where an e-mail address is taken.
pub fn update(tx: &mut Tx<'_>, customer: CustomerRecord) -> Result<()> {
    let row = CustomerRow::from(customer);
    diesel::update(customers::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Adds accounts.
///
/// # Errors
/// 409 where a name is taken.
pub fn insert_accounts(tx: &mut Tx<'_>, new: Vec<Account>) -> Result<()> {
    let rows: Vec<AccountRow> = new.into_iter().map(AccountRow::from).collect();
    if !rows.is_empty() {
        insert_rows!(tx.conn, accounts::table, &rows);
    }
    Ok(())
}

/// Writes the current state of an account.
///
/// # Errors
/// 409 where the name is taken.
pub fn update_account(tx: &mut Tx<'_>, account: Account) -> Result<()> {
    let row = AccountRow::from(account);
    diesel::update(accounts::table.find(row.id)).set(&row).execute(tx.conn)?;
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
pub fn merged_into(conn: &mut Conn, customer: Id) -> Result<Vec<CustomerRecord>> {
    Ok(records(customers::table.filter(customers::merged_into.eq(DbId(customer))).load(conn)?))
}

/// A customer as it is stored, merged customers included.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<CustomerRecord> {
    let row: Option<CustomerRow> = customers::table.find(DbId(id)).first(conn).optional()?;
    row.map(CustomerRecord::from).ok_or_else(|| Error::not_found("customer"))
}

/// The person that the field `customer_id` names: the customer with this id, or the one they were merged into.
///
/// # Errors
/// 422 where there is no such customer, or they were erased.
pub fn known(conn: &mut Conn, id: Id) -> Result<Id> {
    let named = Reference::Customer.found(row(conn, id), "/customer_id")?;
    let person = if named.merged_into.is_some() { row(conn, named.person())? } else { named };
    match person.erased_at {
        Some(_) => Err(Error::field("/customer_id", "erased", "is the id of a customer who was erased")),
        None => Ok(person.id),
    }
}

/// A customer as it is stored, locked until the commit; merged customers included.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<CustomerRecord> {
    lock_row!(tx, customers, id);
    row(tx.conn, id)
}

/// An account, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock_account(tx: &mut Tx<'_>, id: Id) -> Result<Account> {
    lock_row!(tx, accounts, id);
    account(tx.conn, id)
}

/// An account.
///
/// # Errors
/// 404.
pub fn account(conn: &mut Conn, id: Id) -> Result<Account> {
    let row: Option<AccountRow> = accounts::table.find(DbId(id)).first(conn).optional()?;
    row.map(Account::from).ok_or_else(|| Error::not_found("account"))
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
    listed(conn, q, None, paging)
}

/// A few customers who fit what somebody types, newest first: of the newest ones, as many as `among` says, and the one with
/// this address. Words can stand anywhere in a name, which no index finds, so that looking through all would take longer
/// the more customers there are.
pub fn few_of_newest(conn: &mut Conn, words: &str, among: i64, few: &Paging) -> Result<Vec<Customer>> {
    let oldest = customers::table.select(customers::id).order(customers::id.desc()).offset(among - 1).limit(1);
    let oldest: Option<DbId> = oldest.first(conn).optional()?;
    let q = CustomerQuery { q: Some(words.to_owned()), ..CustomerQuery::default() };
    let mut found = listed(conn, &q, oldest, few)?.data;
    if found.is_empty() && words.contains('@') {
        let q = CustomerQuery { email: Some(words.to_owned()), ..CustomerQuery::default() };
        found = listed(conn, &q, None, few)?.data;
    }
    Ok(found)
}

fn listed(conn: &mut Conn, q: &CustomerQuery, oldest: Option<DbId>, paging: &Paging) -> Result<Page<Customer>> {
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
    if let Some(oldest) = oldest {
        query = query.filter(customers::id.ge(oldest));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(customers::id.lt(DbId(after)));
    }
    let rows: Vec<CustomerRow> = query.order(customers::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let customers = show(conn, records(rows))?;
    Ok(paging.page(customers, |c| vec![c.id.to_string()]))
}

/// Accounts, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list_accounts(conn: &mut Conn, q: &AccountQuery, paging: &Paging) -> Result<Page<Account>> {
    let mut query = accounts::table.into_boxed();
    if let Some(name) = &q.name {
        query = query.filter(accounts::name_folded.eq(crate::domain::base::text::fold(name)));
    }
    for pattern in q.q.iter().flat_map(|words| patterns(words)) {
        query = query.filter(contains!("accounts.name", pattern));
    }
    if let Some(segment) = &q.segment {
        query = query.filter(accounts::segment.eq(segment.clone()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(accounts::id.lt(DbId(after)));
    }
    let rows: Vec<AccountRow> = query.order(accounts::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(rows.into_iter().map(Account::from).collect(), |a| vec![a.id.to_string()]))
}

/// The customers with their accounts and identities.
fn show(conn: &mut Conn, records: Vec<CustomerRecord>) -> Result<Vec<Customer>> {
    let account_ids: Vec<Id> = records.iter().filter_map(|record| record.account_id).collect();
    let accounts: HashMap<Id, Account> =
        accounts_by_id(conn, &account_ids)?.into_iter().map(|account| (account.id, account)).collect();
    let mut identities: HashMap<DbId, Vec<Identity>> = HashMap::new();
    let found: Vec<(String, String, DbId)> = customer_identities::table
        .filter(customer_identities::customer_id.eq_any(records.iter().map(|record| DbId(record.id))))
        .select((customer_identities::origin, customer_identities::external_id, customer_identities::customer_id))
        .order((customer_identities::origin, customer_identities::external_id))
        .load(conn)?;
    for (origin, external_id, id) in found {
        identities.entry(id).or_default().push(Identity { origin, external_id });
    }
    let mut erasures: HashMap<Id, Erasure> = HashMap::new();
    for record in records.iter().filter(|record| record.erased_at.is_some()) {
        erasures.extend(erasures::of_customer(conn, record.id)?.map(|erasure| (record.id, erasure)));
    }
    let customer = |record: CustomerRecord| Customer {
        id: record.id,
        name: record.name,
        email: record.email.map(|email| email.text),
        account: record.account_id.and_then(|id| accounts.get(&id)).map(AccountRef::from),
        identities: identities.remove(&record.id.into()).unwrap_or_default(),
        merged_into: record.merged_into,
        erased_at: record.erased_at,
        erasure: erasures.remove(&record.id),
        unsubscribed_at: record.unsubscribed_at,
        bounced_at: record.bounced_at,
        version: record.version,
        created_at: record.created_at,
        updated_at: record.updated_at,
    };
    Ok(records.into_iter().map(customer).collect())
}
