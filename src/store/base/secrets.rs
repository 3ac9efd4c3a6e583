//! Keys this instance made for itself.

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::types::DbTime;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::schema::secrets;

/// A key, if it was made already.
pub fn get(conn: &mut Conn, name: &str) -> Result<Option<Vec<u8>>> {
    Ok(secrets::table.find(name).select(secrets::secret).first(conn).optional()?)
}

/// A key; `fresh` becomes it where there is none yet. Of two instances that start at once, both get the same.
pub fn get_or_make(tx: &mut Tx<'_>, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
    if let Some(known) = get(tx.conn, name)? {
        return Ok(known);
    }
    let row = (secrets::name.eq(name), secrets::secret.eq(fresh), secrets::created_at.eq(DbTime(tx.now)));
    on_each!(tx.conn, c => diesel::insert_into(secrets::table).values(row).on_conflict_do_nothing().execute(c))?;
    get(tx.conn, name)?.ok_or_else(|| Error::internal("a key that was just made is not there"))
}
