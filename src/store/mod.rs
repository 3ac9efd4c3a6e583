//! The database layer, over SQLite and PostgreSQL. It is the only code in the crate that uses diesel.
//!
//! [`Store::read`] runs a function on a read connection. [`Store::write`] runs one in a transaction and answers after
//! the commit is on disk. There is one file per noun; where the databases differ, the two versions stand side by side
//! in small functions.
//!
//! Every function that takes a connection or a transaction returns the errors of the database (503 where it is locked
//! or not reachable, 500 for anything else); `# Errors` sections name only the errors beyond those.

pub mod base;
pub mod closure;
pub mod evaluations;
pub mod feedback;
pub mod health;
pub mod integrations;
pub mod measures;
pub mod operations;
pub mod privacy;
pub mod releases;
pub mod reports;
mod schema;
pub mod search;
pub mod stories;
pub mod team;
pub mod themes;
pub mod transfer;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use diesel::r2d2::{Pool, PooledConnection};
use tokio::sync::oneshot;

pub use base::conn::{Conn, Location};
use base::conn::{Manager, on_each};
pub use base::error::unavailable;
pub use base::events::NewEvent;
use base::scope;
pub use base::work::address::Addresses;
use base::work::commits::Commits;
pub use base::work::fresh;
pub use base::work::freshness::Freshness;
pub use base::work::output::Writing;
use base::work::output::{Answer, Output, Work};
use base::work::replicas::Replicas;
pub use base::work::writer::POSTGRES_WRITERS;
use base::work::writer::{self, Lane, Shared, Writer};
use health::guard::Guard;
use health::ledger_file::LedgerFile;
use health::wanted::Wanted;

use crate::clock::Clock;
use crate::domain::base::event_kinds;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::team::access::Scope;
use crate::error::Result;

/// The number of read connections. More would not be faster: they would only share the same CPU cores.
const READERS: u32 = 8;
/// The number of read connections for callers who may not see every product.
const SCOPED_READERS: u32 = 4;

/// The database: its connection pools, its write queue and its clock.
#[derive(Clone)]
pub struct Store {
    /// Where the database is, without a pooler before it.
    pub location: Location,
    /// The clock that gives the times that are written.
    pub clock: Clock,
    readers: Readers,
    writer: Writer,
    commits: Commits,
    requests: Arc<AtomicU64>,
    guard: Guard,
    watched: health::watch::Watched,
    /// The file of the ledger of erasures, where one is set.
    pub ledger: LedgerFile,
    /// The lock of the database's file, held until the process ends; see [`Store::serve_alone`].
    lock: Arc<Mutex<Option<std::fs::File>>>,
}

/// The connections that read.
#[derive(Clone)]
struct Readers {
    pool: Pool<Manager>,
    /// Whether a pooler in transaction mode stands before them.
    pooled: bool,
    /// Connections for callers who may not see every product; see [`base::scope`]. Each has a session of its own.
    scoped: Pool<Manager>,
    replicas: Replicas,
}

/// A transaction. Every usecase that writes is a function of one.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub conn: &'a mut Conn,
    /// The start of the transaction: the time of everything it writes.
    pub now: Time,
    /// Who makes the changes.
    pub actor: Actor,
    /// The bulk operation that this transaction is part of, if any; its events carry the id.
    pub bulk: Option<Id>,
    /// The products that it may change.
    pub scope: Scope,
    /// The offset that a test added to the clock, in microseconds.
    turned: i64,
    events: Vec<NewEvent>,
    /// Whether any event has been written.
    logged: bool,
    /// Lines for the ledger of erasures.
    erased: Vec<String>,
}

