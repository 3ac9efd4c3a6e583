//! Themes.

use diesel::prelude::*;

use super::Tx;
use super::conn::Conn;
use super::schema::themes;
use super::types::{DbId, DbTime, json};
use crate::domain::Id;
use crate::error::{Error, Result};

/// A theme to add; the rest of it is counted and said later.
#[derive(Clone, Debug)]
pub struct NewTheme {
    pub id: Id,
    pub product: Id,
    pub label: String,
}

/// A row of `themes`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = themes)]
pub struct ThemeRow {
    pub id: DbId,
    pub product_id: DbId,
    pub label: String,
    pub label_set: bool,
    pub keywords: String,
    pub quotes: String,
    pub size: i32,
    pub customers: i32,
    pub muted: bool,
    pub merged_into: Option<DbId>,
    pub stale: i32,
}

/// Adds themes.
///
/// # Errors
/// 409 where an id is taken.
pub fn insert(tx: &mut Tx<'_>, new: &[NewTheme]) -> Result<()> {
    for theme in new {
        diesel::insert_into(themes::table)
            .values((
                themes::id.eq(DbId(theme.id)),
                themes::product_id.eq(DbId(theme.product)),
                themes::label.eq(&theme.label),
                themes::created_at.eq(DbTime(tx.now)),
                themes::updated_at.eq(DbTime(tx.now)),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// These themes.
///
/// # Errors
/// Those of the database.
pub fn rows(conn: &mut Conn, ids: &[Id]) -> Result<Vec<ThemeRow>> {
    let ids = ids.iter().map(|id| DbId(*id));
    Ok(themes::table.filter(themes::id.eq_any(ids)).select(ThemeRow::as_select()).load(conn)?)
}

/// A theme.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<ThemeRow> {
    let row = themes::table.find(DbId(id)).select(ThemeRow::as_select()).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("theme"))
}

/// The muted themes, each behind its product.
///
/// # Errors
/// Those of the database.
pub fn muted(conn: &mut Conn) -> Result<Vec<(Id, Id)>> {
    let rows: Vec<(DbId, DbId)> =
        themes::table.filter(themes::muted.eq(true)).select((themes::product_id, themes::id)).load(conn)?;
    Ok(rows.into_iter().map(|(product, id)| (product.into(), id.into())).collect())
}

/// How many themes have feedback.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(themes::table.filter(themes::size.gt(0)).filter(themes::merged_into.is_null()).count().get_result(conn)?)
}

/// Notes that these themes' members changed: their counts, words and stories are brought up to date soon. Each note
/// counts, so that who brings a theme up to date sees whether it changed meanwhile.
///
/// # Errors
/// Those of the database.
pub fn mark_stale(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    if !ids.is_empty() {
        let ids = ids.iter().map(|id| DbId(*id));
        let one_more = themes::stale.eq(themes::stale + 1);
        diesel::update(themes::table.filter(themes::id.eq_any(ids))).set(one_more).execute(tx.conn)?;
    }
    Ok(())
}

/// Some of a product's themes that wait to be brought up to date.
///
/// # Errors
/// Those of the database.
pub fn stale(conn: &mut Conn, product: Id, limit: i64) -> Result<Vec<ThemeRow>> {
    let stale = themes::table.filter(themes::product_id.eq(DbId(product))).filter(themes::stale.gt(0));
    Ok(stale.select(ThemeRow::as_select()).order(themes::id.asc()).limit(limit).load(conn)?)
}

/// How many themes wait to be brought up to date.
///
/// # Errors
/// Those of the database.
pub fn count_stale(conn: &mut Conn) -> Result<i64> {
    Ok(themes::table.filter(themes::stale.gt(0)).count().get_result(conn)?)
}

/// Notes that a theme is up to date, unless it has changed since its mark was `seen`; answers which.
///
/// # Errors
/// Those of the database.
pub fn clear_stale(tx: &mut Tx<'_>, id: Id, seen: i32) -> Result<bool> {
    let row = themes::table.find(DbId(id)).filter(themes::stale.eq(seen));
    Ok(diesel::update(row).set(themes::stale.eq(0)).execute(tx.conn)? > 0)
}

/// What the engine says of a theme; a label that a person gave stays.
///
/// # Errors
/// Those of the database.
pub fn describe(tx: &mut Tx<'_>, id: Id, label: &str, keywords: &[String], quotes: &[Id]) -> Result<()> {
    let words =
        (themes::keywords.eq(json(keywords)), themes::quotes.eq(json(quotes)), themes::updated_at.eq(DbTime(tx.now)));
    diesel::update(themes::table.find(DbId(id))).set(words).execute(tx.conn)?;
    let free = themes::table.find(DbId(id)).filter(themes::label_set.eq(false));
    diesel::update(free).set(themes::label.eq(label)).execute(tx.conn)?;
    Ok(())
}
