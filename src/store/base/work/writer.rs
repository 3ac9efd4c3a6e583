//! The write queue, with group commit: many requests share one flush.
//!
//! SQLite: one thread owns the only write connection. It takes the queued jobs, runs each in a savepoint of one `BEGIN
//! IMMEDIATE`, commits once, and only then answers all of them, so every answer is durable. PostgreSQL: a few threads
//! run each job in a transaction of its own, because the server groups flushes itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use diesel::connection::{AnsiTransactionManager as Transactions, SimpleConnection, TransactionManager};
use diesel::r2d2::Pool;
use tokio::sync::oneshot;

use super::address::Addresses;
use super::commits::Commits;
use super::output::Work;
use crate::clock::Clock;
use crate::domain::base::Actor;
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, Result};
use crate::store::base::conn::{self, Conn, Location, Manager, on_each};
use crate::store::base::{error, events};
use crate::store::health::guard::{Guard, Stamp};
use crate::store::health::ledger_file::LedgerFile;
use crate::store::health::wanted::Wanted;
use crate::store::{Tx, connection, unavailable};

/// The capacity of the queue; a write beyond it is refused with 503.
const QUEUE: usize = 1024;
/// The most jobs per flush. It bounds how long the first of them waits.
const GROUP: usize = 256;
/// The number of concurrent transactions on PostgreSQL. More is not faster, because each connection has its own caches
/// of prepared statements.
pub const POSTGRES_WRITERS: usize = 4;
/// How often a transaction that failed on a conflict is run.
const ATTEMPTS: usize = 5;

type Queue = Sender<Box<dyn Job>>;

/// The queue and its worker threads.
#[derive(Clone)]
pub(in crate::store) struct Writer {
    queue: Arc<Mutex<Option<Queue>>>,
    waiting: Arc<AtomicUsize>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// What all threads of the writer share.
#[derive(Clone)]
pub(in crate::store) struct Shared {
    pub clock: Clock,
    pub guard: Guard,
    /// Lines of erasures are in this file before their transaction is committed.
    pub ledger: LedgerFile,
}

/// A queued write: `run` is called in a transaction, possibly more than once, then `answer` once it is durable.
pub(in crate::store) trait Job: Send {
    /// Marks the job as started; false where its caller has given up. A started job is always finished.
    fn begin(&self) -> bool;
    fn run(&mut self, conn: &mut Conn, shared: &Shared) -> Result<()>;
    /// Whether the job begins its transaction itself, if it writes more than one statement; see [`Tx::begin`].
    fn begins(&self) -> bool;
    /// Whether the job wrote events, so that the readers of the log must be woken.
    fn has_logged(&self) -> bool;
    fn answer(self: Box<Self>, outcome: Result<()>);
}

/// A job made of work and the channel of its caller.
pub(in crate::store) fn job(
    (actor, scope): (Actor, Scope),
    work: Work,
    begins: bool,
    wanted: Wanted,
    reply: oneshot::Sender<Result<()>>,
) -> Box<dyn Job> {
    Box::new(QueuedWork { actor, scope, work, begins, wanted, logged: false, reply })
}

struct QueuedWork {
    actor: Actor,
    scope: Scope,
    work: Work,
    begins: bool,
    wanted: Wanted,
    logged: bool,
    reply: oneshot::Sender<Result<()>>,
}

impl Job for QueuedWork {
    fn begin(&self) -> bool {
        self.wanted.begin()
    }

    fn run(&mut self, conn: &mut Conn, shared: &Shared) -> Result<()> {
        let clock = &shared.clock;
        let (now, turned, actor) = (clock.now(), clock.turned(), self.actor.clone());
        let scope = self.scope.clone();
        let (events, erased) = (Vec::new(), Vec::new());
        let mut tx = Tx { conn, now, actor, bulk: None, scope, turned, events, logged: false, erased };
        let work = &mut self.work;
        catch_unwind(AssertUnwindSafe(|| work(&mut tx)))
            .unwrap_or_else(|_| Err(Error::internal("a write panicked")))?;
        events::append(&mut tx)?;
        shared.ledger.append(&tx.erased)?;
        self.logged = tx.logged;
        Ok(())
    }

