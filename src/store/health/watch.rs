//! What those who operate this must know of the database, looked up beside the requests: a transaction that holds the
//! event log back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::store::Store;
use crate::store::base::log_base::{self, Holder};

/// How long the log may be held back without a word: every transaction holds it for a moment.
const QUIET: Duration = Duration::from_secs(5);
/// How often it is said again.
const SAID: Duration = Duration::from_secs(60);

/// What was seen last; clones see the same.
#[derive(Clone, Default)]
pub(in crate::store) struct Watched(Arc<Mutex<Option<Seen>>>);

struct Seen {
    holder: Holder,
    since: Instant,
    said: Option<Instant>,
}

/// A transaction that holds the event log back: neither webhooks nor mails of what happened since go out before its end.
#[derive(Clone, Debug)]
pub struct HeldBack {
    /// Which, as far as PostgreSQL says.
    pub by: Holder,
    /// For how long this instance has seen it.
    pub lasting: Duration,
}

impl Watched {
    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Looks whether a transaction holds the event log back, and says so in the log.
    pub fn watch_log(&self) -> Result<()> {
        let found = self.read_now(log_base::holder)?;
        let mut seen = self.watched.seen();
        let Some(holder) = found else {
            if seen.take().is_some_and(|seen| seen.said.is_some()) {
                tracing::info!("the event log is no longer held back");
            }
            return Ok(());
        };
        let same = seen.as_ref().is_some_and(|seen| seen.holder.transaction == holder.transaction);
        if !same {
            *seen = Some(Seen { holder, since: Instant::now(), said: None });
            return Ok(());
        }
        if let Some(seen) = seen.as_mut()
            && seen.since.elapsed() >= QUIET
            && seen.said.is_none_or(|said| said.elapsed() >= SAID)
        {
            seen.said = Some(Instant::now());
            let Holder { pid, application, database, state, .. } = &seen.holder;
            tracing::warn!(
                seconds = seen.since.elapsed().as_secs(),
                ?pid,
                ?application,
                ?database,
                ?state,
                "an open transaction holds the event log back: webhooks, mails and the feed wait for its end"
            );
        }
        Ok(())
    }

    /// Lets the event log go on where the database was restored into another cluster; see [`log_base::keep_up`].
    pub fn keep_log_going(&self) -> Result<()> {
        self.read_now(log_base::keep_up).map(drop)
    }

    /// What holds the event log back for longer than a moment, if anything does, as [`Store::watch_log`] saw it last.
    pub fn held_back(&self) -> Option<HeldBack> {
        let seen = self.watched.seen();
        let seen = seen.as_ref().filter(|seen| seen.since.elapsed() >= QUIET)?;
        Some(HeldBack { by: seen.holder.clone(), lasting: seen.since.elapsed() })
    }
}
