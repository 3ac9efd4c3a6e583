//! The condition of the instance for `/readyz` and `/metrics`: what waits, what fails and since when, and counts; each
//! from a bounded set of queries.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, min, sql};
use diesel::sql_types::{BigInt, Bool};

use crate::domain::base::Time;
use crate::domain::feedback::State;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbTime;
use crate::store::base::{events, log_readers};
use crate::store::integrations::deliveries::pending;
use crate::store::schema::{closures, deliveries, feedback, imports, webhooks};
use crate::store::team::products;
use crate::store::themes;
use crate::store::themes::assignments;

/// Pending deliveries of a channel, with or without a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// `webhook`, `mail` or `tracker`.
    pub channel: String,
    /// Whether an attempt has already failed.
    pub failed: bool,
    pub count: i64,
    /// When the oldest of them was created.
    pub oldest: Option<Time>,
}

/// Deliveries that a channel gave up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    pub channel: String,
    /// All that are kept: the last 30 days.
    pub count: i64,
    /// Those of the last day.
    pub last_day: i64,
}

/// The backlogs of the instance. The queries read only waiting rows, so their cost does not grow with the rest of the
/// data.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    pub waiting: Vec<Waiting>,
    pub dead: Vec<Dead>,
    /// Feedback that waits to be read by the engine.
    pub pending: i64,
    /// When the oldest such feedback was filed.
    pub pending_since: Option<Time>,
    /// The time of the oldest event that the outbox has not read.
    pub unread_since: Option<Time>,
}

/// Counts for the metrics.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Closures by state.
    pub closures: BTreeMap<String, i64>,
    /// Feedback by state.
    pub feedback: BTreeMap<String, i64>,
    /// Imports by state.
    pub imports: BTreeMap<String, i64>,
    /// Themes whose counts and words are out of date.
    pub stale_themes: i64,
    pub refinements_due: i64,
    pub webhooks_disabled: i64,
    /// The size of the database, in bytes.
    pub size: i64,
}

/// Reads the condition.
pub fn read(conn: &mut Conn, now: Time) -> Result<Condition> {
    let place = log_readers::place(conn, "outbox")?;
    let unread = events::after(conn, place, 1)?;
    let pending = assignments::count_pending(conn)?;
    Ok(Condition {
        waiting: waiting(conn)?,
        dead: dead(conn, now)?,
        pending,
        pending_since: if pending > 0 { pending_since(conn)? } else { None },
        unread_since: unread.first().map(|event| event.at),
    })
}

/// Counts everything in [`Census`].
pub fn census(conn: &mut Conn) -> Result<Census> {
    let refinements = products::refinements(conn)?;
    Ok(Census {
        closures: by_state(
            closures::table.group_by(closures::state).select((closures::state, count_star())).load(conn)?,
        ),
        feedback: by_state(
            feedback::table.group_by(feedback::state).select((feedback::state, count_star())).load(conn)?,
        ),
        imports: by_state(imports::table.group_by(imports::state).select((imports::state, count_star())).load(conn)?),
        stale_themes: themes::rows::count_stale(conn)?,
        refinements_due: refinements.iter().filter(|one| one.due).count() as i64,
        webhooks_disabled: webhooks::table.filter(webhooks::active.eq(false)).count().get_result(conn)?,
        size: size(conn)?,
    })
}

fn by_state(rows: Vec<(String, i64)>) -> BTreeMap<String, i64> {
    rows.into_iter().collect()
}

fn waiting(conn: &mut Conn) -> Result<Vec<Waiting>> {
    let mut all = Vec::new();
    for failed in [false, true] {
        let attempts = if failed { sql::<Bool>("attempts > 0") } else { sql::<Bool>("attempts = 0") };
        let rows: Vec<(String, i64, Option<DbTime>)> = deliveries::table
            .filter(pending())
            .filter(attempts)
            .group_by(deliveries::channel)
            .select((deliveries::channel, count_star(), min(deliveries::created_at)))
            .load(conn)?;
        all.extend(rows.into_iter().map(|(channel, count, oldest)| Waiting {
            channel,
            failed,
            count,
            oldest: oldest.map(Time::from),
        }));
    }
    Ok(all)
}

fn dead(conn: &mut Conn, now: Time) -> Result<Vec<Dead>> {
    let given_up = || deliveries::table.filter(sql::<Bool>("state = 'dead'"));
    let all: Vec<(String, i64)> =
        given_up().group_by(deliveries::channel).select((deliveries::channel, count_star())).load(conn)?;
    let lately: BTreeMap<String, i64> = by_state(
        given_up()
            .filter(deliveries::ended_at.ge(DbTime(now.plus(-Time::DAY))))
            .group_by(deliveries::channel)
            .select((deliveries::channel, count_star()))
            .load(conn)?,
    );
    let show = |(channel, count): (String, i64)| {
        let last_day = lately.get(&channel).copied().unwrap_or_default();
        Dead { channel, count, last_day }
    };
    Ok(all.into_iter().map(show).collect())
}

fn pending_since(conn: &mut Conn) -> Result<Option<Time>> {
    // Ids grow with time, so the first one has waited longest.
    let oldest: Option<DbTime> = feedback::table
        .filter(feedback::state.eq(State::Pending.as_str()))
        .select(feedback::created_at)
        .order(feedback::id.asc())
        .first(conn)
        .optional()?;
    Ok(oldest.map(Time::from))
}

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn size(conn: &mut Conn) -> Result<i64> {
    let size: Size = match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()")
                .get_result(c)?
        }
        Conn::Postgres(c) => diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes").get_result(c)?,
    };
    Ok(size.bytes)
}
