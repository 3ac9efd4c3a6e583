//! Vacuums the database's files after erasures: removes what deleted rows leave behind, some pages at a time, so that
//! others can write in between. The pending work is stored in the database, so a restart continues it.

use std::time::Duration;

use super::scheduler::{Job, Step, Wakes};
use crate::domain::base::Actor;
use crate::error::Result;
use crate::store::Store;
use crate::store::base::vacuum;
use crate::store::privacy::erasures;

/// How often to look for work.
const POLL: Duration = Duration::from_millis(500);
/// The pause while an import runs, or while a reader uses the write-ahead log.
const PAUSE: Duration = Duration::from_secs(1);

/// The job.
pub struct Scrubbing(Store);

impl Scrubbing {
    /// A job for this database.
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

/// Vacuums the files once if anyone was erased since the last time. [`Step::More`] means that the files contain nothing
/// of those who were erased before it began; [`Step::Waits`] means that an import or a reader of the write-ahead log
/// must end first.
///
/// # Errors
/// Those of the database; the work is started again.
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
    tracing::info!(count, "the database's files contain no erased data any more");
    Ok(Step::More)
}
