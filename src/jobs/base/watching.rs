//! Monitors the database: that an open SQLite file was not replaced, that no open transaction of another program delays
//! the event log unnoticed, and that the log continues after a restore into another PostgreSQL cluster.

use std::time::{Duration, Instant};

use super::scheduler::{Job, Step, Wakes};
use crate::error::Result;
use crate::store::{Location, Store};

/// How often the files are checked.
const FILES: Duration = Duration::from_millis(250);
/// How often PostgreSQL is asked for transactions that delay the log.
const LOG: Duration = Duration::from_secs(2);

/// The job.
pub struct Watching {
    store: Store,
    /// When PostgreSQL was asked last.
    asked: Option<Instant>,
}

impl Watching {
    /// A job for this database.
    pub fn new(store: Store) -> Self {
        Self { store, asked: None }
    }
}

impl Job for Watching {
    fn name(&self) -> &'static str {
        "watching"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(FILES)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        // The store logs a problem, and the next requests get it as their error.
        let _ = self.store.check_files();
        if self.asked.is_some_and(|at| at.elapsed() < LOG) {
            return Ok(Step::Idle);
        }
        self.asked = Some(Instant::now());
        if matches!(self.store.location, Location::Postgres(_)) {
            step(&self.store)?;
        }
        Ok(Step::Done)
    }
}

/// Checks PostgreSQL's event log once.
///
/// # Errors
/// Those of the database.
pub fn step(store: &Store) -> Result<()> {
    store.keep_log_going()?;
    store.watch_log()
}
