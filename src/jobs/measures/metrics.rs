//! Rolls up the samples of hours that are over, and drops what is no longer kept.

use std::time::Duration;

use crate::domain::base::Actor;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::usecase::measures::rolling;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(60);

/// The job.
pub struct RollUp(Store);

impl RollUp {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for RollUp {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    /// Rolling up twice, or on several instances, has no further effect.
    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        let rolled = self.0.write_now(Actor::AUTOMATION, rolling::roll_some)?;
        if rolled > 0 {
            return Ok(Step::More);
        }
        let dropped = self.0.write_now(Actor::AUTOMATION, rolling::drop_old)?;
        Ok(if dropped > 0 { Step::Done } else { Step::Idle })
    }
}
