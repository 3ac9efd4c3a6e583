//! Secret keys that this instance generated for itself.

use super::conn::{Conn, on_each};
use super::types::DbTime;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::schema::secrets;

/// The key of this name, if it exists.
pub fn get(conn: &mut Conn, name: &str) -> Result<Option<Vec<u8>>> {
    Ok(secrets::table.find(name).select(secrets::secret).first(conn).optional()?)
}

/// The key of this name; `fresh` is stored where there is none yet. Two instances that start at once get the same key.
pub fn get_or_make(tx: &mut Tx<'_>, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
    if let Some(known) = get(tx.conn, name)? {
        return Ok(known);
    }
    let row = (secrets::name.eq(name), secrets::secret.eq(fresh), secrets::created_at.eq(DbTime(tx.now)));
    on_each!(tx.conn, c => diesel::insert_into(secrets::table).values(row).on_conflict_do_nothing().execute(c))?;
    get(tx.conn, name)?.ok_or_else(|| Error::internal("a key that was just made is not there"))
}
