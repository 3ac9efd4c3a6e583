//! How the store reads: on the primary, or for a request on a read replica.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::r2d2::PooledConnection;

use super::fresh::{self, Fresh};
use super::output::{Output, on_thread_of_reads};
use super::replicas::Outcome;
use crate::domain::team::access::Scope;
use crate::error::Result;
use crate::store::base::conn::{Conn, Manager, run_read};
use crate::store::base::{events, scope};
use crate::store::health::wanted;
use crate::store::{Store, connection};

impl Store {
    /// Runs `work` on a read connection, outside the async worker threads. Where the request may be answered by a replica
    /// (see [`fresh::within`]), it reads there.
    ///
    /// # Errors
    /// Those of `work`, and 503 where no connection is free in time.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.read_within(wanted::PATIENCE, work).await
    }

    /// Reads without the limits of the caller. The work must leave out what the caller may not see.
    /// # Errors
    /// As for [`Store::read`].
    pub async fn read_whole<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        scope::within(Scope::All, self.read(work)).await
    }

    /// Runs `work` on a read connection and waits at most `at_most` for the answer.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub async fn read_within<T, F>(&self, at_most: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        let (store, scope, needs) = (self.clone(), scope::current(), fresh::current());
        let (output, filled) = Output::pair();
        let piece = move || store.read_for(needs.as_ref(), &scope, work).map(|found| filled.fill(found));
        on_thread_of_reads(at_most, Box::new(piece)).await?;
        output.take()
    }

    /// Reads for a request on the current thread: on a replica that has what the request needs, or else on the primary.
    pub(in crate::store) fn read_for<T>(
        &self,
        fresh: Option<&Arc<Fresh>>,
        scope: &Scope,
        work: impl FnOnce(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        // A caller with limits reads through temporary views, which a replica does not take.
        let fresh = fresh.filter(|_| *scope == Scope::All);
        match fresh.and_then(|fresh| Some((fresh, self.readers.replicas.connection(fresh)?))) {
            Some((fresh, mut conn)) => {
                let (found, is_answered) = fresh.run(&mut conn, work);
                self.readers.replicas.count(if is_answered { Outcome::Answered } else { Outcome::Failed });
                found
            }
            None => self.read_now_in(scope, work),
        }
    }

    /// Runs `work` on a read connection, on the current thread. It reads everything, on the primary: for jobs and commands.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn read_now<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.read_now_in(&Scope::All, work)
    }

    /// As [`Store::read_now`], in a scope.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn read_now_in<T>(&self, scope: &Scope, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        // Callers with limits have sessions of their own, with views: never through the pooler.
        let pooled = self.readers.pooled && *scope == Scope::All;
        run_read(&mut *self.reader(scope)?, pooled, work)
    }

    /// A read connection that sees what is in a scope.
    fn reader(&self, scope: &Scope) -> Result<PooledConnection<Manager>> {
        self.guard.known()?;
        match scope {
            Scope::All => connection(&self.readers.pool),
            Scope::Only(limits) => {
                let mut conn = connection(&self.readers.scoped)?;
                scope::enter(&mut conn, limits)?;
                Ok(conn)
            }
        }
    }

    /// Waits until every committed event can be read; for five seconds at most, since a transaction of somebody else may
    /// hold the log back. For callers who go on once all that happened is taken in: tests and commands.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn wait_for_log(&self) -> Result<()> {
        let started = Instant::now();
        while !self.read_now(events::are_all_readable)? && started.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The reads that a replica could answer so far, by what became of them; see [`Outcome`].
    pub fn replica_reads(&self) -> Vec<(&'static str, u64)> {
        self.readers.replicas.counted()
    }

    /// The number of read connections in use, then the number that are open and idle.
    pub fn read_connections(&self) -> (u32, u32) {
        let state = self.readers.pool.state();
        (state.connections.saturating_sub(state.idle_connections), state.idle_connections)
    }
}
