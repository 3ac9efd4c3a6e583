//! The list of deliveries of all channels, and notes about failed deliveries on closures.

use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::deliveries::{Row, pending, show};
use crate::domain::base::{Id, Page, Paging};
use crate::domain::closure::ClosureState;
use crate::domain::integrations::{Delivery, DeliveryFilter, DeliveryStanding, DeliveryState};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{closures, deliveries};

/// The first words of a closure's reason while its message could not be sent yet.
const NOT_YET: &str = "Not sent yet";

/// Deliveries that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &DeliveryFilter, paging: &Paging) -> Result<Page<Delivery>> {
    let mut query = deliveries::table.select(Row::as_select()).into_boxed();
    if let Some(channel) = &q.channel {
        query = query.filter(deliveries::channel.eq(channel.as_str()));
    }
    query = match q.state {
        None => query,
        Some(DeliveryStanding::Pending) => query.filter(pending()),
        Some(DeliveryStanding::Delivered) => query.filter(deliveries::state.eq(DeliveryState::Delivered.as_str())),
        Some(DeliveryStanding::Dead) => query.filter(sql::<Bool>("state = 'dead'")),
        // Written so that two partial indexes cover it.
        Some(DeliveryStanding::Failed) => {
            query.filter(sql::<Bool>("(state = 'dead' OR (state = 'pending' AND attempts > 0))"))
        }
    };
    if let Some(target) = q.target {
        query = query.filter(deliveries::target_id.eq(DbId(target)));
    }
    if let Some(subject) = q.subject {
        query = query.filter(deliveries::subject_id.eq(DbId(subject)));
    }
    if let Some(event) = &q.event {
        query = query.filter(deliveries::event.eq(event.clone()));
    }
    if let Some(since) = q.since {
        query = query.filter(deliveries::created_at.ge(DbTime(since)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(deliveries::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(deliveries::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Delivery>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |delivery| vec![delivery.id.to_string()]))
}

/// Makes a waiting delivery due now.
pub fn make_due(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::update(deliveries::table.filter(deliveries::id.eq(DbId(id))).filter(pending()))
        .set(deliveries::next_attempt_at.eq(DbTime(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes on a waiting closure why its message was not sent yet.
pub fn note_failure(tx: &mut Tx<'_>, closure: Id, what: &str) -> Result<()> {
    let waiting = closures::table.find(DbId(closure)).filter(closures::state.eq(ClosureState::Waiting.as_str()));
    diesel::update(waiting)
        .set((closures::reason.eq(format!("{NOT_YET}: {what}")), closures::updated_at.eq(DbTime(tx.now))))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes that note, once the message was sent.
pub fn clear_failure(tx: &mut Tx<'_>, closure: Id) -> Result<()> {
    let noted = closures::table.find(DbId(closure)).filter(closures::reason.like(format!("{NOT_YET}:%")));
    diesel::update(noted).set(closures::reason.eq(None::<String>)).execute(tx.conn)?;
    Ok(())
}
