//! Time-driven steps of closures: sends reminders, ends the time to answer, and gives closures to an agent if their
//! message will not arrive.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::worker::Running;
use crate::store::Store;
use crate::usecase::closure::messages;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);

/// Starts the thread that does it.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Running> {
    Running::periodic("closing", PAUSE, move || step(&store))
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
    Ok(())
}
