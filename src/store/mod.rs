//! The only diesel in the crate: two databases behind one code.
//!
//! [`Store::read`] runs a function on a read connection; [`Store::write`] runs one in a transaction and answers after
//! the commit is on disk. One file a noun; what differs between the databases stands side by side in small functions.

pub mod base;
pub mod closure;
pub mod feedback;
pub mod health;
pub mod integrations;
pub mod privacy;
pub mod releases;
mod schema;
pub mod search;
pub mod stories;
pub mod team;
pub mod themes;
pub mod transfer;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use diesel::r2d2::{Pool, PooledConnection};
use tokio::sync::oneshot;

pub use base::conn::{Conn, Location};
use base::conn::{Manager, on_each};
pub use base::error::unavailable;
pub use base::events::NewEvent;
pub use base::writer::POSTGRES_WRITERS;
use base::writer::Writer;
use health::guard::Guard;
use health::wanted::Wanted;

use crate::clock::Clock;
use crate::domain::base::event_kinds;
use crate::domain::base::{Actor, Id, Time};
use crate::error::{Error, Result};

/// Read connections: more would only take turns on the cores.
const READERS: u32 = 8;

/// The database.
#[derive(Clone)]
pub struct Store {
    /// Where it is.
    pub location: Location,
    /// The clock whose times are written.
    pub clock: Clock,
    readers: Pool<Manager>,
    writer: Writer,
    commits: Commits,
    requests: Arc<AtomicU64>,
    guard: Guard,
    watched: health::watch::Watched,
    /// Held to the end of the process; see [`Store::serve_alone`].
    lock: Arc<Mutex<Option<std::fs::File>>>,
}

/// A transaction: what a usecase that writes is a function of.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub conn: &'a mut Conn,
    /// The time of the transaction.
    pub now: Time,
    /// Who does it.
    pub actor: Actor,
    /// The act on many resources that this is a part of; noted on its events.
    pub bulk: Option<Id>,
    /// By how much a test turned the clock.
    turned: i64,
    events: Vec<NewEvent>,
    /// Whether any was written.
    logged: bool,
}

impl Tx<'_> {
    /// Begins the transaction where that is left to the work; see [`Store::write_briefly`]. What was read before is not
    /// held by it, as it would not be after.
    pub fn begin(&mut self) -> Result<()> {
        if let (false, Conn::Postgres(c)) = (base::writer::is_open(self.conn)?, &mut *self.conn) {
            Transactions::begin_transaction_sql(c, "BEGIN")?;
        }
        Ok(())
    }

    /// Appends to the event log; written with the transaction, after its other changes. The kind and the fields of its data
    /// are those of `domain/event_kinds`, which is checked where the program is built for tests.
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

    /// Does a part of the transaction that may fail by itself: then nothing of the part is left, and the rest stands.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.in_savepoint(part, true)
    }

    /// Does a part of the transaction and undoes it, to see what it would do.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn rehearse<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.in_savepoint(part, false)
    }

    fn in_savepoint<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T>, keep: bool) -> Result<T> {
        // Those of before stay aside: what the part writes of its events goes where the part goes.
        let mut events = std::mem::take(&mut self.events);
        on_each!(self.conn, c => Transactions::begin_transaction(c))?;
        let outcome = part(self);
        if keep && outcome.is_ok() {
            on_each!(self.conn, c => Transactions::commit_transaction(c))?;
            events.append(&mut self.events);
        } else {
            on_each!(self.conn, c => Transactions::rollback_transaction(c))?;
        }
        self.events = events;
        outcome
    }
}

impl Store {
    /// Opens the database without touching it; the file's folder is made where it is missing.
    ///
    /// # Errors
    /// Where that folder can't be made.
    pub fn open(location: Location, clock: Clock) -> std::io::Result<Self> {
        if let Location::Sqlite(path) = &location {
            health::private::prepare(Path::new(path))?;
        }
        let readers = base::conn::pool(&location, false, READERS);
        let (commits, guard) = (Commits::default(), Guard::default());
        let writer = Writer::start(&location, clock.clone(), commits.clone(), guard.clone())?;
        let (requests, watched, lock) = Default::default();
        Ok(Self { location, clock, readers, writer, commits, requests, guard, watched, lock })
    }

    /// Brings the schema up to date; see [`migrate::run`].
    ///
    /// # Errors
    /// Where the database is not there or a migration fails.
    pub fn migrate(&self) -> Result<Vec<String>> {
        let done = base::migrate::open_and_run(&self.location)?;
        // The database may have been restored into another cluster.
        if let Location::Postgres(_) = &self.location {
            base::log_base::keep_up(&mut *connection(&self.readers)?)?;
        }
        Ok(done)
    }

