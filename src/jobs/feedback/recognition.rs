//! Derives the kind of feedback that an earlier version filed, and sets aside what is not feedback, a few items at a
//! time.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::feedback::recognised;
use crate::usecase::feedback::recognition;

/// Feedback read in one transaction.
const BATCH: i64 = 200;
/// Between two transactions, so that requests hardly wait.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two looks for what an export brought in.
const LOOK: Duration = Duration::from_secs(60);

/// The job.
pub struct Recognition(Store);

impl Recognition {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Recognition {
    fn name(&self) -> &'static str {
        "recognising"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(LOOK)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        Ok(Step::more_if(step(&self.0)? > 0))
    }

    fn rest(&mut self) {
        std::thread::sleep(PAUSE);
    }
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
