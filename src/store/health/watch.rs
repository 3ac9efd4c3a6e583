//! Monitoring of the event log for operators: reports a transaction that blocks the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::store::Store;
use crate::store::base::log_base::{self, Holder};

/// How long the log may be blocked before it is reported: every transaction blocks it for a moment.
const QUIET: Duration = Duration::from_secs(5);
/// How often the report is repeated.
const REPEAT: Duration = Duration::from_secs(60);

/// The last observation; clones share it.
#[derive(Clone, Default)]
pub(in crate::store) struct Watched(Arc<Mutex<Option<SeenHolder>>>);

struct SeenHolder {
    holder: Holder,
    since: Instant,
    said: Option<Instant>,
}

/// A transaction that blocks the event log: until it ends, no webhook or mail about later events goes out.
#[derive(Clone, Debug)]
pub struct HeldBack {
    /// The transaction, as far as PostgreSQL shows it.
    pub by: Holder,
    /// For how long this instance has seen it.
    pub lasting: Duration,
}

impl Watched {
    fn seen(&self) -> MutexGuard<'_, Option<SeenHolder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Checks whether a transaction blocks the event log, and logs a warning.
    pub fn watch_log(&self) -> Result<()> {
        let found = self.read_now(log_base::holder)?;
        let mut seen = self.watched.seen();
        let Some(holder) = found else {
            if seen.take().is_some_and(|seen| seen.said.is_some()) {
                tracing::info!("the event log is no longer blocked");
            }
            return Ok(());
        };
        let same = seen.as_ref().is_some_and(|seen| seen.holder.transaction == holder.transaction);
        if !same {
            *seen = Some(SeenHolder { holder, since: Instant::now(), said: None });
            return Ok(());
        }
        if let Some(seen) = seen.as_mut()
            && seen.since.elapsed() >= QUIET
            && seen.said.is_none_or(|said| said.elapsed() >= REPEAT)
        {
            seen.said = Some(Instant::now());
            let Holder { pid, application, database, state, .. } = &seen.holder;
            tracing::warn!(
                seconds = seen.since.elapsed().as_secs(),
                ?pid,
                ?application,
                ?database,
                ?state,
                "an open transaction blocks the event log: webhooks, mails and the feed wait until it ends"
            );
        }
        Ok(())
    }

    /// Repairs the order of the event log after a restore into another cluster; see [`log_base::keep_up`].
    pub fn keep_log_going(&self) -> Result<()> {
        self.read_now(log_base::keep_up).map(drop)
    }

    /// The transaction that has blocked the event log for longer than a moment, if any, as of the last
    /// [`Store::watch_log`].
    pub fn held_back(&self) -> Option<HeldBack> {
        let seen = self.watched.seen();
        let seen = seen.as_ref().filter(|seen| seen.since.elapsed() >= QUIET)?;
        Some(HeldBack { by: seen.holder.clone(), lasting: seen.since.elapsed() })
    }
}
