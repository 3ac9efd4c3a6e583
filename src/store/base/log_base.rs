//! Transaction numbers in the event log, on PostgreSQL.
//!
//! The number of its transaction orders an event in the log. Each cluster counts its own transactions: a dump restored
//! into a younger cluster contains events with numbers higher than the cluster's counter. Readers would not see them,
//! and new events would be ordered before them. So a base is added to each number, and it is raised after such a
//! restore. Positions held by readers and API callers stay valid, because no old number changes.

use diesel::connection::SimpleConnection;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::conn::Conn;
use crate::error::Result;
use crate::store::base::query::*;

/// The highest number used by the log, its readers and webhooks; the base; and the number of the next transaction.
const PLACES: &str = "SELECT base, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next, \
     greatest((SELECT max(tx_id) FROM events), (SELECT max(tx_id) FROM log_readers), \
              (SELECT max(since_tx_id) FROM webhooks), 0) AS highest FROM log_base";

#[derive(QueryableByName)]
struct Places {
    #[diesel(sql_type = BigInt)]
    base: i64,
    #[diesel(sql_type = BigInt)]
    next: i64,
    #[diesel(sql_type = BigInt)]
    highest: i64,
}

impl Places {
    fn are_ahead(&self) -> bool {
        self.highest >= self.base + self.next
    }
}

/// Raises the base after a restore into another cluster; answers whether that was needed.
pub fn keep_up(conn: &mut Conn) -> Result<bool> {
    let Conn::Postgres(c) = conn else { return Ok(false) };
    if !sql_query(PLACES).get_result::<Places>(c)?.are_ahead() {
        return Ok(false);
    }
    let moved = c.transaction(|c| {
        // The locks keep new events out meanwhile, and let one of several instances do the work.
        c.batch_execute("LOCK TABLE log_base IN EXCLUSIVE MODE; LOCK TABLE events IN ACCESS EXCLUSIVE MODE")?;
        let places: Places = sql_query(PLACES).get_result(c)?;
        if places.are_ahead() {
            c.batch_execute(&raise(&places))?;
        }
        Ok::<_, diesel::result::Error>(places)
    })?;
    tracing::warn!(
        highest = moved.highest,
        next = moved.next,
        "this database was restored into another PostgreSQL cluster: the event log goes on after its last event"
    );
    Ok(true)
}

/// The statements that raise the base. Events written after the restore but before this have low numbers although they
/// come after all restored events; they are moved to their place.
fn raise(places: &Places) -> String {
    let (old, new, next) = (places.base, places.highest + 1, places.base + places.next);
    let shift = new - old;
    format!(
        "UPDATE events SET tx_id = tx_id + {shift} WHERE tx_id >= {old} AND tx_id < {next} \
             AND seq > (SELECT max(seq) FROM events WHERE tx_id >= {next}); \
         UPDATE log_base SET base = {new}; \
         ALTER TABLE events ALTER COLUMN tx_id SET DEFAULT ({new} + pg_current_xact_id()::text::bigint)"
    )
}

/// SQL: the number (in the cluster's count) of the oldest open transaction that may still write to the log, or of the
/// next transaction where none is open.
///
/// The snapshot lists the open transactions of the whole cluster; those of other databases can't write here. A
/// transaction is ignored only if its session has been seen active in another database for at least a second. That
/// covers the race where a session ends and one of this database takes its slot while the list is read. If the role may
/// not see other sessions (it lacks `pg_read_all_stats`), their transactions block the log as our own do.
pub(in crate::store) const OLDEST_WRITER: &str = "coalesce((SELECT min(open.xid::text::bigint) \
     FROM pg_snapshot_xip(pg_current_snapshot()) AS open (xid) \
     WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity AS elsewhere WHERE elsewhere.backend_xid = open.xid::xid \
             AND elsewhere.datname <> current_database() \
             AND elsewhere.xact_start < clock_timestamp() - interval '1 second') \
         AND NOT EXISTS (SELECT 1 FROM pg_prepared_xacts AS elsewhere WHERE elsewhere.transaction = open.xid::xid \
             AND elsewhere.database <> current_database())), \
     pg_snapshot_xmax(pg_current_snapshot())::text::bigint)";

/// A transaction that blocks the log: events after it can't be read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The number of the transaction, in the cluster's count.
    pub transaction: i64,
    /// The process id on the database server; `None` for a prepared transaction.
    pub pid: Option<i32>,
    /// The client's `application_name`, or the name of the prepared transaction.
    pub application: Option<String>,
    /// The database of the cluster it runs in.
    pub database: Option<String>,
    /// Its state in PostgreSQL's terms: `idle in transaction`, `active`, `prepared`.
    pub state: Option<String>,
}

#[derive(QueryableByName)]
struct HolderRow {
    #[diesel(sql_type = BigInt)]
    transaction: i64,
    #[diesel(sql_type = Nullable<Integer>)]
    pid: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    application: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    database: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
}

/// The query for the oldest open transaction that may write to the log, where events wait for its end.
fn holder_query() -> String {
    format!(
        "WITH oldest AS (SELECT {OLDEST_WRITER} AS xid), \
         open AS (SELECT pid, application_name::text AS application, datname::text AS database, state::text AS state, \
                         backend_xid::text::bigint AS xid FROM pg_stat_activity WHERE backend_xid IS NOT NULL \
                  UNION ALL SELECT NULL, gid::text, database::text, 'prepared', transaction::text::bigint \
                         FROM pg_prepared_xacts) \
         SELECT oldest.xid AS transaction, open.pid, open.application, open.database, open.state FROM oldest \
         LEFT JOIN open ON open.xid = oldest.xid % 4294967296 \
         WHERE EXISTS (SELECT 1 FROM events WHERE tx_id >= (SELECT base FROM log_base) + oldest.xid) LIMIT 1"
    )
}

/// The transaction that blocks the log, if any; never one on SQLite.
pub fn holder(conn: &mut Conn) -> Result<Option<Holder>> {
    let Conn::Postgres(c) = conn else { return Ok(None) };
    let row: Option<HolderRow> = sql_query(holder_query()).get_result(c).optional()?;
    Ok(row.map(|HolderRow { transaction, pid, application, database, state }| Holder {
        transaction,
        pid,
        application,
        database,
        state,
    }))
}
