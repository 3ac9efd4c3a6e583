//! Repair of deliveries whose times were written by a clock that was ahead.

use super::deliveries::pending;
use crate::domain::base::Time;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{deliveries, delivery_attempts as attempts};

/// The tolerated difference between the clocks of instances, in microseconds.
const AHEAD: i64 = 5 * Time::SECOND;

/// Moves deliveries with times in the future back to the present. A delivery created in the future keeps its delay,
/// counted from now; one attempted in the future is due now. Answers how many were moved.
pub fn bring_back(tx: &mut Tx<'_>) -> Result<usize> {
    let ahead = DbTime(tx.now.plus(AHEAD));
    let attempted = attempts::table.filter(attempts::at.gt(ahead)).select(attempts::delivery_id);
    let tried = deliveries::table.filter(pending()).filter(deliveries::next_attempt_at.gt(ahead));
    let tried = tried.filter(deliveries::attempts.gt(0)).filter(deliveries::id.eq_any(attempted));
    let mut count = diesel::update(tried).set(deliveries::next_attempt_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    let made: Vec<(DbId, DbTime, DbTime)> = deliveries::table
        .filter(pending())
        .filter(deliveries::created_at.gt(ahead))
        .select((deliveries::id, deliveries::created_at, deliveries::next_attempt_at))
        .load(tx.conn)?;
    for (id, created, next) in &made {
        let wait = (next.0.0 - created.0.0).max(0);
        let times =
            (deliveries::created_at.eq(DbTime(tx.now)), deliveries::next_attempt_at.eq(DbTime(tx.now.plus(wait))));
        count += diesel::update(deliveries::table.find(id)).set(times).execute(tx.conn)?;
    }
    Ok(count)
}
