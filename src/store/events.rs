//! The event log.

use diesel::prelude::*;
use serde_json::Value;

use super::Tx;
use super::conn::{Conn, on_each};
use super::schema::events;
use super::types::{DbId, DbTime, json};
use crate::domain::{Event, Id, Page, Paging};
use crate::error::Result;

/// An event to append; who and when come from the transaction.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// `<noun>.<past participle>`.
    pub kind: &'static str,
    /// The resource it happened to.
    pub subject: Id,
    /// The product it belongs to, if any.
    pub product: Option<Id>,
    /// Ids, names of fields, impersonal values; never text or personal data.
    pub data: Value,
}

#[derive(Insertable)]
#[diesel(table_name = events)]
struct Row {
    at: DbTime,
    actor: &'static str,
    actor_id: Option<DbId>,
    kind: &'static str,
    subject_id: DbId,
    product_id: Option<DbId>,
    data: String,
}

/// Writes the transaction's events; called once, at its end.
pub(super) fn append(tx: &mut Tx<'_>) -> Result<()> {
    let (at, actor) = (DbTime(tx.now), tx.actor.clone());
    let row = |e: NewEvent| Row {
        at,
        actor: actor.kind,
        actor_id: actor.id.map(DbId),
        kind: e.kind,
        subject_id: DbId(e.subject),
        product_id: e.product.map(DbId),
        data: json(&e.data),
    };
    let rows: Vec<Row> = std::mem::take(&mut tx.events).into_iter().map(row).collect();
    // Seven values a row, 65,535 a statement.
    for rows in rows.chunks(5_000) {
        on_each!(tx.conn, c => diesel::insert_into(events::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Everything that happened to a resource, oldest first.
///
/// # Errors
/// Those of the database.
pub fn history(conn: &mut Conn, subject: Id, paging: &Paging) -> Result<Page<Event>> {
    type Columns = (i64, DbTime, String, Option<DbId>, String, DbId, String);
    let mut query = events::table
        .filter(events::subject_id.eq(DbId(subject)))
        .select((
            events::seq,
            events::at,
            events::actor,
            events::actor_id,
            events::kind,
            events::subject_id,
            events::data,
        ))
        .into_boxed();
    if let Some(after) = paging.key::<i64>(0)? {
        query = query.filter(events::seq.gt(after));
    }
    let rows: Vec<Columns> = query.order(events::seq.asc()).limit(paging.limit as i64 + 1).load(conn)?;
    let events = rows.into_iter().map(|(seq, at, actor, actor_id, kind, subject, data)| Event {
        seq,
        at: at.into(),
        actor,
        actor_id: actor_id.map(Id::from),
        kind,
        subject_id: subject.into(),
        data: serde_json::from_str(&data).unwrap_or_default(),
    });
    Ok(paging.page(events.collect(), |e| vec![e.seq.to_string()]))
}
