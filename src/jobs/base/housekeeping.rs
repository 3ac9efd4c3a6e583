//! Housekeeping once a minute: stores when tokens were last used, and deletes old stored answers, ended deliveries, ended
//! sessions and forms that nobody sent.

use std::time::Duration;

use super::scheduler::{Job, Step, Wakes};
use crate::domain::base::Actor;
use crate::error::Result;
use crate::meter;
use crate::store::Store;
use crate::store::base::idempotency;
use crate::store::integrations::{deliveries, hook_deliveries};
use crate::store::team::{attempts, invitations, presences, sessions, tokens};
use crate::usecase::team::verifier::Verifier;
use crate::usecase::team::{form_drafts, sign_in};

/// The pause between two rounds.
const PAUSE: Duration = Duration::from_secs(60);

/// The job. When it is told to stop, it does one last round.
pub struct Housekeeping {
    store: Store,
    verifier: Verifier,
}

impl Housekeeping {
    /// A job for this database and the tokens verified by this process.
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
        // After a failure here, only the times at which tokens were last used are lost.
        let _ = meter::step(self.name(), |()| false, || step(&self.store, &self.verifier));
    }
}

/// Does one round.
///
/// # Errors
/// Those of the database; nothing is lost then.
pub fn step(store: &Store, verifier: &Verifier) -> Result<()> {
    let uses = verifier.take_uses();
    let noted = uses.clone();
    let done = store.write_now(Actor::ENGINE, move |tx| {
        tokens::note_use(tx, &noted)?;
        sessions::sweep(tx)?;
        invitations::sweep(tx)?;
        attempts::sweep(tx, tx.now.plus(-sign_in::REMEMBERED))?;
        form_drafts::sweep(tx)?;
        presences::sweep(tx)?;
        deliveries::sweep(tx)?;
        hook_deliveries::sweep(tx)?;
        idempotency::sweep(tx)
    });
    if done.is_err() {
        verifier.give_back(uses);
    }
    done.map(drop)
}
