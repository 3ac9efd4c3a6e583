//! Themes.

use diesel::prelude::*;

use super::Tx;
use super::schema::themes;
use super::types::DbId;
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
