//! How much a job writes in one transaction. While requests write too, a piece is as large as can be written within a few
//! milliseconds, because a request may wait for one piece; otherwise it is as large as the job likes, because large pieces
//! need fewer flushes of the disk.

use std::time::{Duration, Instant};

use crate::domain::base::Actor;
use crate::error::Result;
use crate::store::{Store, Tx, Writing};

/// How long a piece may hold the writer while requests write, without its flush to the disk.
const GOAL: Duration = Duration::from_millis(4);
/// How long a command leaves the database to a server that runs beside it, after each piece.
const GAP: Duration = Duration::from_millis(1);
/// How long after the write of a request more of them are expected.
const RECENT: Duration = Duration::from_millis(500);
/// The smallest piece is the largest one divided by this, because each piece has a fixed cost beside its rows. So a
/// piece of slow rows takes longer than [`GOAL`].
const LEAST: usize = 8;
/// The weight of the newest piece in what a row is expected to take.
const NEWEST: f64 = 0.3;

/// The size of the next piece of a job.
pub struct Pace {
    most: usize,
    /// Whether requests may write at any time without being seen here: a server runs beside this command.
    beside_server: bool,
    /// Seconds that a row took lately; zero before the first piece.
    row: f64,
    /// The number of requests that had written, and when it changed last.
    seen: u64,
    wrote: Option<Instant>,
}

/// A piece that is being written.
pub struct Piece<T> {
    rows: usize,
    writing: Writing<(T, Duration)>,
}

impl Pace {
    /// A job that writes at most this many rows in a transaction.
    pub fn new(most: usize) -> Self {
        Self { most, beside_server: false, row: 0.0, seen: 0, wrote: None }
    }

    /// Of a command, which does not see the requests of a server that runs beside it.
    pub fn beside_server(self, runs: bool) -> Self {
        Self { beside_server: runs, ..self }
    }

    /// The number of rows for the next piece.
    pub fn rows(&mut self, store: &Store) -> usize {
        let requests = store.requests();
        if requests != self.seen {
            (self.seen, self.wrote) = (requests, Some(Instant::now()));
        }
        let is_waited_for = self.beside_server || self.wrote.is_some_and(|at| at.elapsed() <= RECENT);
        if self.row <= 0.0 || !is_waited_for {
            return self.most;
        }
        ((GOAL.as_secs_f64() / self.row) as usize).clamp((self.most / LEAST).max(1), self.most)
    }

    /// Writes a piece with this many rows, and learns how long a row takes.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn write<T: Send + 'static>(
        &mut self,
        store: &Store,
        by: (Actor, usize),
        work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.end(Self::begin(store, by, work)?)
    }

    /// Begins to write a piece, so that the next one can be prepared meanwhile.
    ///
    /// # Errors
    /// 503 where the program is stopping.
    pub fn begin<T: Send + 'static>(
        store: &Store,
        (actor, rows): (Actor, usize),
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Piece<T>> {
        let timed = move |tx: &mut Tx<'_>| {
            let started = Instant::now();
            Ok((work(tx)?, started.elapsed()))
        };
        Ok(Piece { rows, writing: store.write_later(actor, timed)? })
    }

    /// Waits for a piece, and learns how long a row takes.
    ///
    /// # Errors
    /// Those of the work of the piece.
    pub fn end<T>(&mut self, piece: Piece<T>) -> Result<T> {
        let (done, took) = piece.writing.wait()?;
        self.learn(piece.rows, took);
        if self.beside_server {
            // SQLite's lock is not fair: without a gap, the other process hardly ever gets it.
            std::thread::sleep(GAP);
        }
        Ok(done)
    }

    fn learn(&mut self, rows: usize, took: Duration) {
        let now = took.as_secs_f64() / rows.max(1) as f64;
        self.row = if self.row <= 0.0 { now } else { NEWEST * now + (1.0 - NEWEST) * self.row };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::store::Location;

    fn store() -> Store {
        Store::open(Location::Sqlite("unused.db".to_owned()), Clock::default()).expect("a store")
    }

    #[test]
    fn pieces_are_small_only_while_requests_write() {
        let (store, mut pace) = (store(), Pace::new(500));
        assert_eq!(pace.rows(&store), 500, "nothing is known yet");
        pace.learn(500, Duration::from_millis(50));
        assert_eq!(pace.rows(&store), 500, "nobody waits");
        store.count_requests(1);
        assert_eq!(pace.rows(&store), 62, "a row takes 100 us, which would make 40");
        pace.row = 0.000_04;
        assert_eq!(pace.rows(&store), 100, "a row takes 40 us");
        pace.wrote = Instant::now().checked_sub(RECENT + Duration::from_millis(1));
        assert_eq!(pace.rows(&store), 500, "the last request is long over");
    }

    #[test]
    fn slow_rows_are_still_written_in_pieces_of_some_size() {
        let (store, mut pace) = (store(), Pace::new(500));
        store.count_requests(1);
        pace.learn(1, Duration::from_secs(1));
        assert_eq!(pace.rows(&store), 62, "an eighth");
        for _ in 0..40 {
            pace.learn(100, Duration::from_millis(1));
        }
        assert!(pace.rows(&store) > 300, "it learns that rows have become cheap: {}", pace.rows(&store));
    }
}
