//! Entries of timelines.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::timeline::{EntryKind, Happening, LATE, TimelineEntry};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::incident_entries as entries;

#[derive(Queryable, Insertable)]
#[diesel(table_name = entries)]
struct Row {
    id: DbId,
    incident_id: DbId,
    kind: String,
    happened_at: DbTime,
    entered_at: DbTime,
    actor_kind: String,
    actor_id: Option<DbId>,
    text: Option<String>,
    data: String,
}

fn show(row: Row, detected_at: Time) -> Result<TimelineEntry> {
    let (happened_at, entered_at) = (Time::from(row.happened_at), Time::from(row.entered_at));
    Ok(TimelineEntry {
        id: row.id.into(),
        incident_id: row.incident_id.into(),
        kind: name(&row.kind)?,
        happened_at,
        entered_at,
        late: entered_at.0.saturating_sub(happened_at.0) > LATE,
        before_start: happened_at < detected_at,
        actor: row.actor_kind,
        actor_id: row.actor_id.map(Id::from),
        text: row.text,
        data: serde_json::from_str(&row.data).unwrap_or_default(),
    })
}

/// Adds an entry; answers its id.
pub fn insert(tx: &mut Tx<'_>, incident: Id, what: &Happening) -> Result<Id> {
    let id = Id::next();
    let row = Row {
        id: id.into(),
        incident_id: incident.into(),
        kind: what.kind.as_str().to_owned(),
        happened_at: what.happened_at.into(),
        entered_at: tx.now.into(),
        actor_kind: tx.actor.kind.to_owned(),
        actor_id: tx.actor.id.map(DbId),
        text: what.text.clone(),
        data: json(&what.data),
    };
    diesel::insert_into(entries::table).values(row).execute(tx.conn)?;
    Ok(id)
}

/// An entry of an incident.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, incident: &Incident, id: Id) -> Result<TimelineEntry> {
    let own = entries::table.find(DbId(id)).filter(entries::incident_id.eq(DbId(incident.id)));
    let row: Option<Row> = own.first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("entry"))?, incident.detected_at)
}

/// The timeline of an incident, in the order in which things happened.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(
    conn: &mut Conn,
    incident: &Incident,
    kind: Option<EntryKind>,
    paging: &Paging,
) -> Result<Page<TimelineEntry>> {
    let mut query = entries::table.filter(entries::incident_id.eq(DbId(incident.id))).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(entries::kind.eq(kind.as_str()));
    }
    if let (Some(at), Some(id)) = (paging.key::<i64>(0)?, paging.key::<Id>(1)?) {
        let at = DbTime(Time(at));
        query = query.filter(entries::happened_at.gt(at).or(entries::happened_at.eq(at).and(entries::id.gt(DbId(id)))));
    }
    let order = (entries::happened_at.asc(), entries::id.asc());
    let rows: Vec<Row> = query.order(order).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<TimelineEntry>> = rows.into_iter().map(|row| show(row, incident.detected_at)).collect();
    Ok(paging.page(shown?, |entry| vec![entry.happened_at.0.to_string(), entry.id.to_string()]))
}

/// Moves the entries of one incident to another.
pub fn move_to(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(entries::table.filter(entries::incident_id.eq(DbId(from))))
        .set(entries::incident_id.eq(DbId(to)))
        .execute(tx.conn)?;
    Ok(())
}
