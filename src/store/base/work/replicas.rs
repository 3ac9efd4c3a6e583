//! Reads of requests on replicas, without showing anybody less than they have been told.
//!
//! When a request arrives, the primary is asked how far its log is flushed. Every write that was acknowledged until then,
//! by whichever instance and to whomever, is before that place. A replica answers a read of the request once it has replayed
//! that far: it waits for a short time, and else the primary answers. So a caller sees their own writes, and needs no
//! cookie or header for it. Requests that arrive while the primary is being asked share the next question
//! (`freshness.rs`), which reads no table.
//!
//! The place is compared on the connection that then reads, since an address may lead to several replicas. The same
//! statement says whether it is a replica at all, and of the same cluster and timeline: a replica that still follows a
//! failed primary may be ahead of the promoted one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::r2d2::{Pool, PooledConnection};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool};

use super::address::{Addresses, Location};
use super::fresh::{Fresh, Place, place};
use crate::error::{Error, Result};
use crate::store::base::conn::{self, Conn, Manager};
use crate::store::base::query::*;

/// The number of connections to each replica.
const CONNECTIONS: u32 = 8;
/// How long a request waits for a connection to a replica, before the primary answers.
const FOR_A_CONNECTION: Duration = Duration::from_millis(300);
/// How long a replica is left alone that was behind, not reachable or not the right one, in milliseconds.
const REST: u64 = 1_000;
/// How often a replica is asked whether it is far enough.
const LOOK: Duration = Duration::from_millis(1);

/// What became of a read that a replica could answer. All but the answered ones go to the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A replica answered.
    Answered,
    /// It had not all that was acknowledged, in time.
    Behind,
    /// It failed there, and the whole request is done again.
    Failed,
    /// The server is no replica of this primary.
    Other,
    /// All replicas rest.
    Resting,
    /// It gave no connection.
    Unreachable,
}

/// The names of the outcomes, in their order.
const OUTCOMES: [&str; 6] = ["answered", "behind", "failed", "other", "resting", "unreachable"];

/// The replicas of a store; clones share them.
#[derive(Clone)]
pub(in crate::store) struct Replicas {
    all: Arc<[Replica]>,
    next: Arc<AtomicUsize>,
    /// The reads by outcome.
    counts: Arc<[AtomicU64; OUTCOMES.len()]>,
    patience: Duration,
}

struct Replica {
    pool: Pool<Manager>,
    /// When it is asked again, in milliseconds since `BEGAN`; 0 while nothing is wrong with it.
    rests_until: AtomicU64,
}

impl Replicas {
    pub(in crate::store) fn of(addresses: &Addresses) -> Self {
        let replica = |location: &Location| {
            let manager = Manager { location: location.clone(), writes: false, pooled: false, prepare: None };
            Replica { pool: manager.pool(CONNECTIONS, FOR_A_CONNECTION), rests_until: AtomicU64::new(0) }
        };
        let all = addresses.replicas.iter().map(replica).collect();
        Self { all, next: Arc::default(), counts: Arc::default(), patience: addresses.patience }
    }

