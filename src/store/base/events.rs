//! The event log.

use diesel::dsl::{max, sql};
use diesel::expression::SqlLiteral;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use serde_json::Value;

use super::conn::{Conn, Prepared, Statement};
use super::log_base::OLDEST_WRITER;
use super::types::{DbId, DbTime, TimeSql, UuidSql, json};
use super::work::fresh::only_on_primary;
use crate::domain::base::{Event, EventFilter, Id, Page, Paging, Time};
use crate::domain::team::audit::is_audited;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::schema::{audit_log, events};

/// Applies a filter to a boxed query over `events`.
macro_rules! wanted {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter): (_, &EventFilter) = ($query, $filter);
        if let Some(kind) = &filter.kind {
            query = match kind.strip_suffix('*') {
                // In a LIKE pattern, `_` matches any character.
                Some(noun) => {
                    let pattern = format!("{}%", noun.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%"));
                    query.filter(events::kind.like(pattern).escape('\\'))
                }
                None => query.filter(events::kind.eq(kind)),
            };
        }
        if let Some(subject) = filter.subject {
            query = query.filter(events::subject_id.eq(DbId(subject)));
        }
        if let Some(product) = filter.product {
            query = query.filter(events::product_id.eq(DbId(product)));
        }
        query
    }};
}

/// An event to append. Actor and time come from the transaction.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The kind: `<noun>.<past participle>`.
    pub kind: &'static str,
    /// The resource that changed.
    pub subject: Id,
    /// The product of the resource, if any.
    pub product: Option<Id>,
    /// Ids, field names and impersonal values; never text or personal data.
    pub data: Value,
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(in crate::store) struct Row {
    at: DbTime,
    actor: &'static str,
    actor_id: Option<DbId>,
    kind: &'static str,
    subject_id: DbId,
    product_id: Option<DbId>,
    data: String,
}

/// Refuses a transaction that would change something outside of its scope. Each change has an event with its product, so
/// nothing is changed that a caller may not change, whatever the request named.
fn guard(tx: &Tx<'_>) -> Result<()> {
    // A new product is in nobody's scope yet.
    let new: Vec<Id> = tx.events.iter().filter(|e| e.kind == "product.created").map(|e| e.subject).collect();
    let may = |product: &Id| tx.scope.has(*product) || new.contains(product);
    if tx.events.iter().filter_map(|event| event.product.as_ref()).all(may) {
        return Ok(());
    }
    let detail = "This would change a product in which your role may not do this. Nothing was changed.";
    Err(Error::new(Code::Forbidden, detail))
}

/// Takes the events that the transaction has not written yet, as rows that the caller must write.
///
/// # Errors
/// 403 where they belong to a product outside of the transaction's scope.
pub(in crate::store) fn take(tx: &mut Tx<'_>) -> Result<Vec<Row>> {
    guard(tx)?;
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
    tx.logged |= !rows.is_empty();
    Ok(rows)
}

/// Copies the events that an auditor asks about to the audit log, which is kept for a time of its own.
fn audited(tx: &mut Tx<'_>, rows: &[Row]) -> Result<()> {
    for row in rows.iter().filter(|row| is_audited(row.kind)) {
        let entry = (
            audit_log::id.eq(DbId(Id::next())),
            audit_log::at.eq(row.at),
            audit_log::kind.eq(row.kind),
            audit_log::actor.eq(row.actor),
            audit_log::actor_id.eq(row.actor_id),
            audit_log::subject_id.eq(Some(row.subject_id)),
            audit_log::data.eq(&row.data),
        );
        diesel::insert_into(audit_log::table).values(entry).execute(tx.conn)?;
    }
    Ok(())
}

/// Writes the pending events of the transaction, before it commits.
pub(in crate::store) fn append(tx: &mut Tx<'_>) -> Result<()> {
    let rows = take(tx)?;
    audited(tx, &rows)?;
    match tx.conn {
        Conn::Sqlite(c) => {
            for row in &rows {
                diesel::insert_into(events::table).values(row).execute(c)?;
            }
        }
        Conn::Postgres(c) if !rows.is_empty() => {
            Prepared(bind(sql_query(insertion(1)).into_boxed(), &rows)).run(c)?;
        }
        Conn::Postgres(_) => {}
    }
    Ok(())
}

