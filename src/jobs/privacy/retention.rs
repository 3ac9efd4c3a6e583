//! Removes what is older than the retention rules allow, runs erasures whose legal hold has ended, and notes requests and
//! notices that are overdue.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::usecase::privacy::retention::pieces;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(60);

/// The job.
pub struct Retention(Store);

impl Retention {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, goes_on: &dyn Fn() -> bool) -> Result<Step> {
        step(&self.0, goes_on)
    }
}

/// Does one piece of each rule, and everything else that is due. Running it twice, or on several instances, has no further
/// effect.
///
/// # Errors
/// Those of the database; what is left is done the next time.
pub fn step(store: &Store, goes_on: &dyn Fn() -> bool) -> Result<Step> {
    let now = store.clock.now();
    while store.write_now(Actor::AUTOMATION, pieces::note_late_requests)? > 0 && goes_on() {}
    store.write_now(Actor::AUTOMATION, pieces::note_late_breaches)?;
    for waited in store.read_now(pieces::released)? {
        if !goes_on() {
            return Ok(Step::Done);
        }
        store.write_now(Actor::AUTOMATION, move |tx| pieces::run(tx, waited))?;
    }
    let mut is_more = false;
    for rule in store.read_now(move |conn| pieces::due(conn, now))? {
        if !goes_on() {
            return Ok(Step::Done);
        }
        is_more |= store.write_now(Actor::AUTOMATION, move |tx| pieces::remove(tx, rule))?;
    }
    Ok(if is_more { Step::More } else { Step::Done })
}
