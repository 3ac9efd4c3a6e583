//! How fresh each source is: the origins of feedback, and the incoming hooks.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, sql_query};

use crate::domain::base::Time;
use crate::domain::feedback::{ImportJob, ImportState};
use crate::domain::integrations::source::{ALERTING, SourceKind, SourceState};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, TimeSql};
use crate::store::schema::{hook_failures, imports};

/// What is counted was received within this time.
const COUNTED: i64 = 30 * Time::DAY;
/// A refused message is noted this often at the most, so that nobody can fill the database with refused messages.
const NOTED_EVERY: i64 = 60 * Time::SECOND;
/// The failed imports that are looked at.
const FAILED: i64 = 200;
/// The longest text of an error that is kept.
const LONGEST: usize = 500;

#[derive(QueryableByName)]
struct Arrived {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<TimeSql>)]
    last: Option<DbTime>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Each name of a column, its latest row and its recent rows, by an index of name and time. The recursion steps from name
/// to name, so it reads no more of the index than it must.
fn arrived(conn: &mut Conn, table: &str, name: &str, at: &str, since: Time) -> Result<Vec<Arrived>> {
    let mark = if matches!(conn, Conn::Postgres(_)) { "$1" } else { "?" };
    let text = format!(
        "WITH RECURSIVE names (name) AS (SELECT min({name}) FROM {table} UNION ALL \
         SELECT (SELECT min({name}) FROM {table} WHERE {name} > names.name) FROM names WHERE names.name IS NOT NULL) \
         SELECT names.name AS name, (SELECT max({at}) FROM {table} WHERE {name} = names.name) AS last, \
         (SELECT count(*) FROM {table} WHERE {name} = names.name AND {at} >= {mark}) AS count \
         FROM names WHERE names.name IS NOT NULL"
    );
    Ok(sql_query(text).bind::<TimeSql, _>(DbTime(since)).load(conn)?)
}

/// The alerts of each hook that takes alerts in. Their messages are known by the alerts in them, so they have no rows of
/// their own; a message that only repeats an alert counts as the last one received.
fn alerts(conn: &mut Conn, since: Time) -> Result<Vec<Arrived>> {
    let names: Vec<String> = ALERTING.iter().map(|source| format!("'{source}'")).collect();
    let mark = if matches!(conn, Conn::Postgres(_)) { "$1" } else { "?" };
    let text = format!(
        "SELECT source AS name, max(last_seen_at) AS last, \
         CAST(SUM(CASE WHEN last_seen_at >= {mark} THEN 1 ELSE 0 END) AS BIGINT) AS count \
         FROM incident_alerts WHERE source IN ({}) GROUP BY source",
        names.join(", ")
    );
    Ok(sql_query(text).bind::<TimeSql, _>(DbTime(since)).load(conn)?)
}

/// The latest failed import of each origin: when it ended, and why it failed.
fn failed_imports(conn: &mut Conn) -> Result<BTreeMap<String, (Time, String)>> {
    type Failed = (DbId, String, Option<DbTime>, Option<String>);
    let failed: Vec<Failed> = imports::table
        .filter(imports::state.eq(ImportState::Failed.as_str()))
        .select((imports::id, imports::options, imports::finished_at, imports::problem))
        .order(imports::id.desc())
        .limit(FAILED)
        .load(conn)?;
    let mut latest = BTreeMap::new();
    for (_, options, at, problem) in failed {
        let Ok(ImportJob { options, .. }) = serde_json::from_str::<ImportJob>(&options) else { continue };
        let Some(origin) = options.origin.or(options.preset) else { continue };
        let (Some(at), false) = (at, options.dry_run) else { continue };
        latest.entry(origin).or_insert((Time::from(at), problem.unwrap_or_default()));
    }
    Ok(latest)
}

/// All sources: hooks first, then origins by name.
pub fn all(conn: &mut Conn, now: Time) -> Result<Vec<SourceState>> {
    let since = now.plus(-COUNTED);
    let failures: Vec<(String, DbTime, String)> = hook_failures::table.load(conn)?;
    let failures = failures.into_iter().map(|(name, at, why)| (name, (Time::from(at), why))).collect();
    let mut hooks = arrived(conn, "hook_deliveries", "source", "received_at", since)?;
    hooks.extend(alerts(conn, since)?);
    let mut sources = joined(SourceKind::Hook, hooks, failures);
    let origins = arrived(conn, "feedback", "origin", "created_at", since)?;
    sources.extend(joined(SourceKind::Origin, origins, failed_imports(conn)?));
    Ok(sources)
}

/// What arrived and what failed, by name; a source of which nothing arrived is shown with its failure.
fn joined(kind: SourceKind, arrived: Vec<Arrived>, mut failures: BTreeMap<String, (Time, String)>) -> Vec<SourceState> {
    let mut all: Vec<SourceState> = arrived
        .into_iter()
        .map(|row| {
            let (last_error_at, last_error) = failures.remove(&row.name).unzip();
            let last_received_at = row.last.map(Time::from);
            SourceState { kind, name: row.name, last_received_at, received: row.count, last_error_at, last_error }
        })
        .collect();
    let never = failures.into_iter().map(|(name, (at, why))| SourceState {
        kind,
        name,
        last_received_at: None,
        received: 0,
        last_error_at: Some(at),
        last_error: Some(why),
    });
    all.extend(never);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// Whether the failure of a hook would be noted now; a read, so that refused messages rarely cost a write.
pub fn is_failure_due(conn: &mut Conn, source: &str, now: Time) -> Result<bool> {
    let noted: Option<DbTime> =
        hook_failures::table.find(source).select(hook_failures::failed_at).first(conn).optional()?;
    Ok(noted.is_none_or(|at| now.0 - Time::from(at).0 >= NOTED_EVERY || Time::from(at) > now))
}

/// Notes why a message of a hook was refused.
pub fn note_failure(tx: &mut Tx<'_>, source: &str, error: &str) -> Result<()> {
    let error: String = error.chars().take(LONGEST).collect();
    let row =
        (hook_failures::source.eq(source), hook_failures::failed_at.eq(DbTime(tx.now)), hook_failures::error.eq(error));
    diesel::delete(hook_failures::table.find(source)).execute(tx.conn)?;
    diesel::insert_into(hook_failures::table).values(row).execute(tx.conn)?;
    Ok(())
}