/// The PostgreSQL statement that inserts any number of events from one array per column. `first` is the number of its
/// first parameter. Bind the parameters with [`bind`].
pub(in crate::store) fn insertion(first: usize) -> String {
    let arrays: Vec<String> = (first..first + 7).map(|n| format!("${n}")).collect();
    let arrays = arrays.join(", ");
    format!(
        "INSERT INTO events (at, actor, actor_id, kind, subject_id, product_id, data) SELECT * FROM unnest({arrays})"
    )
}

/// Binds the parameters of [`insertion`].
pub(in crate::store) fn bind<'a>(statement: Statement<'a>, rows: &'a [Row]) -> Statement<'a> {
    statement
        .bind::<Array<TimeSql>, _>(rows.iter().map(|row| &row.at).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| &row.actor).collect::<Vec<_>>())
        .bind::<Array<Nullable<UuidSql>>, _>(rows.iter().map(|row| &row.actor_id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| &row.kind).collect::<Vec<_>>())
        .bind::<Array<UuidSql>, _>(rows.iter().map(|row| &row.subject_id).collect::<Vec<_>>())
        .bind::<Array<Nullable<UuidSql>>, _>(rows.iter().map(|row| &row.product_id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| &row.data).collect::<Vec<_>>())
}

/// The events of a resource, oldest first.
pub fn history(conn: &mut Conn, subject: Id, paging: &Paging) -> Result<Page<Event>> {
    let mut query = events::table.filter(events::subject_id.eq(DbId(subject))).into_boxed();
    if let Some(after) = paging.key::<i64>(0)? {
        query = query.filter(events::seq.gt(after));
    }
    let rows: Vec<LoggedRow> = query.order(events::seq.asc()).limit(paging.limit as i64 + 1).load(conn)?;
    let events = rows.into_iter().map(|row| Logged::from(row).shown());
    Ok(paging.page(events.collect(), |e| vec![e.seq.to_string()]))
}

/// The newest events of a resource, newest first.
pub fn newest(conn: &mut Conn, subject: Id, limit: i64) -> Result<Vec<Event>> {
    let own = events::table.filter(events::subject_id.eq(DbId(subject)));
    let rows: Vec<LoggedRow> = own.order(events::seq.desc()).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(|row| Logged::from(row).shown()).collect())
}

/// The data of a resource's latest event of this kind.
pub fn latest(conn: &mut Conn, subject: Id, kind: &str) -> Result<Option<Value>> {
    let of_kind = events::table.filter(events::subject_id.eq(DbId(subject))).filter(events::kind.eq(kind));
    let row: Option<LoggedRow> = of_kind.order(events::seq.desc()).first(conn).optional()?;
    Ok(row.map(|row| Logged::from(row).data))
}

/// The events that pass the filter, in commit order. The first page starts after `place`.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn feed(conn: &mut Conn, filter: &EventFilter, place: Position, paging: &Paging) -> Result<Page<Event>> {
    let place = paging.key::<Position>(0)?.unwrap_or(place);
    let rows = later(conn, place, filter, paging.limit as i64 + 1)?;
    let events = rows.into_iter().map(|row| Logged::from(row).shown());
    Ok(paging.page(events.collect(), |e| vec![e.id.clone()]))
}

/// A position in the log, in commit order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub(in crate::store) tx_id: i64,
    pub(in crate::store) seq: i64,
}

/// Shown as the id of the event at that position.
impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.tx_id, self.seq)
    }
}

impl std::str::FromStr for Position {
    type Err = ();
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let (tx_id, seq) = text.split_once('-').ok_or(())?;
        let number = |text: &str| text.parse::<i64>().ok().filter(|n| *n >= 0).ok_or(());
        Ok(Self { tx_id: number(tx_id)?, seq: number(seq)? })
    }
}

/// An event as the readers of the log get it.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its position in the log.
    pub position: Position,
    /// When it happened.
    pub at: Time,
    /// The kind of actor; see [`crate::domain::base::Actor`].
    pub actor: String,
    /// The member or token that made the change.
    pub actor_id: Option<Id>,
    /// The kind of event.
    pub kind: String,
    /// The resource that changed.
    pub subject: Id,
    /// The product of the resource, if any.
    pub product: Option<Id>,
    /// Ids, field names and impersonal values.
    pub data: Value,
}

