//! The watchdog of paging: compares what should have been paged with what was. It does not use what the paging job
//! wrote down about its own work, so that it also notices where that job does nothing at all.

use std::time::Duration;

use super::paging::BATCH;
use crate::domain::base::Time;
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::meter;
use crate::store::Store;
use crate::store::operations::pages;
use crate::usecase::operations::paging;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(30);
/// How late a page may be.
const LATE: i64 = 60 * Time::SECOND;
/// How long sending one may take.
const UNSENT: i64 = 180 * Time::SECOND;

/// The job.
pub struct Watchdog {
    store: Store,
    /// Whether pages are mailed. Without a mail server they reach people by webhooks only, which the deliveries of
    /// webhooks tell of.
    sends_mail: bool,
}

impl Watchdog {
    /// For this database.
    pub fn new(store: Store, sends_mail: bool) -> Self {
        Self { store, sends_mail }
    }
}

impl Job for Watchdog {
    fn name(&self) -> &'static str {
        "paging_watchdog"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, going: &dyn Fn() -> bool) -> Result<Step> {
        let now = self.store.clock.now();
        let (mut after, mut missing, mut unsent) = (None, 0, 0);
        while going() {
            let batch = self.store.read_now(|conn| pages::active_incidents(conn, after, BATCH))?;
            let Some(last) = batch.last() else { break };
            after = Some(*last);
            let found = self.store.read_now(|conn| {
                let mut found = Vec::new();
                for id in batch {
                    let late = paging::missing(conn, id, now.plus(-LATE))?.len();
                    let waits = if self.sends_mail { paging::unsent(conn, id, now.plus(-UNSENT))? } else { 0 };
                    if late + waits > 0 {
                        found.push((id, late, waits));
                    }
                }
                Ok(found)
            })?;
            for (incident, late, waits) in found {
                tracing::error!(%incident, missing = late, unsent = waits, "pages of an open incident are overdue");
                missing += late;
                unsent += waits;
            }
        }
        meter::pages_overdue(missing, unsent);
        Ok(Step::Done)
    }
}
