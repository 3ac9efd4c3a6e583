//! Watches the database: that a SQLite file is still the one that is open, that no stranger's transaction holds the event
//! log back unnoticed, and that the log goes on after a restore into another cluster.

use std::time::{Duration, Instant};

use super::scheduler::{Job, Step, Wakes};
use crate::error::Result;
use crate::store::{Location, Store};

/// How often the files are looked at.
const FILES: Duration = Duration::from_millis(250);
/// How often PostgreSQL is asked who holds the log back.
const LOG: Duration = Duration::from_secs(2);

/// The job.
pub struct Watching {
    store: Store,
    /// When PostgreSQL was asked last.
    asked: Option<Instant>,
}

impl Watching {
    /// For this database.
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
        // What is wrong is logged there, and told to whoever asks for something.
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

/// Looks once at PostgreSQL's log.
///
/// # Errors
/// Those of the database.
pub fn step(store: &Store) -> Result<()> {
    store.keep_log_going()?;
    store.watch_log()
}
