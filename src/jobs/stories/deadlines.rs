//! Time-driven steps of stories and releases: records missed due dates, departs release trains, applies scheduled
//! deployments, releases stories that waited for others, and notes evaluations to be looked at again.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::releases::deployments as stored_deployments;
use crate::store::releases::left_behind;
use crate::store::{Store, evaluations, stories};
use crate::usecase::evaluations::writing;
use crate::usecase::releases::{deployments, trains};
use crate::usecase::stories::deadlines;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);
/// Stories noted in one transaction.
const BATCH: i64 = 100;

/// The job.
pub struct Deadlines(Store);

impl Deadlines {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Deadlines {
    fn name(&self) -> &'static str {
        "deadlines"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        step(&self.0).map(|()| Step::Done)
    }
}

/// Does everything that is due now. Running it twice, or on several instances, has no further effect.
///
/// # Errors
/// Those of the database; what is left is done the next time.
pub fn step(store: &Store) -> Result<()> {
    let now = store.clock.now();
    loop {
        let late = store.read_now(|conn| stories::list::newly_late(conn, now, BATCH))?;
        if late.is_empty() || store.write_now(Actor::AUTOMATION, move |tx| deadlines::note_late(tx, &late))? == 0 {
            break;
        }
    }
    for release in store.read_now(|conn| trains::departing(conn, now))? {
        store.write_now(Actor::AUTOMATION, move |tx| trains::depart(tx, release))?;
    }
    for deployment in store.read_now(|conn| stored_deployments::due(conn, now))? {
        store.write_now(Actor::AUTOMATION, move |tx| deployments::come_due(tx, deployment))?;
    }
    let today = now.date();
    loop {
        let due = store.read_now(|conn| evaluations::rows::newly_due(conn, &today, BATCH))?;
        if due.is_empty() || store.write_now(Actor::AUTOMATION, move |tx| writing::note_due(tx, &due))? == 0 {
            break;
        }
    }
    for story in store.read_now(left_behind::unblocked)? {
        store.write_now(Actor::AUTOMATION, move |tx| deadlines::unblocked(tx, story))?;
    }
    Ok(())
}
