//! Housekeeping once a minute: stores when tokens were last used, and deletes old stored answers, old acts, ended deliveries,
//! ended sessions, forms that nobody sent, old entries of the audit log, and old commits.

use std::time::Duration;

use super::scheduler::{Job, Step, Wakes};
use crate::domain::base::{Actor, Time};
use crate::error::Result;
use crate::meter;
use crate::store::Store;
use crate::store::base::idempotency;
use crate::store::feedback::acts;
use crate::store::integrations::hook_deliveries;
use crate::store::releases::ledger;
use crate::store::team::{attempts, invitations, presences, sessions, tokens};
use crate::usecase::privacy::retention::built_in;
use crate::usecase::team::verifier::Verifier;
use crate::usecase::team::{form_drafts, sign_in};

/// The pause between two rounds.
const PAUSE: Duration = Duration::from_secs(60);
/// How long acts can be undone as a whole, in microseconds. Their corrections can be undone one by one at any time.
const ACTS_KEPT: i64 = 90 * Time::DAY;

/// The job. When it is told to stop, it does one last round.
pub struct Housekeeping {
    store: Store,
    verifier: Verifier,
    kept: Kept,
}

/// How long things are kept, in days.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// The audit log.
    pub audit_days: u32,
    /// Commits and pull requests.
    pub ledger_days: u32,
}

impl Housekeeping {
    /// A job for this database and the tokens verified by this process.
    pub fn new(store: Store, verifier: Verifier, kept: Kept) -> Self {
        Self { store, verifier, kept }
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
        step(&self.store, &self.verifier, self.kept).map(|()| Step::Done)
    }

    fn end(&mut self) {
        // After a failure here, only the times at which tokens were last used are lost.
        let _ = meter::step(self.name(), |()| false, || step(&self.store, &self.verifier, self.kept));
    }
}

/// Does one round.
///
/// # Errors
/// Those of the database; nothing is lost then.
pub fn step(store: &Store, verifier: &Verifier, kept: Kept) -> Result<()> {
    let uses = verifier.take_uses();
    let noted = uses.clone();
    let done = store.write_now(Actor::ENGINE, move |tx| {
        tokens::note_use(tx, &noted)?;
        sessions::sweep(tx)?;
        invitations::sweep(tx)?;
        attempts::sweep(tx, tx.now.plus(-sign_in::REMEMBERED))?;
        form_drafts::sweep(tx)?;
        presences::sweep(tx)?;
        built_in::sweep(tx, tx.now.plus(-i64::from(kept.audit_days) * Time::DAY))?;
        ledger::sweep(tx, tx.now.plus(-i64::from(kept.ledger_days) * Time::DAY))?;
        hook_deliveries::sweep(tx)?;
        acts::sweep(tx, tx.now.plus(-ACTS_KEPT))?;
        idempotency::sweep(tx)
    });
    if done.is_err() {
        verifier.give_back(uses);
    }
    done.map(drop)
}