    /// Counts a read.
    pub(super) fn count(&self, outcome: Outcome) {
        self.counts[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The reads so far by the name of their outcome.
    pub(super) fn counted(&self) -> Vec<(&'static str, u64)> {
        OUTCOMES.into_iter().zip(self.counts.iter().map(|count| count.load(Ordering::Relaxed))).collect()
    }

    /// How long a request waits for a replica; `None` where there are none.
    pub(super) fn patience(&self) -> Option<Duration> {
        (!self.all.is_empty()).then_some(self.patience)
    }

    /// A connection to a replica that has what the request needs; `None` where none has it in time.
    pub(super) fn connection(&self, fresh: &Fresh) -> Option<PooledConnection<Manager>> {
        let (turn, count) = (self.next.fetch_add(1, Ordering::Relaxed), self.all.len());
        let mut turns = (0..count).map(|n| &self.all[turn.wrapping_add(n) % count]);
        let Some(replica) = turns.find(|replica| replica.wakes()) else {
            self.count(Outcome::Resting);
            return None;
        };
        match replica.ready(fresh) {
            Ok(conn) => {
                if replica.rests_until.swap(0, Ordering::Relaxed) > 0 {
                    tracing::info!("a read replica answers again");
                }
                Some(conn)
            }
            Err((outcome, problem)) => {
                if replica.rests_until.swap(now() + REST, Ordering::Relaxed) == 0 {
                    tracing::warn!(problem, "a read replica is not used: the primary answers instead");
                }
                self.count(outcome);
                None
            }
        }
    }
}

impl Replica {
    /// Whether it may be asked. Of the requests that come after its rest, one tries it again, and the others do not wait for
    /// that.
    fn wakes(&self) -> bool {
        let until = self.rests_until.load(Ordering::Relaxed);
        let is_over = until > 0 && until <= now();
        let takes_turn =
            || self.rests_until.compare_exchange(until, now() + REST, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        until == 0 || (is_over && takes_turn())
    }

    /// A connection to it, once it has what the request needs. The error is the outcome for the metrics, and a sentence.
    fn ready(&self, fresh: &Fresh) -> std::result::Result<PooledConnection<Manager>, (Outcome, String)> {
        let (mut conn, mut found) = self.reach().map_err(|problem| (Outcome::Unreachable, problem))?;
        loop {
            let Standing { is_replica, lsn, cluster, timeline } = found;
            if let Some(problem) = mismatch(is_replica, (cluster, timeline), &fresh.place) {
                return Err((Outcome::Other, problem.to_owned()));
            }
            if lsn >= fresh.place.lsn {
                return Ok(conn);
            }
            if Instant::now() >= fresh.until {
                return Err((Outcome::Behind, format!("it lacks {} bytes of the log", fresh.place.lsn - lsn)));
            }
            std::thread::sleep(LOOK);
            found = standing(&mut conn).map_err(|e| (Outcome::Unreachable, e.detail))?;
        }
    }

    /// A connection that answers. Those that were open when a replica stopped are closed one by one.
    fn reach(&self) -> std::result::Result<(PooledConnection<Manager>, Standing), String> {
        let mut last = String::new();
        for _ in 0..=CONNECTIONS {
            let mut conn = self.pool.get().map_err(|e| e.to_string())?;
            match standing(&mut conn) {
                Ok(found) => return Ok((conn, found)),
                Err(e) => last = e.detail,
            }
        }
        Err(last)
    }
}

/// What is wrong with a server that should be a replica of this primary.
fn mismatch(is_replica: bool, (cluster, timeline): (i64, i64), place: &Place) -> Option<&'static str> {
    if cluster != place.cluster {
        return Some("it belongs to another cluster");
    }
    if !is_replica {
        return Some("it is not in recovery, so it is no replica (any more)");
    }
    // It becomes the primary's with the replica's next restartpoint.
    (timeline != place.timeline).then_some("it has not yet followed the primary to its new timeline")
}

/// How far a server is that should be a replica.
#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Bool)]
    is_replica: bool,
    #[diesel(sql_type = BigInt)]
    lsn: i64,
    #[diesel(sql_type = BigInt)]
    cluster: i64,
    #[diesel(sql_type = BigInt)]
    timeline: i64,
}

fn standing(conn: &mut Conn) -> Result<Standing> {
    let Conn::Postgres(c) = conn else { return Err(Error::internal("SQLite has no replicas")) };
    let query = "SELECT pg_is_in_recovery() AS is_replica, \
         coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::bigint AS lsn, \
         (SELECT system_identifier FROM pg_control_system()) AS cluster, \
         (SELECT timeline_id FROM pg_control_checkpoint())::bigint AS timeline";
    Ok(sql_query(query).get_result(c)?)
}

/// What is wrong with the replicas of a store.
#[derive(Debug)]
pub enum ReplicaProblem {
    /// The setting is wrong: the server must not use it.
    Wrong(String),
    /// The replica is not used just now.
    Unused(String),
}

/// Checks the replica at an address against the primary.
///
/// # Errors
/// What is wrong with it, in a sentence without its address.
pub fn check(primary: &mut Conn, replica: &Location) -> std::result::Result<(), ReplicaProblem> {
    let unused = |e: Error| ReplicaProblem::Unused(e.detail);
    let place = place(primary).map_err(unused)?;
    let mut conn = conn::reach(replica, false).map_err(unused)?;
    let found = standing(&mut conn).map_err(unused)?;
    match mismatch(found.is_replica, (found.cluster, found.timeline), &place) {
        None => Ok(()),
        Some(problem) if found.cluster != place.cluster => {
            Err(ReplicaProblem::Wrong(format!("The read replica can't be used: {problem}.")))
        }
        Some(problem) => Err(ReplicaProblem::Unused(format!("The read replica is not used: {problem}."))),
    }
}

/// Milliseconds since the first question.
fn now() -> u64 {
    static BEGAN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    BEGAN.elapsed().as_millis() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_replica_of_the_same_cluster_and_timeline_is_used() {
        let place = Place { lsn: 100, cluster: 7, timeline: 2 };
        assert_eq!(mismatch(true, (7, 2), &place), None);
        assert!(mismatch(true, (8, 2), &place).is_some_and(|problem| problem.contains("another cluster")));
        assert!(mismatch(false, (7, 2), &place).is_some_and(|problem| problem.contains("recovery")));
        assert!(mismatch(true, (7, 1), &place).is_some_and(|problem| problem.contains("timeline")));
    }
}
