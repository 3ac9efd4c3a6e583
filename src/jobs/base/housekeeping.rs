//! What must be done once a minute and by nobody in particular: noting which tokens were used, forgetting kept answers and
//! deliveries that ended long ago.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::meter;
use super::worker::{self, Running};
use crate::domain::base::Actor;
use crate::error::Result;
use crate::store::Store;
use crate::store::base::idempotency;
use crate::store::integrations::{deliveries, hook_deliveries};
use crate::store::team::tokens;
use crate::usecase::team::verifier::Verifier;

/// Between two rounds.
const PAUSE: Duration = Duration::from_secs(60);

/// Starts the thread that does it; told to stop, it does one last round.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(store: Store, verifier: Verifier) -> std::io::Result<Running> {
    Running::start("housekeeping", move |stopped| {
        while !stopped.load(Ordering::Acquire) {
            worker::pause(PAUSE, stopped);
            // What failed is tried again next time; the store has logged why.
            let _ = meter::step("housekeeping", |()| false, || step(&store, &verifier));
        }
    })
}

/// One round.
///
/// # Errors
/// Those of the database; nothing is lost then.
pub fn step(store: &Store, verifier: &Verifier) -> Result<()> {
    let uses = verifier.take_uses();
    let noted = uses.clone();
    let done = store.write_now(Actor::ENGINE, move |tx| {
        tokens::note_use(tx, &noted)?;
        deliveries::sweep(tx)?;
        hook_deliveries::sweep(tx)?;
        idempotency::sweep(tx)
    });
    if done.is_err() {
        verifier.give_back(uses);
    }
    done.map(drop)
}
