//! Offers to hand incidents to other members.

use crate::domain::base::{Id, Time};
use crate::domain::operations::hand_off::{HandOff, HandOffState};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{incident_hand_offs as hand_offs, incidents};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = hand_offs, treat_none_as_null = true)]
struct Row {
    id: DbId,
    incident_id: DbId,
    from_id: DbId,
    to_id: DbId,
    reason: String,
    text: Option<String>,
    state: String,
    offered_by: Option<DbId>,
    offered_at: DbTime,
    expires_at: DbTime,
    ended_at: Option<DbTime>,
    from_team: String,
    to_team: String,
    is_back: bool,
}

impl From<&HandOff> for Row {
    fn from(offer: &HandOff) -> Self {
        Row {
            id: offer.id.into(),
            incident_id: offer.incident_id.into(),
            from_id: offer.from_id.into(),
            to_id: offer.to_id.into(),
            reason: offer.reason.as_str().to_owned(),
            text: offer.text.clone(),
            state: offer.state.as_str().to_owned(),
            offered_by: offer.offered_by.map(DbId),
            offered_at: offer.offered_at.into(),
            expires_at: offer.expires_at.into(),
            ended_at: offer.ended_at.map(DbTime),
            from_team: offer.from_team.clone(),
            to_team: offer.to_team.clone(),
            is_back: offer.is_back,
        }
    }
}

fn show(row: Row) -> Result<HandOff> {
    Ok(HandOff {
        id: row.id.into(),
        incident_id: row.incident_id.into(),
        from_id: row.from_id.into(),
        to_id: row.to_id.into(),
        reason: name(&row.reason)?,
        text: row.text,
        state: name(&row.state)?,
        offered_by: row.offered_by.map(Id::from),
        offered_at: row.offered_at.into(),
        expires_at: row.expires_at.into(),
        ended_at: row.ended_at.map(Time::from),
        from_team: row.from_team,
        to_team: row.to_team,
        is_back: row.is_back,
    })
}

/// The hand-offs of an incident, oldest first.
pub fn of(conn: &mut Conn, incident: Id) -> Result<Vec<HandOff>> {
    let own = hand_offs::table.filter(hand_offs::incident_id.eq(DbId(incident)));
    let rows: Vec<Row> = own.order(hand_offs::id.asc()).load(conn)?;
    rows.into_iter().map(show).collect()
}

/// A hand-off of an incident.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, incident: Id, id: Id) -> Result<HandOff> {
    let own = hand_offs::table.find(DbId(id)).filter(hand_offs::incident_id.eq(DbId(incident)));
    let row: Option<Row> = own.first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("hand-off"))?)
}

/// The open offer of an incident, if there is one.
pub fn open_of(conn: &mut Conn, incident: Id) -> Result<Option<HandOff>> {
    let own = hand_offs::table.filter(hand_offs::incident_id.eq(DbId(incident)));
    let row: Option<Row> = own.filter(hand_offs::state.eq(HandOffState::Offered.as_str())).first(conn).optional()?;
    row.map(show).transpose()
}

/// Adds a hand-off.
///
/// # Errors
/// 409 where the incident has an open offer already.
pub fn insert(tx: &mut Tx<'_>, offer: &HandOff) -> Result<()> {
    diesel::insert_into(hand_offs::table).values(Row::from(offer)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a hand-off.
pub fn update(tx: &mut Tx<'_>, offer: &HandOff) -> Result<()> {
    let row = Row::from(offer);
    diesel::update(hand_offs::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Incidents with an open offer whose time is over, earliest first.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id>> {
    let due: Vec<DbId> = hand_offs::table
        .filter(hand_offs::state.eq(HandOffState::Offered.as_str()))
        .filter(hand_offs::expires_at.le(DbTime(now)))
        .select(hand_offs::incident_id)
        .order((hand_offs::expires_at.asc(), hand_offs::id.asc()))
        .limit(limit)
        .load(conn)?;
    Ok(due.into_iter().map(Id::from).collect())
}

/// The hand-offs of the incidents that a product opened in a period, without those of merged incidents.
pub fn of_period(conn: &mut Conn, product: Id, from: Time, to: Time) -> Result<Vec<HandOff>> {
    let rows: Vec<Row> = hand_offs::table
        .inner_join(incidents::table.on(incidents::id.eq(hand_offs::incident_id)))
        .filter(incidents::product_id.eq(DbId(product)))
        .filter(incidents::merged_into.is_null())
        .filter(incidents::opened_at.ge(DbTime(from)))
        .filter(incidents::opened_at.lt(DbTime(to)))
        .select(hand_offs::all_columns)
        .order(hand_offs::id.asc())
        .load(conn)?;
    rows.into_iter().map(show).collect()
}