impl Tx<'_> {
    /// Begins the transaction, where [`Store::write_briefly`] left that to the work; it protects no rows read before.
    pub fn begin(&mut self) -> Result<()> {
        if let (false, Conn::Postgres(c)) = (writer::is_open(self.conn)?, &mut *self.conn) {
            Transactions::begin_transaction_sql(c, "BEGIN")?;
        }
        Ok(())
    }

    /// Limits what the rest of the transaction may change to these products; `None` for no limit.
    pub fn limit(&mut self, products: Option<Vec<Id>>) {
        self.scope = Scope::of(products, None, self.actor.id.unwrap_or(Id(uuid::Uuid::nil())));
    }

    /// Appends to the event log. The event is written in the same transaction, after its other changes.
    /// `domain/event_kinds` lists the kinds and the fields of their data; debug builds check them.
    pub fn event(&mut self, kind: &'static str, subject: Id, product: Option<Id>, mut data: serde_json::Value) {
        if let Some(bulk) = self.bulk {
            data["bulk_id"] = serde_json::json!(bulk);
        }
        debug_assert_eq!(
            event_kinds::problem(kind, &data),
            None,
            "domain/base/event_kinds/kinds.tsv lists no such event"
        );
        self.events.push(NewEvent { kind, subject, product, data });
    }

    /// Adds a line to the ledger of erasures. It is in the file before the transaction is committed.
    pub(in crate::store) fn erased(&mut self, line: String) {
        self.erased.push(line);
    }

    /// Runs a part of the transaction that may fail alone: its changes are then rolled back, and the rest stays.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.in_savepoint(part, true)
    }

    /// Runs a part of the transaction and rolls it back, to see what it would do (a dry run).
    ///
    /// # Errors
    /// Those of `part`.
    pub fn rehearse<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.in_savepoint(part, false)
    }

    fn in_savepoint<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T>, keep: bool) -> Result<T> {
        // The events of earlier parts are set aside: the events of this part are rolled back with it.
        let (mut events, mut erased) = (std::mem::take(&mut self.events), std::mem::take(&mut self.erased));
        on_each!(self.conn, c => Transactions::begin_transaction(c))?;
        let outcome = part(self);
        if keep && outcome.is_ok() {
            on_each!(self.conn, c => Transactions::commit_transaction(c))?;
            events.append(&mut self.events);
            erased.append(&mut self.erased);
        } else {
            on_each!(self.conn, c => Transactions::rollback_transaction(c))?;
        }
        (self.events, self.erased) = (events, erased);
        outcome
    }
}

impl Store {
    /// Opens the database without reading or writing it. A missing folder is created.
    ///
    /// # Errors
    /// An I/O error where the folder can't be created.
    pub fn open(location: Location, clock: Clock) -> std::io::Result<Self> {
        Self::open_with(Addresses::of(location), clock)
    }

