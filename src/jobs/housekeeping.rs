//! What must be done once a minute and by nobody in particular: noting which tokens were used, forgetting kept answers and
//! deliveries that ended long ago.

use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use super::meter;
use crate::domain::Actor;
use crate::error::Result;
use crate::store::{Store, deliveries, hook_deliveries, idempotency, tokens};
use crate::usecase::verifying::Verifier;

/// Between two rounds.
const PAUSE: Duration = Duration::from_secs(60);

/// The thread that does it.
pub struct Housekeeping {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Housekeeping {
    /// Starts it.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(store: Store, verifier: Verifier) -> std::io::Result<Self> {
        let (stop, stopped) = bounded::<()>(0);
        let run = move || {
            loop {
                let last = stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout);
                // What failed is tried again next time; the store has logged why.
                let _ = meter::step("housekeeping", |()| false, || step(&store, &verifier));
                if last {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new().name("housekeeping".to_owned()).spawn(run)?;
        Ok(Self { stop, thread })
    }

    /// Does one last round and ends.
    pub fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
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
