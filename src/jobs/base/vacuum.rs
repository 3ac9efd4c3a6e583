//! Clears the database's files after people were erased: what deleted rows left behind goes, some pages at a time between
//! the writes of others. What is to be done stands in the database, so that a restart goes on with it.

use std::time::Duration;

use super::scheduler::{Job, Step, Wakes};
use crate::domain::base::Actor;
use crate::error::Result;
use crate::store::Store;
use crate::store::base::vacuum;
use crate::store::privacy::erasures;

/// How often is looked for something to do.
const POLL: Duration = Duration::from_millis(500);
/// How long is waited for an import, or for readers to let go of the log.
const PAUSE: Duration = Duration::from_secs(1);

/// The job.
pub struct Scrubbing(Store);

impl Scrubbing {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Scrubbing {
    fn name(&self) -> &'static str {
        "scrubbing"
    }

    fn wakes(&self) -> Wakes {
        Wakes::on_commit(POLL)
    }

    fn work(&mut self, going: &dyn Fn() -> bool) -> Result<Step> {
        step(&self.0, going)
    }
}

/// Clears the files once, if anyone was erased since the last time: [`Step::More`] where they are clean of everyone who was
/// erased before it began, [`Step::Waits`] where an import or a reader of the write-ahead log must end first.
///
/// # Errors
/// Those of the database; it is begun again.
pub fn step(store: &Store, going: &dyn Fn() -> bool) -> Result<Step> {
    let open = store.read_now(erasures::open)?;
    if open.is_empty() {
        return Ok(Step::Idle);
    }
    if store.write_now(Actor::ENGINE, erasures::await_imports)? {
        return Ok(Step::Waits(PAUSE));
    }
    let mut next = Some(1);
    while let Some(page) = next {
        if !going() {
            return Ok(Step::Waits(PAUSE));
        }
        next = store.write_now(Actor::ENGINE, move |tx| vacuum::pages(tx, page))?;
    }
    if !store.empty_log()? {
        return Ok(Step::Waits(PAUSE));
    }
    let count = open.len();
    store.write_now(Actor::ENGINE, move |tx| erasures::cleaned(tx, &open))?;
    tracing::info!(count, "the database's files are clear of who was erased");
    Ok(Step::More)
}
