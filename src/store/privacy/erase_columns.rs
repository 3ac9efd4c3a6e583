//! Erasure in texts that people of the team or other programs wrote, column by column: `store/schema/` says beside each
//! column what becomes of it, and `usecase/privacy/erased_texts.rs` looks for the person.

use diesel::sql_query;
use diesel::sql_types::{Nullable, Text};

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
pub use crate::store::schema::declare::Becomes;
use crate::store::schema::declare::{Erasure, Table};
use crate::store::schema::{deliveries, delivery_attempts, tables};

/// A column in which a person may be named or quoted.
#[derive(Clone, Copy, Debug)]
pub struct WrittenColumn {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What its texts become.
    pub becomes: Becomes,
    /// Whether the row has a version, for those who read it before.
    versioned: bool,
}

/// The columns in which people of the team, or other programs, may have written of a customer.
pub fn written() -> Vec<WrittenColumn> {
    tables().flat_map(written_in).collect()
}

fn written_in(table: &'static Table) -> impl Iterator<Item = WrittenColumn> {
    let versioned = table.column("version").is_some();
    table.columns.iter().filter_map(move |column| match column.erasure {
        Some(Erasure::Written(becomes)) => {
            Some(WrittenColumn { table: table.name, name: column.name, becomes, versioned })
        }
        _ => None,
    })
}

/// The texts of a column, each once.
pub fn texts(conn: &mut Conn, column: &WrittenColumn) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct FoundText {
        #[diesel(sql_type = Nullable<Text>)]
        found: Option<String>,
    }
    let WrittenColumn { table, name, .. } = column;
    let query = format!("SELECT DISTINCT {name} AS found FROM {table} WHERE {name} IS NOT NULL");
    let rows: Vec<FoundText> = on_each!(conn, c => sql_query(query).load(c))?;
    Ok(rows.into_iter().filter_map(|row| row.found).collect())
}

/// Puts another text wherever a column has this one.
pub fn replace(tx: &mut Tx<'_>, column: &WrittenColumn, text: &str, instead: &str) -> Result<()> {
    let WrittenColumn { table, name, versioned, becomes } = column;
    let version = if *versioned { ", version = version + 1" } else { "" };
    let off = match becomes {
        Becomes::Address => ", active = FALSE, disabled_reason = 'Its address named a person who was erased.'",
        _ => "",
    };
    let set = |new: &str, old: &str| format!("UPDATE {table} SET {name} = {new}{version}{off} WHERE {name} = {old}");
    match tx.conn {
        Conn::Sqlite(c) => sql_query(set("?", "?")).bind::<Text, _>(instead).bind::<Text, _>(text).execute(c)?,
        Conn::Postgres(c) => sql_query(set("$1", "$2")).bind::<Text, _>(instead).bind::<Text, _>(text).execute(c)?,
    };
    Ok(())
}

/// Forgets what mail servers and others answered when these were told something: they like to repeat whom it was for.
pub fn clear_answers_to(tx: &mut Tx<'_>, targets: &[Id]) -> Result<()> {
    for targets in targets.chunks(500) {
        let targets = targets.iter().map(|id| DbId(*id));
        let theirs = deliveries::table.filter(deliveries::target_id.eq_any(targets));
        let ids: Vec<DbId> = theirs.select(deliveries::id).load(tx.conn)?;
        let rows = deliveries::table.filter(deliveries::id.eq_any(&ids));
        diesel::update(rows).set(deliveries::last_error.eq(None::<String>)).execute(tx.conn)?;
        let rows = delivery_attempts::table.filter(delivery_attempts::delivery_id.eq_any(&ids));
        diesel::update(rows).set(delivery_attempts::error.eq(None::<String>)).execute(tx.conn)?;
    }
    Ok(())
}
