//! Personal data breaches, the notices about them, and their timelines.

use std::collections::HashMap;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::privacy::breach::clock::duties;
use crate::domain::privacy::breach::{Breach, BreachEntry, BreachFacts, BreachNotice, BreachQuery, BreachState};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{breach_entries as entries, breach_notices as notices, breaches};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = breaches, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    product_id: Option<DbId>,
    incident_id: Option<DbId>,
    title: String,
    state: String,
    possible_at: Option<DbTime>,
    known_at: Option<DbTime>,
    happened_at: Option<DbTime>,
    countries: String,
    person_count: Option<i32>,
    sensitive_data: bool,
    identification_data: bool,
    outside_access: bool,
    high_risk: bool,
    risk_unlikely: bool,
    data_items: Option<String>,
    how: Option<String>,
    consequences: Option<String>,
    what_to_do: Option<String>,
    measures: Option<String>,
    contact: Option<String>,
    authority_number: Option<String>,
    overdue_at: Option<DbTime>,
    closed_at: Option<DbTime>,
    closed_by: Option<DbId>,
    opened_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl Row {
    fn of(breach: &Breach) -> Self {
        let facts = breach.facts.clone();
        Self {
            id: breach.id.into(),
            product_id: breach.product_id.map(DbId),
            incident_id: breach.incident_id.map(DbId),
            title: facts.title,
            state: breach.state.as_str().to_owned(),
            possible_at: facts.possible_at.map(DbTime),
            known_at: facts.known_at.map(DbTime),
            happened_at: facts.happened_at.map(DbTime),
            countries: json(&facts.countries),
            person_count: facts.person_count,
            sensitive_data: facts.sensitive_data,
            identification_data: facts.identification_data,
            outside_access: facts.outside_access,
            high_risk: facts.high_risk,
            risk_unlikely: facts.risk_unlikely,
            data_items: facts.data_items,
            how: facts.how,
            consequences: facts.consequences,
            what_to_do: facts.what_to_do,
            measures: facts.measures,
            contact: facts.contact,
            authority_number: facts.authority_number,
            overdue_at: breach.overdue_at.map(DbTime),
            closed_at: breach.closed_at.map(DbTime),
            closed_by: breach.closed_by.map(DbId),
            opened_by: breach.opened_by.map(DbId),
            version: breach.version,
            created_at: breach.created_at.into(),
            updated_at: breach.updated_at.into(),
        }
    }

    fn shown(self, notices: Vec<BreachNotice>, now: Time) -> Result<Breach> {
        let facts = BreachFacts {
            title: self.title,
            possible_at: self.possible_at.map(Time::from),
            known_at: self.known_at.map(Time::from),
            happened_at: self.happened_at.map(Time::from),
            countries: serde_json::from_str(&self.countries).map_err(Error::internal)?,
            person_count: self.person_count,
            sensitive_data: self.sensitive_data,
            identification_data: self.identification_data,
            outside_access: self.outside_access,
            high_risk: self.high_risk,
            risk_unlikely: self.risk_unlikely,
            data_items: self.data_items,
            how: self.how,
            consequences: self.consequences,
            what_to_do: self.what_to_do,
            measures: self.measures,
            contact: self.contact,
            authority_number: self.authority_number,
        };
        Ok(Breach {
            id: self.id.into(),
            product_id: self.product_id.map(Id::from),
            incident_id: self.incident_id.map(Id::from),
            duties: duties(&facts, &notices, now),
            facts,
            state: name(&self.state)?,
            notices,
            overdue_at: self.overdue_at.map(Time::from),
            closed_at: self.closed_at.map(Time::from),
            closed_by: self.closed_by.map(Id::from),
            opened_by: self.opened_by.map(Id::from),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = notices)]
struct NoticeRow {
    id: DbId,
    breach_id: DbId,
    country: String,
    audience: String,
    is_final: bool,
    sent_at: DbTime,
    person_count: Option<i32>,
    how: String,
    reference: Option<String>,
    letter_hash: Option<String>,
    recorded_by: Option<DbId>,
    recorded_at: DbTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = entries)]
struct EntryRow {
    id: DbId,
    breach_id: DbId,
    kind: String,
    happened_at: DbTime,
    entered_at: DbTime,
    actor_id: Option<DbId>,
    text: Option<String>,
    fields: String,
}

/// Adds a breach.
pub fn insert(tx: &mut Tx<'_>, breach: &Breach) -> Result<()> {
    diesel::insert_into(breaches::table).values(&Row::of(breach)).execute(tx.conn)?;
    Ok(())
}

/// Writes a breach's fields.
pub fn update(tx: &mut Tx<'_>, breach: &Breach) -> Result<()> {
    let row = Row::of(breach);
    diesel::update(breaches::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// A breach as it stands at this time.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id, now: Time) -> Result<Breach> {
    let row: Option<Row> = breaches::table.find(DbId(id)).first(conn).optional()?;
    shown(conn, row.into_iter().collect(), now)?.pop().ok_or_else(|| Error::not_found("breach"))
}

/// The breach with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Breach> {
    lock_row!(tx, breaches, id);
    get(tx.conn, id, tx.now)
}

/// The breach that was opened from an incident.
pub fn of_incident(conn: &mut Conn, incident: Id, now: Time) -> Result<Option<Breach>> {
    let row: Option<Row> =
        breaches::table.filter(breaches::incident_id.eq(Some(DbId(incident)))).first(conn).optional()?;
    Ok(shown(conn, row.into_iter().collect(), now)?.pop())
}

/// Breaches, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &BreachQuery, paging: &Paging, now: Time) -> Result<Page<Breach>> {
    let mut query = breaches::table.into_boxed();
    if let Some(state) = q.state {
        query = query.filter(breaches::state.eq(state.as_str()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(breaches::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(breaches::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = shown(conn, rows, now)?;
    Ok(paging.page(shown, |breach| vec![breach.id.to_string()]))
}

/// The open breaches.
pub fn open(conn: &mut Conn, now: Time) -> Result<Vec<Breach>> {
    let open = breaches::table.filter(breaches::state.eq(BreachState::Open.as_str()));
    let rows: Vec<Row> = open.order(breaches::id.asc()).load(conn)?;
    shown(conn, rows, now)
}

/// The open breaches that are not noted as late.
pub fn open_in_time(conn: &mut Conn, now: Time) -> Result<Vec<Breach>> {
    let open = breaches::table.filter(breaches::state.eq(BreachState::Open.as_str()));
    let rows: Vec<Row> = open.filter(breaches::overdue_at.is_null()).order(breaches::id.asc()).load(conn)?;
    shown(conn, rows, now)
}

/// Adds a notice.
pub fn add_notice(tx: &mut Tx<'_>, breach: Id, notice: &BreachNotice) -> Result<()> {
    let row = NoticeRow {
        id: notice.id.into(),
        breach_id: breach.into(),
        country: notice.country.clone(),
        audience: notice.audience.as_str().to_owned(),
        is_final: notice.is_final,
        sent_at: notice.sent_at.into(),
        person_count: notice.person_count,
        how: notice.how.clone(),
        reference: notice.reference.clone(),
        letter_hash: notice.letter_hash.clone(),
        recorded_by: notice.recorded_by.map(DbId),
        recorded_at: notice.recorded_at.into(),
    };
    diesel::insert_into(notices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Adds an entry to the timeline of a breach.
pub fn add_entry(tx: &mut Tx<'_>, breach: Id, entry: &BreachEntry) -> Result<()> {
    let row = EntryRow {
        id: entry.id.into(),
        breach_id: breach.into(),
        kind: entry.kind.as_str().to_owned(),
        happened_at: entry.happened_at.into(),
        entered_at: entry.entered_at.into(),
        actor_id: entry.actor_id.map(DbId),
        text: entry.text.clone(),
        fields: json(&entry.fields),
    };
    diesel::insert_into(entries::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// The timeline of a breach, newest entry first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn timeline(conn: &mut Conn, breach: Id, paging: &Paging) -> Result<Page<BreachEntry>> {
    let mut query = entries::table.filter(entries::breach_id.eq(DbId(breach))).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(entries::id.lt(DbId(after)));
    }
    let rows: Vec<EntryRow> = query.order(entries::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let entry = |row: EntryRow| {
        Ok(BreachEntry {
            id: row.id.into(),
            kind: name(&row.kind)?,
            happened_at: row.happened_at.into(),
            entered_at: row.entered_at.into(),
            actor_id: row.actor_id.map(Id::from),
            text: row.text,
            fields: serde_json::from_str(&row.fields).map_err(Error::internal)?,
        })
    };
    let found = rows.into_iter().map(entry).collect::<Result<Vec<BreachEntry>>>()?;
    Ok(paging.page(found, |entry| vec![entry.id.to_string()]))
}

/// Breaches with their notices, in the order of the rows.
fn shown(conn: &mut Conn, rows: Vec<Row>, now: Time) -> Result<Vec<Breach>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let found: Vec<NoticeRow> =
        notices::table.filter(notices::breach_id.eq_any(ids)).order(notices::id.asc()).load(conn)?;
    let mut by_breach: HashMap<DbId, Vec<BreachNotice>> = HashMap::new();
    for row in found {
        by_breach.entry(row.breach_id).or_default().push(BreachNotice {
            id: row.id.into(),
            country: row.country,
            audience: name(&row.audience)?,
            is_final: row.is_final,
            sent_at: row.sent_at.into(),
            person_count: row.person_count,
            how: row.how,
            reference: row.reference,
            letter_hash: row.letter_hash,
            recorded_by: row.recorded_by.map(Id::from),
            recorded_at: row.recorded_at.into(),
        });
    }
    let show = |row: Row| {
        let notices = by_breach.remove(&row.id).unwrap_or_default();
        row.shown(notices, now)
    };
    rows.into_iter().map(show).collect()
}
