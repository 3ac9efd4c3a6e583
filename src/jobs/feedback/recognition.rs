//! Derives the kind of feedback that an earlier version filed, and sets aside what is not feedback, a few items at a
//! time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::worker::{self, Running};
use crate::store::Store;
use crate::store::feedback::recognised;
use crate::usecase::feedback::recognition;

/// Feedback read in one transaction.
const BATCH: i64 = 200;
/// Between two transactions, so that requests hardly wait.
const PAUSE: Duration = Duration::from_millis(50);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(30);
/// Between two looks for what an export brought in.
const LOOK: Duration = Duration::from_secs(60);

/// Starts the thread that does it.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Running> {
    Running::start("recognising", move |stopped| {
        while !stopped.load(Ordering::Acquire) {
            let pause = match step(&store) {
                Ok(0) => LOOK,
                Ok(_) => PAUSE,
                Err(e) => {
                    tracing::warn!(error = %e, "earlier feedback waits to be read");
                    AGAIN
                }
            };
            worker::pause(pause, stopped);
        }
    })
}

/// Processes some items; returns how many.
///
/// # Errors
/// Those of the database; what is left is processed the next time.
pub fn step(store: &Store) -> Result<usize> {
    if !store.read_now(recognised::has_unread)? {
        return Ok(0);
    }
    store.write_now(Actor::ENGINE, |tx| recognition::read_earlier(tx, BATCH))
}
