//! What must be done once a minute and by nobody in particular: noting which tokens were used, forgetting kept answers and
//! deliveries that ended long ago.

use std::time::Duration;

use super::scheduler::{Job, Step, Wakes};
use crate::domain::base::Actor;
use crate::error::Result;
use crate::meter;
use crate::store::Store;
use crate::store::base::idempotency;
use crate::store::integrations::{deliveries, hook_deliveries};
use crate::store::team::tokens;
use crate::usecase::team::verifier::Verifier;

/// Between two rounds.
const PAUSE: Duration = Duration::from_secs(60);

/// The job; told to stop, it does one last round.
pub struct Housekeeping {
    store: Store,
    verifier: Verifier,
}

impl Housekeeping {
    /// For this database, and the tokens that were verified here.
    pub fn new(store: Store, verifier: Verifier) -> Self {
        Self { store, verifier }
    }
}

impl Job for Housekeeping {
    fn name(&self) -> &'static str {
        "housekeeping"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        step(&self.store, &self.verifier).map(|()| Step::Done)
    }

    fn end(&mut self) {
        // What failed is lost with the process: when tokens were last used.
        let _ = meter::step(self.name(), |()| false, || step(&self.store, &self.verifier));
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
