//! Cancelling deliveries before they go out.

use super::deliveries::pending;
use crate::domain::base::Id;
use crate::domain::integrations::DeliveryState;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::deliveries;

/// Cancels the waiting deliveries of these targets about this subject and these events, except one that is being sent.
/// Deliveries that were never attempted are deleted; the others are marked as given up.
pub fn stop(tx: &mut Tx<'_>, targets: &[Id], subject: Id, events: &[&str]) -> Result<()> {
    let now = DbTime(tx.now);
    let waiting = || {
        deliveries::table
            .filter(pending())
            .filter(deliveries::target_id.eq_any(targets.iter().map(|id| DbId(*id))))
            .filter(deliveries::subject_id.eq(DbId(subject)))
            .filter(deliveries::event.eq_any(events))
            .filter(deliveries::claimed_until.is_null().or(deliveries::claimed_until.le(now)))
    };
    diesel::delete(waiting().filter(deliveries::attempts.eq(0))).execute(tx.conn)?;
    diesel::update(waiting())
        .set((
            deliveries::state.eq(DeliveryState::Dead.as_str()),
            deliveries::last_error.eq("It is no longer needed."),
            deliveries::ended_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(())
}