    /// Writes a consistent copy of the database to a new file, while others read and write.
    ///
    /// # Errors
    /// 409 where the file is there already, 422 on PostgreSQL, which has its own tool for it.
    pub fn backup(&self, file: &Path) -> Result<()> {
        let pool = base::conn::pool(&self.location, true, 1);
        base::backup::run(&mut *connection(&pool)?, file)
    }

    /// Reads, away from the async workers.
    ///
    /// # Errors
    /// Those of `work`, and 503 where no connection can be had.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.read_within(health::wanted::PATIENCE, work).await
    }

    /// Reads, and waits no longer than this for the answer.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub async fn read_within<T, F>(&self, at_most: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        let store = self.clone();
        let read = tokio::task::spawn_blocking(move || store.read_now(work));
        health::wanted::answer(at_most, async { read.await.map_err(Error::internal)? }).await
    }

    /// Reads on this thread.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn read_now<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.guard.known()?;
        work(&mut *connection(&self.readers)?)
    }

    /// Writes in a transaction and answers when it is durable. `work` may run more than once: it must have no effect
    /// outside its transaction.
    ///
    /// # Errors
    /// Those of `work` (then nothing was written), 503 where too many writes wait or the database is gone.
    pub async fn write<T, F>(&self, actor: Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.count_requests(1);
        let (reply, answer) = oneshot::channel();
        let wanted = Wanted::default();
        self.writer.submit(base::writer::job(actor, work, false, wanted.clone(), reply), false)?;
        wanted.answer(async { answer.await.map_err(|_| unavailable("the writer stopped"))? }).await
    }

    /// Writes from a thread of our own: waits for room in the queue instead of refusing.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub fn write_now<T, F>(&self, actor: Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.submit_now(actor, work, false)
    }

    /// The same in as few round trips as can be: `work` calls [`Tx::begin`] before it writes, unless it writes one
    /// statement with all its events, which PostgreSQL commits by itself.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub fn write_briefly<T, F>(&self, actor: Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.submit_now(actor, work, true)
    }

    fn submit_now<T, F>(&self, actor: Actor, work: F, begins: bool) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writer.submit(base::writer::job(actor, work, begins, Wanted::default(), reply), true)?;
        answer.blocking_recv().map_err(|_| unavailable("the writer stopped"))?
    }

    /// Empties SQLite's write-ahead log; false where something still reads from it. Nothing to do on PostgreSQL.
    ///
    /// # Errors
    /// Where the database is not there.
    pub fn empty_log(&self) -> Result<bool> {
        base::vacuum::empty_log(&self.location)
    }

    /// Waits until something was committed here after the `seen`-th commit, or the time is over; answers the count.
    pub fn wait_for_commit(&self, seen: u64, at_most: Duration) -> u64 {
        self.commits.wait(seen, at_most)
    }

    /// Counts requests that write together, beside those of [`Store::write`], which are counted there.
    pub fn count_requests(&self, more: usize) {
        self.requests.fetch_add(more as u64, Ordering::Relaxed);
    }

    /// How many requests have written so far: who works beside them sees a burst by it.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Read connections that are in use, and those that wait for use.
    pub fn read_connections(&self) -> (u32, u32) {
        let state = self.readers.state();
        (state.connections.saturating_sub(state.idle_connections), state.idle_connections)
    }

    /// Writes now waiting for their turn.
    pub fn queued(&self) -> usize {
        self.writer.queued()
    }

    /// Answers what is queued, then stops writing.
    pub fn close(&self) {
        self.writer.close();
        self.guard.rest();
    }
}

fn connection(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(unavailable)
}

/// Counts the commits of this process that logged something, and wakes who waits for one.
#[derive(Clone, Default)]
struct Commits(Arc<(Mutex<u64>, Condvar)>);

impl Commits {
    fn add(&self) {
        let mut count = self.0.0.lock().unwrap_or_else(|e| e.into_inner());
        *count += 1;
        self.0.1.notify_all();
    }

    fn wait(&self, seen: u64, at_most: Duration) -> u64 {
        let count = self.0.0.lock().unwrap_or_else(|e| e.into_inner());
        match self.0.1.wait_timeout_while(count, at_most, |count| *count <= seen) {
            Ok((count, _)) => *count,
            Err(poisoned) => *poisoned.into_inner().0,
        }
    }
}
