//! On which basis customers are contacted, by purpose.

use std::collections::HashSet;

use crate::domain::base::{Id, Time};
use crate::domain::privacy::consent::{ConsentRecord, ContactPurpose};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::consents;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = consents, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    customer_id: DbId,
    purpose: String,
    basis: String,
    source: String,
    given_at: DbTime,
    withdrawn_at: Option<DbTime>,
    withdrawn_how: Option<String>,
    recorded_by: Option<DbId>,
    recorded_at: DbTime,
}

impl From<&ConsentRecord> for Row {
    fn from(record: &ConsentRecord) -> Self {
        Self {
            id: record.id.into(),
            customer_id: record.customer_id.into(),
            purpose: record.purpose.as_str().to_owned(),
            basis: record.basis.as_str().to_owned(),
            source: record.source.clone(),
            given_at: record.given_at.into(),
            withdrawn_at: record.withdrawn_at.map(DbTime),
            withdrawn_how: record.withdrawn_how.clone(),
            recorded_by: record.recorded_by.map(DbId),
            recorded_at: record.recorded_at.into(),
        }
    }
}

fn record(row: Row) -> Result<ConsentRecord> {
    Ok(ConsentRecord {
        id: row.id.into(),
        customer_id: row.customer_id.into(),
        purpose: name(&row.purpose)?,
        basis: name(&row.basis)?,
        source: row.source,
        given_at: row.given_at.into(),
        withdrawn_at: row.withdrawn_at.map(Time::from),
        withdrawn_how: row.withdrawn_how,
        recorded_by: row.recorded_by.map(Id::from),
        recorded_at: row.recorded_at.into(),
    })
}

/// Adds a record.
pub fn insert(tx: &mut Tx<'_>, record: &ConsentRecord) -> Result<()> {
    diesel::insert_into(consents::table).values(&Row::from(record)).execute(tx.conn)?;
    Ok(())
}

/// Writes a record's fields.
pub fn update(tx: &mut Tx<'_>, record: &ConsentRecord) -> Result<()> {
    let row = Row::from(record);
    diesel::update(consents::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// The records of a customer, newest first.
pub fn of_customer(conn: &mut Conn, customer: Id) -> Result<Vec<ConsentRecord>> {
    let theirs = consents::table.filter(consents::customer_id.eq(DbId(customer)));
    let rows: Vec<Row> = theirs.order(consents::id.desc()).load(conn)?;
    rows.into_iter().map(record).collect()
}

/// Those of these customers whose latest record of a purpose is withdrawn.
pub fn withdrawn(conn: &mut Conn, customers: &[Id], purpose: ContactPurpose) -> Result<HashSet<Id>> {
    let mut found = HashSet::new();
    for some in customers.chunks(500) {
        // Withdrawals are rare: only customers who have any are looked at closer.
        let rows = consents::table
            .filter(consents::purpose.eq(purpose.as_str()))
            .filter(consents::customer_id.eq_any(some.iter().map(|id| DbId(*id))))
            .select((consents::customer_id, consents::withdrawn_at))
            .order(consents::id.asc());
        for (customer, withdrawn_at) in rows.load::<(DbId, Option<DbTime>)>(conn)? {
            match withdrawn_at {
                Some(_) => found.insert(Id::from(customer)),
                None => found.remove(&Id::from(customer)),
            };
        }
    }
    Ok(found)
}

/// Deletes the records of these customers.
pub fn forget(tx: &mut Tx<'_>, customers: &[Id]) -> Result<()> {
    let theirs = consents::customer_id.eq_any(customers.iter().map(|id| DbId(*id)));
    diesel::delete(consents::table.filter(theirs)).execute(tx.conn)?;
    Ok(())
}

/// Moves the records of one customer to another.
pub fn move_to_customer(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(consents::table.filter(consents::customer_id.eq(DbId(from))))
        .set(consents::customer_id.eq(DbId(to)))
        .execute(tx.conn)?;
    Ok(())
}
