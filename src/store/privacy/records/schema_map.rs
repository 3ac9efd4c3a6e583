//! What the declarations of the tables say for the data map.

use crate::domain::privacy::records::data_map::{Handling, MappedColumn, MappedTable};
use crate::store::schema::declare::{Column, Erasure, Export, Table};
use crate::store::schema::mapped;

/// Every table with its columns.
pub fn tables() -> Vec<MappedTable> {
    mapped().map(|(table, handling)| map(table, handling)).collect()
}

fn map(table: &Table, handling: Handling) -> MappedTable {
    let is_exported = table.line.is_ok();
    MappedTable {
        name: table.name.to_owned(),
        purpose: handling.purpose,
        basis: handling.basis,
        kept: handling.kept,
        kept_days: None,
        columns: table.columns.iter().filter_map(|column| map_column(column, is_exported)).collect(),
    }
}

/// A test holds that each column says what it holds.
fn map_column(column: &Column, is_exported: bool) -> Option<MappedColumn> {
    let (erasure, because) = match column.erasure {
        Some(Erasure::Written(_)) => ("replaced", None),
        Some(Erasure::ByRow) => ("row_by_row", None),
        Some(Erasure::Impersonal(why)) => ("nothing", Some(why.to_owned())),
        None => ("nothing", None),
    };
    let (holds, rule) = column.holds()?;
    Some(MappedColumn {
        name: column.name.to_owned(),
        holds,
        rule,
        erasure: erasure.to_owned(),
        because,
        exported: is_exported && column.export == Export::Line,
    })
}
