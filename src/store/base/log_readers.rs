//! Positions of the readers of the event log.

use super::conn::{Conn, on_each};
use super::events::Position;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::schema::log_readers;

/// The position of a reader; a new reader begins at the start of the log.
pub fn place(conn: &mut Conn, name: &str) -> Result<Position> {
    let row: Option<(i64, i64)> =
        log_readers::table.find(name).select((log_readers::tx_id, log_readers::seq)).first(conn).optional()?;
    Ok(row.map(|(tx_id, seq)| Position { tx_id, seq }).unwrap_or_default())
}

/// Moves a reader to a position.
pub fn move_to(tx: &mut Tx<'_>, name: &str, place: Position) -> Result<()> {
    let there = (log_readers::tx_id.eq(place.tx_id), log_readers::seq.eq(place.seq));
    let row = (log_readers::name.eq(name), there.0, there.1);
    on_each!(tx.conn, c => diesel::insert_into(log_readers::table)
        .values(row).on_conflict(log_readers::name).do_update().set(there).execute(c))?;
    Ok(())
}
