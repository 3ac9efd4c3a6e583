//! Pages members for open incidents: the steps of each product's escalation that are due, and acknowledgements that have
//! expired. What is due is computed from the database, so a restart forgets nothing and pages nobody twice.

use std::time::Duration;

use crate::domain::base::{Actor, Id};
use crate::error::{Code, Error, Result};
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::operations::pages;
use crate::usecase::operations::paging;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// Incidents looked at in one read.
pub(super) const BATCH: i64 = 200;

/// The job.
pub struct Paging(Store);

impl Paging {
    /// For this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Job for Paging {
    fn name(&self) -> &'static str {
        "paging"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, going: &dyn Fn() -> bool) -> Result<Step> {
        let store = &self.0;
        let now = store.clock.now();
        let (mut after, mut worked) = (None, false);
        while going() {
            let batch = store.read_now(|conn| pages::active_incidents(conn, after, BATCH))?;
            let Some(last) = batch.last() else { break };
            after = Some(*last);
            let due = store.read_now(|conn| {
                let mut due = Vec::new();
                for id in batch {
                    if paging::is_due(conn, id, now)? {
                        due.push(id);
                    }
                }
                Ok(due)
            })?;
            for incident in due {
                worked |= page_one(store, incident)?;
            }
        }
        Ok(if worked { Step::Done } else { Step::Idle })
    }
}

/// Pages for one incident. Where another instance did so in the same moment, the database refuses the second page.
fn page_one(store: &Store, incident: Id) -> Result<bool> {
    match store.write_now(Actor::AUTOMATION, move |tx| paging::page_due(tx, incident)) {
        Ok(made) => Ok(made > 0),
        Err(Error { code: Code::Conflict, .. }) => Ok(false),
        Err(e) => Err(e),
    }
}
