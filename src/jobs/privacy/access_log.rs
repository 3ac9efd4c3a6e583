//! Writes the access log: what waits, changes of permissions, the heads of the day, and the end of the retention.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::domain::base::{Actor, Time};
use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::meter;
use crate::store::Store;
use crate::store::privacy::access::chain;
use crate::usecase::privacy::access::waiting::{AccessLog, log_permissions};
use crate::usecase::privacy::retention::built_in;

/// Between two writes.
const PAUSE: Duration = Duration::from_millis(500);
/// Between two looks for changes of permissions, and for entries to remove.
const SELDOM: Duration = Duration::from_secs(60);

/// How long entries are kept, in days.
#[derive(Clone, Copy, Debug)]
pub struct KeptAccess {
    pub access_days: u32,
    pub permission_days: u32,
}

/// The job.
pub struct AccessLogWriter {
    store: Store,
    log: AccessLog,
    /// How the names of the journal's files begin.
    journal: PathBuf,
    kept: KeptAccess,
    looked: Option<Instant>,
    /// The day whose heads were logged last.
    told: Option<String>,
}

impl AccessLogWriter {
    /// For this database and what waits in this process.
    pub fn new(store: Store, log: AccessLog, journal: PathBuf, kept: KeptAccess) -> Self {
        Self { store, log, journal, kept, looked: None, told: None }
    }

    fn look(&mut self) -> Result<()> {
        // Another instance that works in this folder may have been killed.
        if let Err(error) = self.log.recover(&self.store, &self.journal) {
            tracing::warn!(%error, "the access log's journal of an instance that was killed can't be read");
        }
        while self.store.write_now(Actor::AUTOMATION, log_permissions)? > 0 {}
        let kept = self.kept;
        self.store.write_now(Actor::AUTOMATION, move |tx| {
            let before = |days: u32| tx.now.plus(-i64::from(days) * Time::DAY);
            let (reads, permissions) = (before(kept.access_days), before(kept.permission_days));
            built_in::sweep_access(tx, reads, permissions)
        })?;
        let now = self.store.clock.now();
        let today = now.date();
        if self.told.as_ref() != Some(&today) {
            for head in self.store.read_now(|conn| chain::heads_before(conn, now))? {
                let (chain, day, seq, hash) = (head.chain.as_str(), head.day, head.seq, head.hash);
                tracing::info!(chain, day, seq, hash, "the last entry of the access log of a day");
            }
            self.told = Some(today);
        }
        Ok(())
    }
}

impl Job for AccessLogWriter {
    fn name(&self) -> &'static str {
        "access_log"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        let written = self.log.write_waiting(&self.store)?;
        if self.log.is_on() && self.looked.is_none_or(|at| at.elapsed() > SELDOM) {
            self.look()?;
            self.looked = Some(Instant::now());
        }
        Ok(Step::more_if(written > 0))
    }

    fn end(&mut self) {
        // Requests have ended: nothing more comes.
        while meter::step(self.name(), |written| *written > 0, || self.log.write_waiting(&self.store))
            .is_ok_and(|n| n > 0)
        {}
        self.log.end_journal();
    }
}
