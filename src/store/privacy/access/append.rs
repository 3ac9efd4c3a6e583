//! Adding entries to a chain of the access log.

use std::collections::BTreeSet;

use super::rows::{Row, joined};
use crate::domain::base::{Id, Time};
use crate::domain::privacy::access::log::{AccessChain, FIRST, NewAccess, hash_of, hex};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::base::work::advisory::{self, Hold, Lock};
use crate::store::schema::values::{Sql, Value};
use crate::store::schema::{access_heads, access_log, access_people};

/// The most rows of one statement.
const CHUNK: usize = 100;

/// The end of a chain.
struct End {
    seq: i64,
    hash: Vec<u8>,
    day: i32,
}

/// Appends entries, in this order. One transaction at a time appends to a chain.
pub fn append(tx: &mut Tx<'_>, chain: AccessChain, entries: Vec<NewAccess>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    advisory::lock(tx.conn, Lock::AccessLog, Hold::Alone)?;
    let mut end = end_of(tx.conn, chain)?;
    // The clock may be turned back; the days of a chain only rise.
    end.day = end.day.max(day_of(tx.now));
    let (first, mut rows) = (end.seq, Vec::with_capacity(entries.len()));
    for entry in entries {
        rows.push(next(&mut end, chain, entry)?);
    }
    for some in rows.chunks(CHUNK) {
        diesel_insert(tx, some)?;
    }
    people(tx, &rows)?;
    head(tx, chain, &end, end.seq - first)
}

/// The entry after the end, which moves on to it.
fn next(end: &mut End, chain: AccessChain, entry: NewAccess) -> Result<Row> {
    let mut row = Row {
        chain: chain.as_str().to_owned(),
        seq: end.seq + 1,
        at: entry.at.into(),
        day: end.day,
        actor: entry.actor,
        who: entry.who.into(),
        token_id: entry.token_id.map(DbId),
        address: entry.address,
        operation: entry.operation,
        act: entry.act.as_str().to_owned(),
        status: entry.status,
        customers: joined(&entry.customers),
        feedback: joined(&entry.feedback),
        customer_count: entry.customers.len() as i32,
        query_hash: entry.query_hash,
        reason_hash: entry.reason.as_deref().map(hash_of),
        reason: entry.reason,
        source_id: entry.source_id.map(DbId),
        subject_id: entry.subject_id.map(DbId),
        hash: Vec::new(),
    };
    row.hash = row.clone().show()?.hash_after(&end.hash);
    (end.seq, end.hash) = (row.seq, row.hash.clone());
    Ok(row)
}

/// The columns of [`access_log`], in the order of [`values`].
const COLUMNS: [&str; 20] = [
    "chain",
    "seq",
    "at",
    "day",
    "actor",
    "who",
    "token_id",
    "address",
    "operation",
    "act",
    "status",
    "customers",
    "feedback",
    "customer_count",
    "query_hash",
    "reason",
    "reason_hash",
    "source_id",
    "subject_id",
    "hash",
];

fn values(row: &Row) -> Vec<Value> {
    let row = row.clone();
    vec![
        row.chain.into(),
        row.seq.into(),
        row.at.into(),
        row.day.into(),
        row.actor.into(),
        row.who.into(),
        Value::UuidSql(row.token_id),
        row.address.into(),
        row.operation.into(),
        row.act.into(),
        row.status.into(),
        row.customers.into(),
        row.feedback.into(),
        row.customer_count.into(),
        Value::Binary(row.query_hash),
        Value::Text(row.reason),
        Value::Binary(row.reason_hash),
        Value::UuidSql(row.source_id),
        Value::UuidSql(row.subject_id),
        row.hash.into(),
    ]
}

/// Inserts rows by one statement.
fn diesel_insert(tx: &mut Tx<'_>, rows: &[Row]) -> Result<()> {
    let rows: Vec<Vec<Value>> = rows.iter().map(values).collect();
    let sql = Sql::new("INSERT INTO access_log (").each(COLUMNS, ", ", Sql::name).words(") VALUES (");
    let sql = sql.each(&rows, "), (", |sql, row| sql.each(row, ", ", Sql::value));
    sql.words(") RETURNING 1").rows(tx.conn, &[]).map(drop)
}

/// Notes who saw whom on this day.
fn people(tx: &mut Tx<'_>, rows: &[Row]) -> Result<()> {
    let mut seen: BTreeSet<(Id, i32, Id)> = BTreeSet::new();
    for row in rows {
        let entry = row.clone().show()?;
        seen.extend(entry.customer_ids.iter().map(|customer| (*customer, row.day, Id::from(row.who))));
    }
    let cells = |(customer, day, who): (Id, i32, Id)| [DbId(customer).into(), day.into(), DbId(who).into()];
    let rows: Vec<[Value; 3]> = seen.into_iter().map(cells).collect();
    for some in rows.chunks(CHUNK) {
        let sql = Sql::new("INSERT INTO access_people (customer_id, day, who) VALUES (");
        let sql = sql.each(some, "), (", |sql, row| sql.each(row, ", ", Sql::value));
        sql.words(") ON CONFLICT DO NOTHING RETURNING 1").rows(tx.conn, &[])?;
    }
    Ok(())
}

/// Writes the last entry of the day.
fn head(tx: &mut Tx<'_>, chain: AccessChain, end: &End, more: i64) -> Result<()> {
    let own = access_heads::table.find((chain.as_str(), end.day));
    let entries = access_heads::entries + more;
    let set = (access_heads::seq.eq(end.seq), access_heads::hash.eq(&end.hash), access_heads::entries.eq(entries));
    if diesel::update(own).set(set).execute(tx.conn)? > 0 {
        return Ok(());
    }
    let row = (
        access_heads::chain.eq(chain.as_str()),
        access_heads::day.eq(end.day),
        access_heads::seq.eq(end.seq),
        access_heads::hash.eq(&end.hash),
        access_heads::entries.eq(more),
    );
    diesel::insert_into(access_heads::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The end of a chain; the place before its first entry where there is none.
fn end_of(conn: &mut Conn, chain: AccessChain) -> Result<End> {
    let last = access_heads::table
        .filter(access_heads::chain.eq(chain.as_str()))
        .order(access_heads::seq.desc())
        .select((access_heads::seq, access_heads::hash, access_heads::day));
    let last: Option<(i64, Vec<u8>, i32)> = last.first(conn).optional()?;
    let (seq, hash, day) = last.unwrap_or((0, FIRST.to_vec(), 0));
    Ok(End { seq, hash, day })
}

/// The day of a time, in days since 1970.
pub(super) fn day_of(at: Time) -> i32 {
    (at.0.div_euclid(Time::DAY)) as i32
}

/// The last entry of a chain that was written: its number, and its hash as text.
pub fn last(conn: &mut Conn, chain: AccessChain) -> Result<(i64, String)> {
    let end = end_of(conn, chain)?;
    Ok((end.seq, hex(&end.hash)))
}

/// Removes the entries of a chain that were written on a day before this one. The heads of their days stay.
pub fn sweep(tx: &mut Tx<'_>, chain: AccessChain, before: Time) -> Result<()> {
    let day = day_of(before);
    let old = access_log::table.filter(access_log::chain.eq(chain.as_str())).filter(access_log::day.lt(day));
    diesel::delete(old).execute(tx.conn)?;
    if chain == AccessChain::Reads {
        let old = access_people::table.filter(access_people::day.lt(day));
        on_each!(tx.conn, c => diesel::delete(old).execute(c))?;
    }
    Ok(())
}
