//! Handled deliveries of inbound hooks, so that each is handled exactly once.

use crate::domain::base::Time;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::on_each;
use crate::store::base::query::*;
use crate::store::base::types::DbTime;
use crate::store::schema::hook_deliveries as handled;

/// How long a delivery is remembered, in microseconds: far longer than any sender retries.
pub const KEPT: i64 = 400 * Time::DAY;

/// Notes that this transaction handles a delivery; false where it was handled before. Of two concurrent ones, the
/// second waits for the first.
pub fn note(tx: &mut Tx<'_>, source: &str, delivery: &str) -> Result<bool> {
    let row = (handled::source.eq(source), handled::delivery_id.eq(delivery), handled::received_at.eq(DbTime(tx.now)));
    let added = on_each!(tx.conn, c => diesel::insert_into(handled::table)
        .values(row).on_conflict_do_nothing().execute(c))?;
    Ok(added > 0)
}

/// Deletes the expired rows. Rows with a time in the future were written by a clock that was ahead; they are dated to
/// now.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize> {
    let ahead = handled::table.filter(handled::received_at.gt(DbTime(tx.now)));
    diesel::update(ahead).set(handled::received_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    let old = handled::received_at.le(DbTime(tx.now.plus(-KEPT)));
    Ok(diesel::delete(handled::table.filter(old)).execute(tx.conn)?)
}
