//! The tables as an export holds them: every row a JSON object, its ids as they are.
//!
//! Each table and column states in `store/schema/` whether it is exported, and why if it is not. The general rules:
//!
//! - Secrets are not exported, because an export must not give access to anything.
//! - The progress of an instance (events, deliveries) is not exported, so that nothing is sent twice.
//! - Derived data is not exported; it is computed again.
//!
//! So links in mails that were sent before the move do not work on the new instance, because they are signed with a key of
//! the old one. A mail that was not sent before the move becomes a to-do of an agent.

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::exported::shown;
use super::lines::{Line, lines};
use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::types::json;
use crate::store::schema::values::{ColumnType, Sql, Value};

/// The end of a statement that reads some rows at a time.
const PAGE: &str = " LIMIT 500";

/// Takes the lines of an export, one by one.
pub type Lines<'a> = dyn FnMut(&str) -> Result<()> + 'a;

/// Reads everything an export holds, as it was at one moment, in constant memory.
///
/// # Errors
/// Those of `lines`.
pub fn all(conn: &mut Conn, lines: &mut Lines<'_>) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => Transactions::begin_transaction_sql(c, "BEGIN")?,
        Conn::Postgres(c) => Transactions::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
    }
    let written = write_all(conn, lines);
    on_each!(conn, c => Transactions::rollback_transaction(c))?;
    written
}

/// The types of lines in their order, each with the fields that it holds.
pub fn format() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    lines().iter().map(|line| (line.name, line.columns.iter().map(|column| column.name).collect()))
}

fn write_all(conn: &mut Conn, out: &mut Lines<'_>) -> Result<()> {
    lines().iter().try_for_each(|line| write(conn, line, out))
}

fn write(conn: &mut Conn, line: &Line, out: &mut Lines<'_>) -> Result<()> {
    let mut rows = page(conn, line, None)?;
    while let Some(last) = rows.pop() {
        for values in rows.iter().chain([&last]) {
            out(&json(&WrittenLine { line, values }))?;
        }
        rows = page(conn, line, Some(&last))?;
    }
    Ok(())
}

/// The next rows after this one, in the order of what tells them apart.
fn page(conn: &mut Conn, line: &Line, after: Option<&[Value]>) -> Result<Vec<Vec<Value>>> {
    let order = line.table.order();
    let mut sql = Sql::new("SELECT ").each(&line.columns, ", ", |sql, column| sql.name(column.name));
    sql = sql.words(" FROM ").name(line.table.name).words(" WHERE TRUE");
    if line.completes {
        sql = sql.words(" AND (");
        sql = sql.each(line.completed(), " OR ", |sql, (_, column)| sql.name(column.name).words(" IS NOT NULL"));
        sql = sql.words(")");
    }
    if let Some(last) = after {
        let last = order.iter().filter_map(|name| last.get(line.place_of(name)?));
        sql = sql.words(" AND (").each(order, ", ", |sql, name| sql.name(name)).words(") > (");
        sql = sql.each(last, ", ", Sql::value).words(")");
    }
    sql = sql.words(" ORDER BY ").each(order, ", ", |sql, name| sql.name(name)).words(PAGE);
    let types: Vec<ColumnType> = line.columns.iter().map(|column| column.kind).collect();
    sql.rows(conn, &types)
}

/// A line of an export.
struct WrittenLine<'a> {
    line: &'a Line,
    values: &'a [Value],
}

impl Serialize for WrittenLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len() + 1))?;
        map.serialize_entry("type", self.line.name)?;
        for (column, value) in self.line.columns.iter().zip(self.values) {
            map.serialize_entry(column.name, &shown(column, value))?;
        }
        map.end()
    }
}
