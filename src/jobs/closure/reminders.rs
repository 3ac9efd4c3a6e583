//! What the clock brings about for customers who were told: a reminder, and the end of their time to answer; and
//! that nobody waits for a message that will not come.

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

/// Does what is due by now; again is nothing new, also where several instances do it.
///
/// # Errors
/// Those of the database; what is left is done the next time.
pub fn step(store: &Store) -> Result<()> {
    // First who is too late: nobody is reminded of what can't be answered any more.
    while store.write_now(Actor::AUTOMATION, messages::expire)? > 0 {}
    while store.write_now(Actor::AUTOMATION, messages::remind)? > 0 {}
    while store.write_now(Actor::AUTOMATION, messages::rescue)? > 0 {}
    Ok(())
}
