//! Watches the database: that a SQLite file is still the one that is open, that no stranger's transaction holds the event
//! log back unnoticed, and that the log goes on after a restore into another cluster.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::worker::Running;
use crate::error::Result;
use crate::store::{Location, Store};

/// How often the files are looked at.
const FILES: Duration = Duration::from_millis(250);
/// How often PostgreSQL is asked who holds the log back.
const LOG: Duration = Duration::from_secs(2);

/// Starts the thread.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Running> {
    Running::start("watching", move |stopped: &AtomicBool| {
        let mut asked: Option<Instant> = None;
        while !stopped.load(Ordering::Acquire) {
            // What is wrong is logged there, and told to whoever asks for something.
            let _ = store.check_files();
            let due = asked.is_none_or(|at| at.elapsed() >= LOG);
            if due && matches!(store.location, Location::Postgres(_)) {
                asked = Some(Instant::now());
                if let Err(e) = step(&store) {
                    tracing::debug!(error = %e, "the database could not be watched");
                }
            }
            std::thread::sleep(FILES);
        }
    })
}

/// Looks once.
///
/// # Errors
/// Those of the database.
pub fn step(store: &Store) -> Result<()> {
    store.keep_log_going()?;
    store.watch_log()
}
