//! What the team wrote about customers' cases, where it may name another person.

use diesel::prelude::*;

use super::Tx;
use super::schema::{closures, tell_choices};
use super::types::DbId;
use crate::domain::ERASED;
use crate::error::Result;

/// Takes away every reason and note of a closure, and every reason of a choice about who is told, that `names` says names or
/// quotes somebody.
///
/// # Errors
/// Those of the database.
pub fn clear(tx: &mut Tx<'_>, names: impl Fn(&str) -> bool) -> Result<()> {
    let named = |text: &Option<String>| text.as_deref().is_some_and(&names);
    let written: Vec<(DbId, Option<String>, Option<String>)> = closures::table
        .filter(closures::reason.is_not_null().or(closures::note.is_not_null()))
        .select((closures::id, closures::reason, closures::note))
        .load(tx.conn)?;
    for (id, reason, note) in written {
        if named(&reason) {
            diesel::update(closures::table.find(id)).set(closures::reason.eq(ERASED)).execute(tx.conn)?;
        }
        if named(&note) {
            diesel::update(closures::table.find(id)).set(closures::note.eq(ERASED)).execute(tx.conn)?;
        }
    }
    let decided: Vec<(DbId, DbId, Option<String>)> = tell_choices::table
        .filter(tell_choices::reason.is_not_null())
        .select((tell_choices::story_id, tell_choices::customer_id, tell_choices::reason))
        .load(tx.conn)?;
    for (story, customer, _) in decided.into_iter().filter(|(_, _, reason)| named(reason)) {
        let row = tell_choices::table.find((story, customer));
        diesel::update(row).set(tell_choices::reason.eq(ERASED)).execute(tx.conn)?;
    }
    Ok(())
}
