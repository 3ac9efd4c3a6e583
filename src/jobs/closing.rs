//! What the clock brings about for customers who were told: a reminder, and the end of their time to answer; and
//! that nobody waits for a message that will not come.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::meter;
use super::running::Running;
use crate::domain::Actor;
use crate::error::Result;
use crate::store::Store;
use crate::usecase::telling;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);
/// How soon it stops when told to.
const NAP: Duration = Duration::from_millis(500);

/// Starts the thread that does it.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Running> {
    let run = move |stopped: &AtomicBool| {
        let mut looked: Option<Instant> = None;
        while !stopped.load(Ordering::Acquire) {
            if looked.is_none_or(|at| at.elapsed() >= PAUSE) {
                looked = Some(Instant::now());
                if let Err(e) = meter::step("closing", |()| false, || step(&store)) {
                    tracing::warn!(error = %e, "reminders wait");
                }
            }
            std::thread::sleep(NAP);
        }
    };
    Running::start("closing", run)
}

/// Does what is due by now; again is nothing new, also where several instances do it.
///
/// # Errors
/// Those of the database; what is left is done the next time.
pub fn step(store: &Store) -> Result<()> {
    // First who is too late: nobody is reminded of what can't be answered any more.
    while store.write_now(Actor::AUTOMATION, telling::expire)? > 0 {}
    while store.write_now(Actor::AUTOMATION, telling::remind)? > 0 {}
    while store.write_now(Actor::AUTOMATION, telling::rescue)? > 0 {}
    Ok(())
}
