//! Looks for bursts of feedback that propose incidents.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::team::products;
use crate::usecase::operations::proposals;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(300);

/// The job.
pub struct Bursts(Store);

impl Bursts {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Bursts {
    fn name(&self) -> &'static str {
        "bursts"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        for product in self.0.read_now(products::all)? {
            let now = self.0.clock.now();
            let bursts = self.0.read_now(|conn| proposals::bursts(conn, product.id, now))?;
            if !bursts.is_empty() {
                self.0.write_now(Actor::AUTOMATION, move |tx| proposals::propose(tx, product.id, &bursts))?;
            }
        }
        Ok(Step::Done)
    }
}
