//! Episodes of alerts.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::operations::alert::{Alert, AlertState};
use crate::domain::operations::incident::IncidentSource;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::incident_alerts as alerts;

#[derive(Queryable, Insertable)]
#[diesel(table_name = alerts)]
struct Row {
    id: DbId,
    product_id: DbId,
    incident_id: Option<DbId>,
    source: String,
    fingerprint: String,
    join_key: String,
    title: String,
    severity: Option<String>,
    no_data: bool,
    state: String,
    starts_at: DbTime,
    ends_at: Option<DbTime>,
    repeats: i32,
    labels: String,
    url: Option<String>,
    received_at: DbTime,
    last_seen_at: DbTime,
}

impl From<&Alert> for Row {
    fn from(alert: &Alert) -> Self {
        Row {
            id: alert.id.into(),
            product_id: alert.product_id.into(),
            incident_id: alert.incident_id.map(DbId),
            source: alert.source.as_str().to_owned(),
            fingerprint: alert.fingerprint.clone(),
            join_key: alert.join_key.clone(),
            title: alert.title.clone(),
            severity: alert.severity.clone(),
            no_data: alert.no_data,
            state: alert.state.as_str().to_owned(),
            starts_at: alert.starts_at.into(),
            ends_at: alert.ends_at.map(DbTime),
            repeats: alert.repeats,
            labels: json(&alert.labels),
            url: alert.url.clone(),
            received_at: alert.received_at.into(),
            last_seen_at: alert.last_seen_at.into(),
        }
    }
}

fn show(row: Row) -> Result<Alert> {
    Ok(Alert {
        id: row.id.into(),
        product_id: row.product_id.into(),
        incident_id: row.incident_id.map(Id::from),
        source: name(&row.source)?,
        fingerprint: row.fingerprint,
        join_key: row.join_key,
        title: row.title,
        severity: row.severity,
        no_data: row.no_data,
        state: name(&row.state)?,
        starts_at: row.starts_at.into(),
        ends_at: row.ends_at.map(Time::from),
        repeats: row.repeats,
        labels: serde_json::from_str(&row.labels).unwrap_or_default(),
        url: row.url,
        received_at: row.received_at.into(),
        last_seen_at: row.last_seen_at.into(),
    })
}

/// The latest episodes of these alerts, newest first, at most some of each.
pub fn of_fingerprints(
    conn: &mut Conn,
    product: Id,
    source: IncidentSource,
    fingerprints: &[&str],
    since: Option<Time>,
) -> Result<Vec<Alert>> {
    let mut found = Vec::new();
    for some in fingerprints.chunks(500) {
        let own = alerts::table
            .filter(alerts::product_id.eq(DbId(product)))
            .filter(alerts::source.eq(source.as_str()))
            .filter(alerts::fingerprint.eq_any(some.iter().map(|text| (*text).to_owned())));
        let rows: Vec<Row> = match since {
            Some(since) => own.filter(alerts::starts_at.ge(DbTime(since))).order(alerts::id.desc()).load(conn)?,
            // Without times, only what still goes on counts.
            None => own.order(alerts::id.desc()).limit(20).load(conn)?,
        };
        found.extend(rows);
    }
    found.into_iter().map(show).collect()
}

/// Adds episodes.
///
/// # Errors
/// 409 where one is there already; the writer then retries.
pub fn insert(tx: &mut Tx<'_>, new: &[Alert]) -> Result<()> {
    let rows: Vec<Row> = new.iter().map(Row::from).collect();
    for rows in rows.chunks(500) {
        insert_rows!(tx.conn, alerts::table, rows);
    }
    Ok(())
}

/// Ends an episode.
pub fn end(tx: &mut Tx<'_>, id: Id, ends_at: Time) -> Result<()> {
    let over = (
        alerts::state.eq(AlertState::Resolved.as_str()),
        alerts::ends_at.eq(Some(DbTime(ends_at))),
        alerts::last_seen_at.eq(DbTime(tx.now)),
    );
    diesel::update(alerts::table.find(DbId(id))).set(over).execute(tx.conn)?;
    Ok(())
}

/// Notes that episodes were sent again without a change.
pub fn seen_again(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    for some in ids.chunks(500) {
        let own = alerts::table.filter(alerts::id.eq_any(some.iter().map(|id| DbId(*id))));
        diesel::update(own)
            .set((alerts::repeats.eq(alerts::repeats + 1), alerts::last_seen_at.eq(DbTime(tx.now))))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// How many episodes of an incident are kept.
pub fn kept(conn: &mut Conn, incident: Id) -> Result<i64> {
    Ok(alerts::table.filter(alerts::incident_id.eq(Some(DbId(incident)))).count().get_result(conn)?)
}

/// How many kept episodes of an incident still go on.
pub fn firing(conn: &mut Conn, incident: Id) -> Result<i64> {
    let own = alerts::table.filter(alerts::incident_id.eq(Some(DbId(incident))));
    Ok(own.filter(alerts::state.eq(AlertState::Firing.as_str())).count().get_result(conn)?)
}

/// The episodes of an incident, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, incident: Id, paging: &Paging) -> Result<Page<Alert>> {
    let mut query = alerts::table.filter(alerts::incident_id.eq(Some(DbId(incident)))).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(alerts::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(alerts::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Alert>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |alert| vec![alert.id.to_string()]))
}

/// Moves the episodes of one incident to another.
pub fn move_to(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(alerts::table.filter(alerts::incident_id.eq(Some(DbId(from)))))
        .set(alerts::incident_id.eq(Some(DbId(to))))
        .execute(tx.conn)?;
    Ok(())
}
