//! Imports that a request uploads.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::feedback::Import;
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback::imports;

/// Puts an import whose file is stored whole into the queue of those that are read.
///
/// # Errors
/// 404.
pub fn queue(tx: &mut Tx<'_>, id: Id) -> Result<Import> {
    imports::queue(tx, id)?;
    tx.event("import.created", id, None, json!({}));
    imports::get(tx.conn, id)
}
