//! Customers whom incidents affect, and what they are told.

use std::collections::BTreeMap;

use crate::domain::base::{Id, Time};
use crate::domain::closure::Channel;
use crate::domain::feedback::{Kind, State};
use crate::domain::operations::telling::{Telling, TellingPhase, TellingState};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{feedback, incident_tellings as tellings, incidents};

/// The most feedback that is read for the customers of one incident.
const MOST: i64 = 20_000;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = tellings, treat_none_as_null = true)]
struct Row {
    id: DbId,
    incident_id: DbId,
    customer_id: DbId,
    phase: String,
    channel: String,
    text: String,
    language: String,
    state: String,
    send_at: Option<DbTime>,
    told_at: Option<DbTime>,
    is_over: Option<bool>,
    answered_at: Option<DbTime>,
    created_by: Option<DbId>,
    created_at: DbTime,
    handed_at: Option<DbTime>,
}

impl From<&Telling> for Row {
    fn from(telling: &Telling) -> Self {
        Row {
            id: telling.id.into(),
            incident_id: telling.incident_id.into(),
            customer_id: telling.customer_id.into(),
            phase: telling.phase.as_str().to_owned(),
            channel: telling.channel.as_str().to_owned(),
            text: telling.text.clone(),
            language: telling.language.clone(),
            state: telling.state.as_str().to_owned(),
            send_at: telling.send_at.map(DbTime),
            told_at: telling.told_at.map(DbTime),
            is_over: telling.is_over,
            answered_at: telling.answered_at.map(DbTime),
            created_by: telling.created_by.map(DbId),
            created_at: telling.created_at.into(),
            handed_at: telling.handed_at.map(DbTime),
        }
    }
}

fn show(row: Row) -> Result<Telling> {
    Ok(Telling {
        id: row.id.into(),
        incident_id: row.incident_id.into(),
        customer_id: row.customer_id.into(),
        phase: name(&row.phase)?,
        channel: name(&row.channel)?,
        text: row.text,
        language: row.language,
        state: name(&row.state)?,
        send_at: row.send_at.map(Time::from),
        told_at: row.told_at.map(Time::from),
        is_over: row.is_over,
        answered_at: row.answered_at.map(Time::from),
        created_by: row.created_by.map(Id::from),
        created_at: row.created_at.into(),
        handed_at: row.handed_at.map(Time::from),
    })
}

/// What the customers of an incident are told, oldest first.
pub fn of(conn: &mut Conn, incident: Id) -> Result<Vec<Telling>> {
    let own = tellings::table.filter(tellings::incident_id.eq(DbId(incident)));
    let rows: Vec<Row> = own.order(tellings::id.asc()).load(conn)?;
    rows.into_iter().map(show).collect()
}

/// A message to a customer, if it is there.
pub fn find(conn: &mut Conn, id: Id) -> Result<Option<Telling>> {
    tellings::table.find(DbId(id)).first::<Row>(conn).optional()?.map(show).transpose()
}

/// The message of this phase to a customer.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, incident: Id, customer: Id, phase: TellingPhase) -> Result<Telling> {
    let own = tellings::table.filter(tellings::incident_id.eq(DbId(incident)));
    let own = own.filter(tellings::customer_id.eq(DbId(customer))).filter(tellings::phase.eq(phase.as_str()));
    let row: Option<Row> = own.first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("message to this customer"))?)
}

