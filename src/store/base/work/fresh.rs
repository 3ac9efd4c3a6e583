//! What the reads of a request must see, and whether they may be answered by a replica (`replicas.rs`).

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::sql_query;
use diesel::sql_types::BigInt;

use crate::error::{Code, Error, Result};
use crate::store::base::conn::Conn;
use crate::store::base::query::*;

tokio::task_local! {
    static FRESH: Arc<Fresh>;
}

thread_local! {
    /// Whether this thread reads on a replica.
    static ON_REPLICA: Cell<bool> = const { Cell::new(false) };
}

/// How far the log of the primary is flushed, and whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Place {
    /// The bytes of the log before it.
    #[diesel(sql_type = BigInt)]
    pub(super) lsn: i64,
    /// The number of the cluster.
    #[diesel(sql_type = BigInt)]
    pub(super) cluster: i64,
    /// The number of failovers before it.
    #[diesel(sql_type = BigInt)]
    pub(super) timeline: i64,
}

/// What the reads of a request must see at least.
#[derive(Debug)]
pub struct Fresh {
    pub(super) place: Place,
    /// When the request stops waiting for replicas.
    pub(super) until: Instant,
    /// Set once the request must read on the primary.
    ended: AtomicBool,
    /// Set when a read on a replica failed.
    failed: AtomicBool,
}

impl Fresh {
    /// For a request that arrives now and waits for replicas at most `patience`.
    pub(super) fn of(place: Place, patience: Duration) -> Self {
        let (ended, failed) = Default::default();
        Self { place, until: Instant::now() + patience, ended, failed }
    }

    /// Whether a read of the request failed on a replica, so that the primary may have an answer.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether it needs no less than another.
    pub(in crate::store) fn is_after(&self, other: &Self) -> bool {
        self.place.lsn >= other.place.lsn
    }

    /// Notes that a read for the request failed on a replica.
    pub(in crate::store) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Reads on a connection to a replica. False stands beside a failure that the primary may not have.
    pub(super) fn run<T>(&self, conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> (Result<T>, bool) {
        let _reads = OnReplica::enter();
        let found = work(conn);
        let is_answered = !found.as_ref().is_err_and(|error| error.code.status() >= 500);
        if !is_answered {
            self.fail();
        }
        (found, is_answered)
    }
}

/// While it lives, the thread reads on a replica.
struct OnReplica;

impl OnReplica {
    fn enter() -> Self {
        ON_REPLICA.set(true);
        Self
    }
}

impl Drop for OnReplica {
    fn drop(&mut self) {
        ON_REPLICA.set(false);
    }
}

/// For reads that only the primary can answer, such as the order of the event log, which depends on the transactions that
/// are open there.
///
/// # Errors
/// 503 on a replica; the request is then answered by the primary.
pub(in crate::store) fn only_on_primary() -> Result<()> {
    if !ON_REPLICA.get() {
        return Ok(());
    }
    Err(Error::new(Code::Unavailable, "This is read on the primary only."))
}

/// Runs a request whose reads may be answered by replicas.
pub async fn within<F: Future>(fresh: Arc<Fresh>, work: F) -> F::Output {
    FRESH.scope(fresh, work).await
}

/// What the reads of the current request must see; `None` where they are for the primary.
pub(in crate::store) fn current() -> Option<Arc<Fresh>> {
    FRESH.try_with(Clone::clone).ok().filter(|fresh| !fresh.ended.load(Ordering::Relaxed))
}

/// What the current request reads from now on comes from the primary: it has written, or reads what only the primary knows.
pub fn on_primary() {
    let _ = FRESH.try_with(|fresh| fresh.ended.store(true, Ordering::Relaxed));
}

/// How far the log of the primary is flushed: an acknowledged commit is before that.
pub(super) fn place(conn: &mut Conn) -> Result<Place> {
    let Conn::Postgres(c) = conn else { return Err(Error::internal("SQLite has no replicas")) };
    // The name of a file of the log begins with the timeline, as eight hexadecimal digits.
    let query = "SELECT pg_wal_lsn_diff(flushed, '0/0')::bigint AS lsn, \
         (SELECT system_identifier FROM pg_control_system()) AS cluster, \
         ('x' || left(pg_walfile_name(flushed), 8))::bit(32)::bigint AS timeline \
         FROM pg_current_wal_flush_lsn() AS flushed";
    Ok(sql_query(query).get_result(c)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_request_reads_on_the_primary_once_it_has_written() {
        let place = Place { lsn: 100, cluster: 7, timeline: 2 };
        let fresh = Arc::new(Fresh::of(place, Duration::ZERO));
        assert!(current().is_none(), "outside of a request");
        within(fresh, async {
            assert!(current().is_some());
            on_primary();
            assert!(current().is_none());
        })
        .await;
    }

    #[test]
    fn what_only_the_primary_knows_is_refused_on_a_replica() {
        assert!(only_on_primary().is_ok());
        let reads = OnReplica::enter();
        assert!(only_on_primary().is_err());
        drop(reads);
        assert!(only_on_primary().is_ok());
    }
}
