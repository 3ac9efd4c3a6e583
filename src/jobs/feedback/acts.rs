//! Does what is left of acts on many items of feedback, and of their undo, the oldest act first.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::feedback::acts as stored;
use crate::usecase::feedback::acts;

/// The longest wait between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// How long further commits are awaited, so that a busy log does not make it look for each.
const GATHER: Duration = Duration::from_millis(100);
/// Between two transactions, so that requests hardly wait.
const PAUSE: Duration = Duration::from_millis(20);

/// The job.
pub struct Acts(Store);

impl Acts {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Acts {
    fn name(&self) -> &'static str {
        "acts"
    }

    fn wakes(&self) -> Wakes {
        Wakes::OnCommit { at_most: LOOK, gather: GATHER }
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        Ok(Step::more_if(step(&self.0)?))
    }

    fn rest(&mut self) {
        std::thread::sleep(PAUSE);
    }
}

/// Does the next part of the oldest open act; answers whether there was one.
///
/// # Errors
/// Those of the database; the part is done again the next time.
pub fn step(store: &Store) -> Result<bool> {
    let Some(open) = store.read_now(stored::next_open)? else { return Ok(false) };
    // The names that the log knows are those of this program.
    let kind = if open.actor_kind == "member" { "member" } else { "service" };
    let actor = Actor { kind, id: open.actor_id };
    store.write_now(actor, move |tx| acts::go_on(tx, open.id))?;
    Ok(true)
}