    fn begins(&self) -> bool {
        self.begins
    }

    fn has_logged(&self) -> bool {
        self.logged
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        // The caller may be gone; the write is committed all the same.
        let _ = self.reply.send(outcome);
    }
}

impl Writer {
    pub(in crate::store) fn start(addresses: &Addresses, shared: Shared, commits: Commits) -> std::io::Result<Self> {
        let (sender, receiver) = bounded::<Box<dyn Job>>(QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let one_by_one = matches!(addresses.direct, Location::Postgres(_));
        let count = if one_by_one { POSTGRES_WRITERS } else { 1 };
        let pool = conn::serving_pool(addresses, true, count as u32);
        let mut threads = Vec::new();
        for n in 0..count {
            let (commits, receiver, waiting) = (commits.clone(), receiver.clone(), waiting.clone());
            let bench = Bench { pool: pool.clone(), pooled: addresses.pooler.is_some(), shared: shared.clone() };
            let run = move || {
                while let Some(mut group) = take(&receiver, if one_by_one { 1 } else { GROUP }) {
                    let size = group.len();
                    group.retain(|job| job.begin());
                    let logged = !group.is_empty() && bench.run_group(group, one_by_one);
                    waiting.fetch_sub(size, Ordering::Relaxed);
                    if logged {
                        commits.add();
                    }
                }
            };
            threads.push(std::thread::Builder::new().name(format!("writer-{n}")).spawn(run)?);
        }
        let queue = Arc::new(Mutex::new(Some(sender)));
        Ok(Self { queue, waiting, threads: Arc::new(Mutex::new(threads)) })
    }

    /// Queues a job. Where the queue is full, it waits for room or refuses.
    pub(in crate::store) fn submit(&self, job: Box<dyn Job>, wait: bool) -> Result<()> {
        let sender = self.queue.lock().unwrap_or_else(|e| e.into_inner()).clone();
        let sender = sender.ok_or_else(|| Error::new(Code::Unavailable, "The server is stopping."))?;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = if wait {
            sender.send(job).map_err(|_| unavailable("the writer stopped"))
        } else {
            sender.try_send(job).map_err(|e| match e {
                TrySendError::Full(_) => Code::Busy.into(),
                TrySendError::Disconnected(_) => unavailable("the writer stopped"),
            })
        };
        if sent.is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        sent
    }

    pub(in crate::store) fn queued(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(in crate::store) fn close(&self) {
        self.queue.lock().unwrap_or_else(|e| e.into_inner()).take();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(|e| e.into_inner()));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// The next job and those queued behind it; `None` once the queue is closed and empty.
fn take(receiver: &Receiver<Box<dyn Job>>, most: usize) -> Option<Vec<Box<dyn Job>>> {
    let mut group = vec![receiver.recv().ok()?];
    while group.len() < most
        && let Ok(job) = receiver.try_recv()
    {
        group.push(job);
    }
    Some(group)
}

/// The state of a writer thread.
struct Bench {
    pool: Pool<Manager>,
    /// Whether a pooler in transaction mode stands before the server.
    pooled: bool,
    shared: Shared,
}

impl Bench {
    /// Runs a group of jobs and answers them; true where any wrote events.
    fn run_group(&self, mut group: Vec<Box<dyn Job>>, retry: bool) -> bool {
        let outcomes = self.shared.guard.check().and_then(|()| connection(&self.pool));
        let outcomes = outcomes.and_then(|mut conn| self.transact(&mut conn, &mut group, retry));
        let logged = outcomes.is_ok() && group.iter().any(|job| job.has_logged());
        match outcomes {
            Ok(outcomes) => group.into_iter().zip(outcomes).for_each(|(job, outcome)| job.answer(outcome)),
            Err(e) => group.into_iter().for_each(|job| job.answer(Err(e.clone()))),
        }
        logged
    }

    /// Runs the group in one transaction; answers the outcome of each job, or the error that rolled back all of them.
    fn transact(&self, conn: &mut Conn, group: &mut [Box<dyn Job>], retry: bool) -> Result<Vec<Result<()>>> {
        for attempt in 1.. {
            let done = self.attempt(conn, group);
            let lost_race = match &done {
                Ok(outcomes) => outcomes.iter().any(|o| o.as_ref().is_err_and(|e| e.transient)),
                Err(e) => e.transient,
            };
            if !(retry && lost_race && attempt < ATTEMPTS) {
                return done;
            }
        }
        Err(Code::Unavailable.into())
    }

    fn attempt(&self, conn: &mut Conn, group: &mut [Box<dyn Job>]) -> Result<Vec<Result<()>>> {
        // Through a pooler our settings are those of a transaction, so there is always one.
        let alone = matches!(conn, Conn::Postgres(_)) && !self.pooled && group.len() == 1 && group[0].begins();
        let stamp = self.begin(conn, alone)?;
        let outcomes = match group {
            // A single job needs no savepoint: if it fails, the transaction fails.
            [job] => job.run(conn, &self.shared).map(|()| vec![Ok(())]),
            jobs => jobs.iter_mut().map(|job| in_savepoint(conn, &self.shared, job.as_mut())).collect(),
        };
        let committed = match outcomes {
            Ok(outcomes) => self.commit(conn, stamp).map(|()| outcomes),
            // A single statement without a transaction commits itself.
            Err(e) if alone && !is_open(conn)? => Err(error::at_commit(e)),
            Err(e) => Err(e),
        };
        if committed.is_err() {
            // This fails where the connection is gone or the database rolled back by itself; both end the transaction
            // as intended.
            let _ = on_each!(conn, c => Transactions::rollback_transaction(c));
        }
        committed
    }

    /// Begins the transaction, unless the job does so itself; see [`Tx::begin`].
    fn begin(&self, conn: &mut Conn, alone: bool) -> Result<Option<Stamp>> {
        // Uses diesel's transaction manager, which must know about the transaction for multi-row inserts.
        match conn {
            Conn::Sqlite(c) => {
                Transactions::begin_transaction_sql(c, "BEGIN IMMEDIATE")?;
                let stamp = self.shared.guard.due();
                if let Some(stamp) = stamp {
                    c.batch_execute(&format!("PRAGMA user_version = {}", stamp.number))?;
                }
                return Ok(stamp);
            }
            // Saves a round trip: a single statement is a transaction already.
            Conn::Postgres(_) if alone => {}
            Conn::Postgres(c) if self.pooled => Transactions::begin_transaction_sql(c, conn::begin_pooled(true))?,
            Conn::Postgres(c) => Transactions::begin_transaction_sql(c, "BEGIN")?,
        }
        Ok(None)
    }

    fn commit(&self, conn: &mut Conn, stamp: Option<Stamp>) -> Result<()> {
        if is_open(conn)? {
            on_each!(conn, c => Transactions::commit_transaction(c)).map_err(|e| error::at_commit(e.into()))?;
        }
        if let Some(stamp) = stamp {
            self.shared.guard.stamped(stamp);
        }
        // A write to a file that has been removed or replaced would be lost at the next start.
        self.shared
            .guard
            .check()
            .map_err(|e| Error { detail: format!("{} {}", error::UNKNOWN, e.detail), ..Code::OutcomeUnknown.into() })
    }
}

/// Whether a transaction is open.
pub(in crate::store) fn is_open(conn: &mut Conn) -> Result<bool> {
    Ok(on_each!(conn, c => Transactions::transaction_manager_status_mut(c).transaction_depth())?.is_some())
}

/// Runs a job in a savepoint and answers its outcome. The outer error means that the savepoint itself failed, which
/// rolls back the whole group.
fn in_savepoint(conn: &mut Conn, shared: &Shared, job: &mut dyn Job) -> Result<Result<()>> {
    on_each!(conn, c => Transactions::begin_transaction(c))?;
    let outcome = job.run(conn, shared);
    let ended = match &outcome {
        Ok(()) => on_each!(conn, c => Transactions::commit_transaction(c)),
        Err(_) => on_each!(conn, c => Transactions::rollback_transaction(c)),
    };
    match (ended, outcome) {
        (Ok(()), outcome) => Ok(outcome),
        // SQLite rolled the transaction back by itself, as it does on a full disk: the job's error has the reason.
        (Err(_), Err(cause)) => Err(cause),
        (Err(e), Ok(())) => Err(e.into()),
    }
}
