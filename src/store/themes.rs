//! Themes.

use diesel::prelude::*;

use super::Tx;
use super::schema::themes;
use super::types::{DbId, DbTime};
use crate::domain::Id;
use crate::error::Result;

/// Notes that these themes' members changed: their counts, words and stories are brought up to date soon.
///
/// # Errors
/// Those of the database.
pub fn mark_stale(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    if !ids.is_empty() {
        let ids = ids.iter().map(|id| DbId(*id));
        diesel::update(themes::table.filter(themes::id.eq_any(ids))).set(themes::stale.eq(true)).execute(tx.conn)?;
    }
    Ok(())
}

/// A theme to add; the rest of it is counted and said later.
#[derive(Clone, Debug)]
pub struct NewTheme {
    pub id: Id,
    pub product: Id,
    pub label: String,
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
