//! Time-driven steps of closures: sends reminders, ends the time to answer, and gives closures to an agent if their
//! message will not arrive.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::usecase::closure::messages;
use crate::usecase::operations::telling::desks;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);

/// The job.
pub struct Reminders(Store);

impl Reminders {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Reminders {
    fn name(&self) -> &'static str {
        "closing"
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
    // Expire first: a customer whose time to answer is over must not get a reminder.
    while store.write_now(Actor::AUTOMATION, messages::expire)? > 0 {}
    while store.write_now(Actor::AUTOMATION, messages::remind)? > 0 {}
    while store.write_now(Actor::AUTOMATION, messages::rescue)? > 0 {}
    while store.write_now(Actor::AUTOMATION, desks::rescue)? > 0 {}
    Ok(())
}
