//! Closing: every customer who asked is told, and says whether it is solved.

use crate::domain::{Id, Story};
use crate::error::Result;
use crate::store::{Conn, Tx};

/// Opens a round of closures for a story that customers just got: its evidence is frozen, and every customer behind it
/// who has not confirmed yet gets a closure.
///
/// # Errors
/// Those of the database.
pub fn open_round(_tx: &mut Tx<'_>, _story: &Story, _release: Option<Id>) -> Result<()> {
    Ok(())
}

/// How many of a story's closures are `waiting`.
///
/// # Errors
/// Those of the database.
pub fn waiting(_conn: &mut Conn, _story: Id) -> Result<u64> {
    Ok(0)
}

/// Ends the cases of a story's customers who are still `waiting`, as `unreachable`, for this reason.
///
/// # Errors
/// Those of the database.
pub fn give_up(_tx: &mut Tx<'_>, _story: Id, _reason: &str) -> Result<u64> {
    Ok(0)
}

/// Takes back what of the story's present round is still `waiting`: customers no longer have what they would be told of.
///
/// # Errors
/// Those of the database.
pub fn withdraw_round(_tx: &mut Tx<'_>, _story: Id) -> Result<()> {
    Ok(())
}