/// Adds a message; false where the customer has one of this phase.
pub fn insert(tx: &mut Tx<'_>, telling: &Telling) -> Result<bool> {
    let row = Row::from(telling);
    let added = on_each!(tx.conn, c => diesel::insert_into(tellings::table)
        .values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(added > 0)
}

/// Writes the current state of a message.
pub fn update(tx: &mut Tx<'_>, telling: &Telling) -> Result<()> {
    let row = Row::from(telling);
    diesel::update(tellings::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Messages that a support desk accepted before a time and has not reported as told: at most `limit`, by id.
pub fn silent(conn: &mut Conn, before: Time, limit: i64) -> Result<Vec<Telling>> {
    let at_desks = tellings::table
        .filter(tellings::state.eq(TellingState::Waiting.as_str()))
        .filter(tellings::channel.eq(Channel::Desk.as_str()))
        .filter(tellings::handed_at.lt(DbTime(before)));
    let rows: Vec<Row> = at_desks.order(tellings::id.asc()).limit(limit).load(conn)?;
    rows.into_iter().map(show).collect()
}

/// An item of feedback that has an id in another system.
#[derive(Clone, Debug)]
pub struct SaidInTicket {
    pub feedback: Id,
    pub origin: String,
    pub external_id: String,
}

/// The items among these that have an id in another system.
pub fn tickets(conn: &mut Conn, items: &[Id]) -> Result<Vec<SaidInTicket>> {
    let mut found = Vec::new();
    for some in items.chunks(500) {
        let rows: Vec<(DbId, String, Option<String>)> = feedback::table
            .filter(feedback::id.eq_any(some.iter().map(|id| DbId(*id))))
            .filter(feedback::external_id.is_not_null())
            .select((feedback::id, feedback::origin, feedback::external_id))
            .load(conn)?;
        found.extend(rows.into_iter().filter_map(|(id, origin, external_id)| {
            Some(SaidInTicket { feedback: id.into(), origin, external_id: external_id? })
        }));
    }
    Ok(found)
}

/// How many customers were told of the incidents that a product opened in a period.
pub fn told_in(conn: &mut Conn, product: Id, from: Time, to: Time) -> Result<i64> {
    let rows: Vec<DbId> = tellings::table
        .inner_join(incidents::table.on(incidents::id.eq(tellings::incident_id)))
        .filter(incidents::product_id.eq(DbId(product)))
        .filter(incidents::opened_at.ge(DbTime(from)))
        .filter(incidents::opened_at.lt(DbTime(to)))
        .filter(tellings::state.eq(TellingState::Told.as_str()))
        .select(tellings::customer_id)
        .distinct()
        .load(conn)?;
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

/// A customer's feedback about an incident.
#[derive(Clone, Copy, Debug)]
pub struct SaidAbout {
    pub customer: Id,
    pub feedback: Id,
    /// Whether it is linked itself, and not by its theme.
    pub is_linked: bool,
}

/// The complaints that are linked to an incident, and those in linked themes since it began, latest first.
pub fn said_about(conn: &mut Conn, linked: &[Id], themes: &[Id], since: Time, until: Time) -> Result<Vec<SaidAbout>> {
    let mut found: BTreeMap<Id, SaidAbout> = BTreeMap::new();
    for some in linked.chunks(500) {
        let own = feedback::table.filter(feedback::id.eq_any(some.iter().map(|id| DbId(*id))));
        let rows: Vec<(Option<DbId>, DbId)> = own
            .filter(feedback::state.ne(State::Dismissed.as_str()))
            .select((feedback::customer_id, feedback::id))
            .load(conn)?;
        for (customer, id) in rows {
            let Some(customer) = customer else { continue };
            found.insert(id.into(), SaidAbout { customer: customer.into(), feedback: id.into(), is_linked: true });
        }
    }
    let in_themes = feedback::table
        .filter(feedback::theme_id.eq_any(themes.iter().map(|id| Some(DbId(*id)))))
        .filter(feedback::occurred_at.ge(DbTime(since)))
        .filter(feedback::occurred_at.le(DbTime(until)))
        .filter(feedback::state.eq(State::Grouped.as_str()))
        .filter(feedback::kind.is_null().or(feedback::kind.ne(Kind::Praise.as_str())))
        .filter(feedback::customer_id.is_not_null())
        .select((feedback::customer_id, feedback::id));
    let rows: Vec<(Option<DbId>, DbId)> = in_themes.order(feedback::id.desc()).limit(MOST).load(conn)?;
    for (customer, id) in rows {
        let Some(customer) = customer else { continue };
        let said = SaidAbout { customer: customer.into(), feedback: id.into(), is_linked: false };
        found.entry(id.into()).or_insert(said);
    }
    Ok(found.into_values().rev().collect())
}

/// Deletes what these customers were told.
pub fn forget(tx: &mut Tx<'_>, customers: &[Id]) -> Result<()> {
    let theirs = tellings::table.filter(tellings::customer_id.eq_any(customers.iter().map(|id| DbId(*id))));
    diesel::delete(theirs).execute(tx.conn)?;
    Ok(())
}

/// Moves what customers were told of one incident to another, except where they were told that phase there already.
pub fn move_to_incident(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let told = of(tx.conn, to)?;
    for telling in of(tx.conn, from)? {
        let is_same = |one: &Telling| one.customer_id == telling.customer_id && one.phase == telling.phase;
        if !told.iter().any(is_same) {
            update(tx, &Telling { incident_id: to, ..telling })?;
        }
    }
    Ok(())
}

/// Moves what one customer was told to another; what that one was told already stays.
pub fn move_to_customer(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let theirs: Vec<Row> = tellings::table.filter(tellings::customer_id.eq(DbId(from))).load(tx.conn)?;
    for row in theirs {
        let same = tellings::table
            .filter(tellings::incident_id.eq(row.incident_id))
            .filter(tellings::customer_id.eq(DbId(to)))
            .filter(tellings::phase.eq(row.phase.clone()));
        match same.select(tellings::id).first::<DbId>(tx.conn).optional()? {
            Some(_) => diesel::delete(tellings::table.find(row.id)).execute(tx.conn)?,
            None => {
                diesel::update(tellings::table.find(row.id)).set(tellings::customer_id.eq(DbId(to))).execute(tx.conn)?
            }
        };
    }
    Ok(())
}

/// Deletes what a customer was still to be told.
pub fn stop(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    let waiting = tellings::state.eq(TellingState::Waiting.as_str());
    diesel::delete(tellings::table.filter(tellings::customer_id.eq(DbId(customer))).filter(waiting))
        .execute(tx.conn)?;
    Ok(())
}

/// What a customer is told of any incident, oldest first.
pub fn of_customer(conn: &mut Conn, customer: Id) -> Result<Vec<Telling>> {
    let theirs = tellings::table.filter(tellings::customer_id.eq(DbId(customer)));
    let rows: Vec<Row> = theirs.order(tellings::id.asc()).load(conn)?;
    rows.into_iter().map(show).collect()
}
