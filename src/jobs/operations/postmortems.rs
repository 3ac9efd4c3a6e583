//! Postmortems: drafts those that severe incidents need, notes those that are late, and looks up whether a new incident
//! repeats an earlier one.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::operations::postmortems as stored;
use crate::usecase::operations::postmortem::{repeats, writing};

/// The longest wait for a commit. A job that is told to stop ends its wait first, so it is short.
const AT_MOST: Duration = Duration::from_secs(2);
/// An alert opens an incident in one of many commits: several are looked at together.
const GATHER: Duration = Duration::from_millis(500);
/// Rows looked at in one go.
const BATCH: i64 = 50;

/// The job.
pub struct Postmortems(Store);

impl Postmortems {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Postmortems {
    fn name(&self) -> &'static str {
        "postmortems"
    }

    fn wakes(&self) -> Wakes {
        Wakes::OnCommit { at_most: AT_MOST, gather: GATHER }
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
    for incident in store.read_now(|conn| stored::unchecked(conn, BATCH))? {
        store.write_now(Actor::AUTOMATION, move |tx| repeats::check(tx, incident))?;
    }
    for incident in store.read_now(|conn| stored::wanted(conn, BATCH))? {
        store.write_now(Actor::AUTOMATION, move |tx| writing::draft(tx, incident, None).map(drop))?;
    }
    let late = store.read_now(|conn| stored::newly_late(conn, now, BATCH))?;
    if !late.is_empty() {
        store.write_now(Actor::AUTOMATION, move |tx| writing::note_late(tx, &late))?;
    }
    Ok(())
}
