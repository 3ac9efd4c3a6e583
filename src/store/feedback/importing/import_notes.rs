//! Notes about rows of an import: rejected rows (errors), and rows taken without some of their data (warnings).

use crate::domain::base::{Id, Page, Paging};
use crate::domain::feedback::{ImportError, ImportWarning};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows, on_each};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::feedback::imports::get;
use crate::store::schema::{import_errors, import_warnings, imports};

/// The most errors, and the most warnings, kept per import; the rest is only counted.
pub const KEPT: i64 = 1_000;

/// The rejected rows of an import, in the order of the file.
///
/// # Errors
/// 404, 422 for a wrong cursor.
pub fn errors(conn: &mut Conn, id: Id, paging: &Paging) -> Result<Page<ImportError>> {
    get(conn, id)?;
    let after = paging.key::<i64>(0)?.unwrap_or(0);
    let rows: Vec<(i64, String, String)> = import_errors::table
        .filter(import_errors::import_id.eq(DbId(id)).and(import_errors::row.gt(after)))
        .select((import_errors::row, import_errors::code, import_errors::detail))
        .order(import_errors::row.asc())
        .limit(paging.limit as i64 + 1)
        .load(conn)?;
    let rows = rows.into_iter().map(|(row, code, detail)| ImportError { row, code, detail });
    Ok(paging.page(rows.collect(), |error| vec![error.row.to_string()]))
}

#[derive(Insertable)]
#[diesel(table_name = import_errors)]
struct ErrorRow<'a> {
    import_id: DbId,
    row: i64,
    code: &'a str,
    detail: &'a str,
}

/// Notes rejected rows, up to [`KEPT`]. Call it before [`crate::store::feedback::imports::advance`]: the room left is computed from the
/// counts before this batch.
pub fn reject(tx: &mut Tx<'_>, id: Id, errors: &[ImportError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let so_far: i64 = imports::table.find(DbId(id)).select(imports::rejected).first(tx.conn)?;
    let room = usize::try_from(KEPT - so_far).unwrap_or(0);
    let row = |e: &'_ ImportError| (e.row, e.code.clone(), e.detail.clone());
    let mut kept: Vec<_> = errors.iter().take(room).map(row).collect();
    // One record may have feedback of several customers.
    kept.dedup_by_key(|(row, ..)| *row);
    let rows: Vec<ErrorRow<'_>> =
        kept.iter().map(|(row, code, detail)| ErrorRow { import_id: DbId(id), row: *row, code, detail }).collect();
    if !rows.is_empty() {
        on_each!(tx.conn, c => diesel::insert_into(import_errors::table).values(&rows).execute(c))?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = import_warnings, treat_none_as_default_value = false)]
struct WarningRow<'a> {
    import_id: DbId,
    number: i64,
    row: Option<i64>,
    field: Option<&'a str>,
    code: &'a str,
    detail: &'a str,
}

/// Notes warnings, up to [`KEPT`]. Call it before [`crate::store::feedback::imports::advance`], as for [`reject`].
pub fn warn(tx: &mut Tx<'_>, id: Id, warnings: &[ImportWarning]) -> Result<()> {
    if warnings.is_empty() {
        return Ok(());
    }
    let so_far: i64 = imports::table.find(DbId(id)).select(imports::warnings).first(tx.conn)?;
    let room = usize::try_from(KEPT - so_far).unwrap_or(0);
    let row = |(warning, number): (&'_ ImportWarning, i64)| (number, warning.clone());
    let kept: Vec<_> = warnings.iter().take(room).zip(so_far + 1..).map(row).collect();
    let rows: Vec<WarningRow<'_>> = kept
        .iter()
        .map(|(number, w)| WarningRow {
            import_id: DbId(id),
            number: *number,
            row: w.row,
            field: w.field.as_deref(),
            code: &w.code,
            detail: &w.detail,
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(tx.conn, import_warnings::table, &rows);
    }
    Ok(())
}

/// The warnings about rows and about the file itself, in the order they were found.
///
/// # Errors
/// 404, 422 for a wrong cursor.
pub fn warnings(conn: &mut Conn, id: Id, paging: &Paging) -> Result<Page<ImportWarning>> {
    get(conn, id)?;
    let after = paging.key::<i64>(0)?.unwrap_or(0);
    type WarningColumns = (i64, Option<i64>, Option<String>, String, String);
    let mut rows: Vec<WarningColumns> = import_warnings::table
        .filter(import_warnings::import_id.eq(DbId(id)).and(import_warnings::number.gt(after)))
        .select((
            import_warnings::number,
            import_warnings::row,
            import_warnings::field,
            import_warnings::code,
            import_warnings::detail,
        ))
        .order(import_warnings::number.asc())
        .limit(paging.limit as i64 + 1)
        .load(conn)?;
    let numbers: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let shown = rows.drain(..).map(|(_, row, field, code, detail)| ImportWarning { row, field, code, detail });
    let mut place = numbers.into_iter().take(paging.limit);
    let last = place.by_ref().last();
    Ok(paging.page(shown.collect(), |_| vec![last.unwrap_or_default().to_string()]))
}
