//! Pages of incidents, and the incidents that may have to be paged.

use crate::domain::base::{Id, Time};
use crate::domain::operations::escalation::IncidentPage;
use crate::domain::operations::hand_off::HandOffState;
use crate::domain::operations::incident::IncidentState;
use crate::domain::operations::timeline::EntryKind;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{
    incident_entries as entries, incident_hand_offs as hand_offs, incident_pages as pages, incidents,
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = pages)]
struct Row {
    id: DbId,
    incident_id: DbId,
    member_id: DbId,
    escalation: i32,
    round: i32,
    step: i32,
    whom: String,
    because: String,
    due_at: DbTime,
    created_at: DbTime,
    sent_at: Option<DbTime>,
    over_at: Option<DbTime>,
}

fn show(row: Row) -> Result<IncidentPage> {
    Ok(IncidentPage {
        id: row.id.into(),
        incident_id: row.incident_id.into(),
        member_id: row.member_id.into(),
        escalation: row.escalation,
        round: row.round,
        step: row.step,
        whom: name(&row.whom)?,
        because: name(&row.because)?,
        due_at: row.due_at.into(),
        created_at: row.created_at.into(),
        sent_at: row.sent_at.map(Time::from),
        over_at: row.over_at.map(Time::from),
    })
}

/// Adds a page.
pub fn insert(tx: &mut Tx<'_>, page: &IncidentPage) -> Result<()> {
    let row = Row {
        id: page.id.into(),
        incident_id: page.incident_id.into(),
        member_id: page.member_id.into(),
        escalation: page.escalation,
        round: page.round,
        step: page.step,
        whom: page.whom.as_str().to_owned(),
        because: page.because.as_str().to_owned(),
        due_at: page.due_at.into(),
        created_at: page.created_at.into(),
        sent_at: page.sent_at.map(DbTime),
        over_at: page.over_at.map(DbTime),
    };
    diesel::insert_into(pages::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// A page.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<IncidentPage> {
    let row: Option<Row> = pages::table.find(DbId(id)).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("page"))?)
}

/// The pages of an incident, oldest first.
pub fn of_incident(conn: &mut Conn, incident: Id) -> Result<Vec<IncidentPage>> {
    let own = pages::table.filter(pages::incident_id.eq(DbId(incident)));
    let rows: Vec<Row> = own.order(pages::id.asc()).load(conn)?;
    rows.into_iter().map(show).collect()
}

/// Records that a page was sent, or given up.
pub fn ended(tx: &mut Tx<'_>, id: Id, was_sent: bool) -> Result<()> {
    let now = Some(DbTime(tx.now));
    let page = pages::table.find(DbId(id));
    if was_sent {
        diesel::update(page.filter(pages::sent_at.is_null())).set(pages::sent_at.eq(now)).execute(tx.conn)?;
    } else {
        diesel::update(page.filter(pages::over_at.is_null())).set(pages::over_at.eq(now)).execute(tx.conn)?;
    }
    Ok(())
}

/// The incidents that are open or acknowledged, oldest first, after one of them.
pub fn active_incidents(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<Id>> {
    let states = [IncidentState::Open.as_str(), IncidentState::Acknowledged.as_str()];
    // The databases use their partial index of unresolved incidents only where the query says so.
    let mut query =
        incidents::table.filter(incidents::state.ne("resolved")).filter(incidents::state.eq_any(states)).into_boxed();
    if let Some(after) = after {
        query = query.filter(incidents::id.gt(DbId(after)));
    }
    let rows: Vec<DbId> = query.select(incidents::id).order(incidents::id.asc()).limit(most).load(conn)?;
    Ok(rows.into_iter().map(Id::from).collect())
}

/// When an offer of an incident last came back, because nobody accepted it in time.
pub fn last_returned(conn: &mut Conn, incident: Id) -> Result<Option<Time>> {
    let own = hand_offs::table.filter(hand_offs::incident_id.eq(DbId(incident)));
    let row: Option<Option<DbTime>> = own
        .filter(hand_offs::state.eq(HandOffState::Returned.as_str()))
        .order(hand_offs::ended_at.desc())
        .select(hand_offs::ended_at)
        .first(conn)
        .optional()?;
    Ok(row.flatten().map(Time::from))
}

/// When an incident was last acknowledged, and by which member.
pub fn last_acknowledged(conn: &mut Conn, incident: Id) -> Result<Option<(Time, Option<Id>)>> {
    let own = entries::table.filter(entries::incident_id.eq(DbId(incident)));
    let row: Option<(DbTime, String, Option<DbId>)> = own
        .filter(entries::kind.eq(EntryKind::Ack.as_str()))
        .order(entries::entered_at.desc())
        .select((entries::entered_at, entries::actor_kind, entries::actor_id))
        .first(conn)
        .optional()?;
    Ok(row.map(|(at, kind, by)| (at.into(), by.map(Id::from).filter(|_| kind == "member"))))
}