    /// As [`Store::open`], with a pooler before the database and replicas beside it, where there are any.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn open_with(addresses: Addresses, clock: Clock) -> std::io::Result<Self> {
        let location = addresses.direct.clone();
        if let Location::Sqlite(path) = &location {
            health::private::prepare(Path::new(path))?;
        }
        let (readers, replicas) =
            (base::conn::serving_pool(&addresses, false, READERS, None), Replicas::of(&addresses));
        let scoped_readers = base::conn::prepared_pool(&location, SCOPED_READERS, scope::prepare);
        let (commits, guard) = (Commits::default(), Guard::default());
        let shared = Shared { clock: clock.clone(), guard: guard.clone(), ledger: LedgerFile::default() };
        let (ledger, writer) = (shared.ledger.clone(), Writer::start(&addresses, shared, commits.clone())?);
        let (requests, watched, lock) = Default::default();
        let readers = Readers { pool: readers, pooled: addresses.pooler.is_some(), scoped: scoped_readers, replicas };
        Ok(Self { location, clock, readers, writer, commits, requests, guard, watched, ledger, lock })
    }

    /// Brings the schema up to date; see [`base::migrate::run`].
    ///
    /// # Errors
    /// 503 where the database is not reachable, and the error of a migration that fails.
    pub fn migrate(&self) -> Result<Vec<String>> {
        let done = base::migrate::open_and_run(&self.location)?;
        // The database may have been restored into another cluster.
        if let Location::Postgres(_) = &self.location {
            base::log_base::keep_up(&mut base::conn::reach(&self.location, true)?)?;
        }
        Ok(done)
    }

    /// Writes a consistent copy of the database to a new file; reads and writes go on meanwhile.
    ///
    /// # Errors
    /// 409 where the file exists already, 422 on PostgreSQL, which has its own tool (`pg_dump`).
    pub fn backup(&self, file: &Path) -> Result<()> {
        let pool = base::conn::pool(&self.location, true, 1);
        transfer::backup::run(&mut *connection(&pool)?, file)
    }

    /// Runs `work` in a transaction and answers when it is durable. `work` may run more than once, so it must have no
    /// effect outside its transaction.
    ///
    /// # Errors
    /// Those of `work` (nothing is written then), 503 where the write queue is full or the database is gone.
    pub async fn write<T, F>(&self, actor: Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (output, work) = Output::of_write(work);
        self.written((actor, scope::current()), work).await?;
        output.take()
    }

    async fn written(&self, by: (Actor, Scope), work: Work) -> Result<()> {
        self.count_requests(1);
        fresh::on_primary();
        let (reply, answer) = oneshot::channel();
        let wanted = Wanted::default();
        self.writer.submit(writer::job(Lane::Request, by, work, false, wanted.clone(), reply), false)?;
        wanted.answer(async { answer.await.map_err(|_| unavailable("the writer stopped"))? }).await
    }

    /// Writes from one of our own threads: waits for room in the queue, where [`Store::write`] refuses.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub fn write_now<T, F>(&self, actor: Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.write_later(actor, work)?.wait()
    }

    /// Like [`Store::write_now`], but returns once the write is queued, so that the caller can prepare its next one meanwhile.
    ///
    /// # Errors
    /// 503 where the server is stopping.
    pub fn write_later<T, F>(&self, actor: Actor, work: F) -> Result<Writing<T>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (output, work) = Output::of_write(work);
        let answer = self.submit(Lane::Background, (actor, Scope::All), work, false)?;
        Ok(Writing { output, answer })
    }

    /// Like [`Store::write_now`], with as few round trips as possible: `work` calls [`Tx::begin`] before it writes,
    /// unless it writes exactly one statement that includes all its events. PostgreSQL commits such a statement by
    /// itself. It writes as somebody, and in a scope.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub fn write_briefly<T, F>(&self, by: (Actor, Scope), work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (output, work) = Output::of_write(work);
        let answer = self.submit(Lane::Request, by, work, true)?;
        Writing { output, answer }.wait()
    }

    fn submit(&self, lane: Lane, by: (Actor, Scope), work: Work, begins: bool) -> Result<Answer> {
        let (reply, answer) = oneshot::channel();
        self.writer.submit(writer::job(lane, by, work, begins, Wanted::default(), reply), true)?;
        Ok(answer)
    }

    /// Truncates SQLite's write-ahead log. False where a reader still uses it. Does nothing on PostgreSQL.
    ///
    /// # Errors
    /// 503 where the database is not reachable.
    pub fn empty_log(&self) -> Result<bool> {
        base::vacuum::empty_log(&self.location)
    }

    /// Waits until this process has committed more than `seen` times, or for at most `at_most`; answers the number of
    /// commits.
    pub fn wait_for_commit(&self, seen: u64, at_most: Duration) -> u64 {
        self.commits.wait(seen, at_most)
    }

    /// Adds requests to the count of [`Store::requests`]: those that share a write. [`Store::write`] counts its own.
    pub fn count_requests(&self, more: usize) {
        self.requests.fetch_add(more as u64, Ordering::Relaxed);
    }

    /// The number of requests that have written so far. Background work detects bursts by it.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The number of queued writes.
    pub fn queued(&self) -> usize {
        self.writer.queued()
    }

    /// Answers the queued writes, then stops writing.
    pub fn close(&self) {
        self.writer.close();
        self.guard.rest();
    }
}

fn connection(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(unavailable)
}
