//! Whether the database has the tables that the program declares (`store/schema/`), column by column.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_query;
use diesel::sql_types::{Bool, Nullable, Text};

use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::schema::declare::{Column, Export, Table};
use crate::store::schema::tables;
use crate::store::schema::values::ColumnType;

/// Tables that are another on each database, or on one only: the search index (`store/search/index.rs`), and where
/// PostgreSQL's event log begins (`store/base/log_base.rs`).
const NOT_COMMON: [&str; 2] = ["feedback_search", "log_base"];

/// The names that a database has for a type.
type Types = fn(ColumnType) -> &'static [&'static str];

/// A column as the database has it.
#[derive(QueryableByName)]
struct ActualColumn {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    /// The table that it refers to by a foreign key.
    #[diesel(sql_type = Nullable<Text>)]
    refers: Option<String>,
}

const SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name, upper(c.type) AS kind, \
     m.type = 'table' AND c.\"notnull\" = 0 AS nullable, \
     (SELECT k.\"table\" FROM pragma_foreign_key_list(m.name) k WHERE k.\"from\" = c.name) AS refers \
     FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'feedback\\_search%' ESCAPE '\\'";

const POSTGRES: &str = "SELECT t.relname::text AS table_name, a.attname::text AS column_name, \
     upper(format_type(a.atttypid, NULL)) AS kind, t.relkind = 'r' AND NOT a.attnotnull AS nullable, \
     (SELECT k.confrelid::regclass::text FROM pg_constraint k \
      WHERE k.contype = 'f' AND k.conrelid = t.oid AND k.conkey = ARRAY[a.attnum] LIMIT 1) AS refers \
     FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
     WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'v')";

/// How the database and the declarations differ, a sentence for each difference.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What the database lacks, or has in another way.
    pub wrong: Vec<String>,
    /// What only the database has. Somebody may have added it for purposes of their own.
    pub undeclared: Vec<String>,
}

/// Compares the database with the declarations. Views have no types on SQLite, so of a view only the names of the columns
/// are compared.
pub fn drift(conn: &mut Conn) -> Result<Drift> {
    let (query, types): (&str, Types) = match conn {
        Conn::Sqlite(_) => (SQLITE, on_sqlite),
        Conn::Postgres(_) => (POSTGRES, on_postgres),
    };
    let found: Vec<ActualColumn> = on_each!(conn, c => sql_query(query).load(c))?;
    let mut there: BTreeMap<String, Vec<ActualColumn>> = BTreeMap::new();
    for column in found.into_iter().filter(|column| is_common(&column.table_name)) {
        there.entry(column.table_name.clone()).or_default().push(column);
    }
    let mut drift = Drift::default();
    for table in tables().filter(|table| is_common(table.name)) {
        drift.compare(table, &there.remove(table.name).unwrap_or_default(), types);
    }
    drift.undeclared.extend(there.into_keys());
    Ok(drift)
}

/// Diesel keeps its list of migrations in a table of its own, whose name begins with `__`.
fn is_common(table: &str) -> bool {
    !NOT_COMMON.contains(&table) && !table.starts_with("__")
}

impl Drift {
    fn compare(&mut self, table: &Table, found: &[ActualColumn], types: Types) {
        for column in table.columns {
            let name = format!("{}.{}", table.name, column.name);
            match found.iter().find(|found| found.column_name == column.name) {
                Some(found) => self.wrong.extend(differences(table, column, found, types)),
                None => self.wrong.push(format!("{name} is missing")),
            }
        }
        let undeclared = found.iter().filter(|found| table.column(&found.column_name).is_none());
        self.undeclared.extend(undeclared.map(|found| format!("{}.{}", table.name, found.column_name)));
    }
}

fn differences(table: &Table, column: &Column, found: &ActualColumn, types: Types) -> Vec<String> {
    let name = format!("{}.{}", table.name, column.name);
    let mut differences = Vec::new();
    let is_view = table.line == Err("a view");
    if !is_view && !types(column.kind).contains(&found.kind.as_str()) {
        differences.push(format!("{name} is {} instead of {}", found.kind, types(column.kind).join(" or ")));
    }
    if !is_view && column.nullable != found.nullable {
        let may = if found.nullable { "may" } else { "may not" };
        differences.push(format!("{name} {may} be null"));
    }
    if let Some(refers) = &found.refers
        && !reaches(table, column).contains(refers.as_str())
    {
        differences.push(format!("{name} refers to {refers}"));
    }
    differences
}

/// The tables that a column is declared to refer to.
fn reaches(table: &Table, column: &Column) -> BTreeSet<&'static str> {
    let own = matches!(column.export, Export::OwnLine(_)).then_some(table.name);
    column.refers.into_iter().chain(own).collect()
}

/// Migrations of both databases write PostgreSQL's names, those of SQLite alone its own.
fn on_sqlite(kind: ColumnType) -> &'static [&'static str] {
    match kind {
        ColumnType::Integer => &["INTEGER"],
        // The row's own number is INTEGER PRIMARY KEY.
        ColumnType::BigInt => &["BIGINT", "INTEGER"],
        ColumnType::TimeSql => &["BIGINT", "TIMESTAMPTZ"],
        ColumnType::Double => &["DOUBLE", "DOUBLE PRECISION"],
        ColumnType::Bool => &["BOOLEAN"],
        ColumnType::Text => &["TEXT"],
        ColumnType::Binary => &["BLOB", "BYTEA"],
        ColumnType::UuidSql => &["BLOB", "UUID"],
    }
}

fn on_postgres(kind: ColumnType) -> &'static [&'static str] {
    match kind {
        ColumnType::Integer => &["INTEGER"],
        ColumnType::BigInt => &["BIGINT"],
        ColumnType::Double => &["DOUBLE PRECISION"],
        ColumnType::Bool => &["BOOLEAN"],
        ColumnType::Text => &["TEXT"],
        ColumnType::Binary => &["BYTEA"],
        ColumnType::UuidSql => &["UUID"],
        ColumnType::TimeSql => &["TIMESTAMP WITH TIME ZONE"],
    }
}
