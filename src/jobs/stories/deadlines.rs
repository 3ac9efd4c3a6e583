//! Time-driven steps of stories and releases: records missed due dates, departs release trains, and applies scheduled
//! deployments.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::worker::Running;
use crate::store::releases::deployments as stored_deployments;
use crate::store::{Store, stories};
use crate::usecase::releases::{deployments, trains};
use crate::usecase::stories::deadlines;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);
/// Stories noted in one transaction.
const BATCH: i64 = 100;

/// Starts the thread that does it.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Running> {
    Running::periodic("deadlines", PAUSE, move || step(&store))
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
    Ok(())
}
