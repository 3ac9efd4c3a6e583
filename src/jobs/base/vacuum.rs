//! Clears the database's files after people were erased: what deleted rows left behind goes, some pages at a time between
//! the writes of others. What is to be done stands in the database, so that a restart goes on with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::worker::{self, Running};
use crate::domain::base::Actor;
use crate::error::Result;
use crate::store::Store;
use crate::store::base::vacuum;
use crate::store::privacy::erasures;

/// How often is looked for something to do.
const POLL: Duration = Duration::from_millis(500);
/// How long is waited for an import, or for readers to let go of the log.
const PAUSE: Duration = Duration::from_secs(1);

/// Starts the thread.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Running> {
    Running::start("scrubbing", move |stopped: &AtomicBool| {
        let going = || !stopped.load(Ordering::Acquire);
        let mut seen = 0;
        while going() {
            match step(&store, &going) {
                Ok(Step::Idle) => seen = store.wait_for_commit(seen, POLL),
                Ok(Step::Cleaned) => {}
                Ok(Step::Waits) => worker::pause(PAUSE, stopped),
                Err(e) => {
                    tracing::warn!(error = %e, "clearing the files of what was erased waits");
                    worker::pause(PAUSE, stopped);
                }
            }
        }
    })
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to do.
    Idle,
    /// The files are clean of everyone who was erased before it began.
    Cleaned,
    /// Something must end first: an import, or a reader of the write-ahead log.
    Waits,
}

/// Clears the files once, if anyone was erased since the last time.
///
/// # Errors
/// Those of the database; it is begun again.
pub fn step(store: &Store, going: &dyn Fn() -> bool) -> Result<Step> {
    let open = store.read_now(erasures::open)?;
    if open.is_empty() {
        return Ok(Step::Idle);
    }
    if store.write_now(Actor::ENGINE, erasures::await_imports)? {
        return Ok(Step::Waits);
    }
    let mut next = Some(1);
    while let Some(page) = next {
        if !going() {
            return Ok(Step::Waits);
        }
        next = store.write_now(Actor::ENGINE, move |tx| vacuum::pages(tx, page))?;
    }
    if !store.empty_log()? {
        return Ok(Step::Waits);
    }
    let count = open.len();
    store.write_now(Actor::ENGINE, move |tx| erasures::cleaned(tx, &open))?;
    tracing::info!(count, "the database's files are clear of who was erased");
    Ok(Step::Cleaned)
}
