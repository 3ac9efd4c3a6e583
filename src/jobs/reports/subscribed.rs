//! Makes the reports that subscriptions are due, and ends subscriptions that nobody confirmed.

use std::time::Duration;

use crate::domain::base::{Actor, Id};
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::reports::subscriptions as stored;
use crate::store::{Store, Tx};
use crate::usecase::reports::due;
use crate::usecase::reports::subscriptions::{self, CONFIRM_WITHIN, EndReason};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);
/// Subscriptions looked at in one go.
const BATCH: i64 = 100;

/// The job.
pub struct Subscribed(Store);

impl Subscribed {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Subscribed {
    fn name(&self) -> &'static str {
        "reports"
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
    for id in store.read_now(|conn| stored::due(conn, now, BATCH))? {
        each(store, id, due::make);
    }
    for subscription in store.read_now(stored::to_releases)? {
        if !store.read_now(|conn| due::due_releases(conn, &subscription, now))?.is_empty() {
            each(store, subscription.id, due::make_of_releases);
        }
    }
    for id in store.read_now(|conn| stored::unconfirmed(conn, now.plus(-CONFIRM_WITHIN), BATCH))? {
        each(store, id, |tx, id| subscriptions::end(tx, id, EndReason::NotConfirmed));
    }
    Ok(())
}

/// Works on one subscription. One that fails does not keep others from their reports; it is tried again the next time.
fn each(store: &Store, id: Id, work: fn(&mut Tx<'_>, Id) -> Result<()>) {
    if let Err(error) = store.write_now(Actor::AUTOMATION, move |tx| work(tx, id)) {
        tracing::warn!(%error, subscription = %id, "a report that a subscription is due was not made");
    }
}
