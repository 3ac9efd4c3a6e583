//! Returns hand-offs that nobody accepted in time to the owner.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::operations::hand_offs as stored_hand_offs;
use crate::usecase::operations::hand_offs;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(15);
/// Hand-offs that are read at once.
const BATCH: i64 = 100;

/// The job.
pub struct HandOffs(Store);

impl HandOffs {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for HandOffs {
    fn name(&self) -> &'static str {
        "hand_offs"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        let now = self.0.clock.now();
        for incident in self.0.read_now(|conn| stored_hand_offs::due(conn, now, BATCH))? {
            self.0.write_now(Actor::AUTOMATION, move |tx| hand_offs::come_due(tx, incident))?;
        }
        Ok(Step::Done)
    }
}