impl Logged {
    /// The event in the form of the API.
    pub fn shown(self) -> Event {
        Event {
            id: self.position.to_string(),
            seq: self.position.seq,
            at: self.at,
            actor: self.actor,
            actor_id: self.actor_id,
            kind: self.kind,
            subject_id: self.subject,
            product_id: self.product,
            data: self.data,
        }
    }
}

/// The position of the last event.
pub fn end(conn: &mut Conn) -> Result<Position> {
    only_on_primary()?;
    let last = events::table.select((events::tx_id, events::seq));
    let last: Option<(i64, i64)> = match conn {
        Conn::Sqlite(c) => last.order(events::seq.desc()).first(c).optional()?,
        Conn::Postgres(c) => {
            last.filter(settled()).order((events::tx_id.desc(), events::seq.desc())).first(c).optional()?
        }
    };
    Ok(last.map(|(tx_id, seq)| Position { tx_id, seq }).unwrap_or_default())
}

/// The position of this transaction. Earlier events are at or before it; the transaction's own events and all later
/// ones come after it.
pub fn here(tx: &mut Tx<'_>) -> Result<Position> {
    match tx.conn {
        Conn::Sqlite(c) => {
            let last: Option<i64> = events::table.select(max(events::seq)).first(c)?;
            Ok(Position { tx_id: 0, seq: last.unwrap_or_default() })
        }
        Conn::Postgres(c) => {
            let own = sql::<BigInt>("(SELECT base FROM log_base) + pg_current_xact_id()::text::bigint");
            Ok(Position { tx_id: diesel::select(own).get_result(c)?, seq: 0 })
        }
    }
}

/// The events after a position, in commit order.
pub fn after(conn: &mut Conn, place: Position, limit: i64) -> Result<Vec<Logged>> {
    Ok(later(conn, place, &EventFilter::default(), limit)?.into_iter().map(Logged::from).collect())
}

/// Whether every committed event can be read: on PostgreSQL, an open transaction holds back those that are later.
pub fn are_all_readable(conn: &mut Conn) -> Result<bool> {
    let Conn::Postgres(c) = conn else { return Ok(true) };
    let held_back = events::table.filter(diesel::dsl::not(settled())).select(events::seq).limit(1);
    Ok(held_back.first::<i64>(c).optional()?.is_none())
}

fn later(conn: &mut Conn, place: Position, filter: &EventFilter, limit: i64) -> Result<Vec<LoggedRow>> {
    only_on_primary()?;
    Ok(match conn {
        // SQLite has one writer, so `seq` is the commit order.
        Conn::Sqlite(c) => {
            let log = events::table.filter(events::seq.gt(place.seq)).order(events::seq.asc());
            wanted!(log.into_boxed(), filter).limit(limit).load(c)?
        }
        Conn::Postgres(c) => {
            // Compared as a row value, so that the index is used.
            let later = sql::<Bool>("(events.tx_id, events.seq) > (")
                .bind::<BigInt, _>(place.tx_id)
                .sql(", ")
                .bind::<BigInt, _>(place.seq)
                .sql(")");
            let log = events::table.filter(later).filter(settled()).order((events::tx_id.asc(), events::seq.asc()));
            wanted!(log.into_boxed(), filter).limit(limit).load(c)?
        }
    })
}

/// SQL condition: every transaction with a lower number has ended. On PostgreSQL a transaction with a higher number may
/// commit first; a reader that moved past the lower one would skip its events.
fn settled() -> SqlLiteral<Bool> {
    sql(&format!("events.tx_id < (SELECT base FROM log_base) + {OLDEST_WRITER}"))
}

/// A row of the table, column by column.
#[derive(Queryable)]
struct LoggedRow {
    seq: i64,
    tx_id: i64,
    at: DbTime,
    actor: String,
    actor_id: Option<DbId>,
    kind: String,
    subject_id: DbId,
    product_id: Option<DbId>,
    data: String,
}

impl From<LoggedRow> for Logged {
    fn from(row: LoggedRow) -> Self {
        Self {
            position: Position { tx_id: row.tx_id, seq: row.seq },
            at: row.at.into(),
            actor: row.actor,
            actor_id: row.actor_id.map(Id::from),
            kind: row.kind,
            subject: row.subject_id.into(),
            product: row.product_id.map(Id::from),
            data: serde_json::from_str(&row.data).unwrap_or_default(),
        }
    }
}
