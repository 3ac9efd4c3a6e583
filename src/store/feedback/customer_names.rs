//! Names of customers, for finding them in texts that must not contain names.

use crate::domain::base::{Id, Time};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::customers;

/// A customer and their names.
#[derive(Clone, Debug)]
pub struct Called {
    pub id: Id,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// The names of all customers that have any.
pub fn named(conn: &mut Conn) -> Result<Vec<Called>> {
    let is_called = customers::name.is_not_null().or(customers::email.is_not_null());
    let rows: Vec<(DbId, Option<String>, Option<String>)> =
        customers::table.filter(is_called).select((customers::id, customers::name, customers::email)).load(conn)?;
    Ok(rows.into_iter().map(|(id, name, email)| Called { id: id.into(), name, email }).collect())
}

/// The names of a customer, and when they were last changed.
#[derive(Clone, Debug, Queryable)]
pub struct CustomerNames {
    pub name: Option<String>,
    pub email: Option<String>,
    pub updated_at: Time,
}

/// The names of customers changed at `since` or later; of all customers without it.
pub fn named_since(conn: &mut Conn, since: Option<Time>) -> Result<Vec<CustomerNames>> {
    let is_called = customers::name.is_not_null().or(customers::email.is_not_null());
    let named = customers::table.filter(is_called);
    let columns = (customers::name, customers::email, customers::updated_at);
    Ok(match since {
        Some(since) => named.filter(customers::updated_at.ge(DbTime(since))).select(columns).load(conn)?,
        None => named.select(columns).load(conn)?,
    })
}
