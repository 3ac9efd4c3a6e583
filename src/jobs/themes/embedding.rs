//! Gets the vectors of items from an external embedder: first for items that wait for a theme, then, after a change of
//! embedder, for all grouped items. Filing does not wait for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::base::{Actor, Id, Time};
use crate::domain::feedback::State;
use crate::domain::privacy::redact::redact;
use crate::engine::{READ_LIMIT, fitted};
use crate::error::{Code, Error, Result};
use crate::jobs::base::leased::{Held, Job};
use crate::outside::models::breaker::Breaker;
use crate::outside::models::embeddings::{Embedder, Failure, MOST_TEXTS};
use crate::store::Store;
use crate::store::themes::assignments::PendingRow;
use crate::store::themes::embeddings;

/// After everything grouped was gone through, it is gone through again so much later: an import may have brought some.
const AGAIN: i64 = 60 * Time::SECOND;
/// Rows of unused vectors deleted in one transaction.
const SWEEP: i64 = 500;

/// An embedder with its circuit breaker; clones share both.
#[derive(Clone)]
pub struct Asked {
    embedder: Arc<dyn Embedder>,
    breaker: Arc<Mutex<Breaker>>,
}

impl Asked {
    /// An embedder without calls yet.
    pub fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder, breaker: Arc::default() }
    }

    /// Its name; see [`Embedder::name`].
    pub fn name(&self) -> String {
        self.embedder.name()
    }

    /// `working`, `retrying` or `open`; see [`Breaker::state`].
    pub fn state(&self) -> &'static str {
        self.breaker().state()
    }

    /// The vector of a text for a similarity search, with personal data removed.
    ///
    /// # Errors
    /// 503 if the embedder does not answer.
    pub fn look_up(&self, text: &str) -> Result<Vec<u8>> {
        let away = || Error::new(Code::Unavailable, "The embedder does not answer; the rest of the API works.");
        if self.breaker().is_half_open() {
            return Err(away());
        }
        let said = self.embedder.embed(&[question(text)]).map_err(|_| away())?;
        said.first().map(|vector| fitted(vector)).ok_or_else(away)
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// The job; a step calls the embedder once.
pub struct Embedding {
    store: Store,
    asked: Asked,
    name: String,
    held: Held,
    /// Position up to which grouped items were checked.
    after: Option<Id>,
    /// When grouped items are checked again.
    again_at: Time,
    /// After a refused batch: this many texts are sent one by one, to find the refused one.
    single: usize,
}

impl Embedding {
    /// A job without calls yet.
    pub fn new(store: Store, asked: Asked) -> Self {
        let (name, held) = (asked.name(), Held::new(store.clone(), "embedding"));
        Self { store, asked, name, held, after: None, again_at: Time(i64::MIN), single: 0 }
    }

    /// Items without a vector; those that wait for a theme come first.
    fn lacking(&mut self, limit: i64, now: Time) -> Result<Vec<PendingRow>> {
        let (name, after) = (&self.name, self.after);
        let waiting = self.store.read_now(|conn| embeddings::lacking(conn, name, State::Pending, None, limit))?;
        if !waiting.is_empty() || now < self.again_at {
            return Ok(waiting);
        }
        let rows = self.store.read_now(|conn| embeddings::lacking(conn, name, State::Grouped, after, limit))?;
        match rows.last() {
            // Continue from here until the vectors are stored.
            Some(_) => self.after = rows.first().map(|row| before(row.id.into())),
            None if after.is_some() => self.after = None,
            None => self.again_at = now.plus(AGAIN),
        }
        Ok(rows)
    }

    fn keep(&self, rows: Vec<PendingRow>, vectors: Vec<Vec<u8>>) -> Result<()> {
        let said: Vec<_> = rows.into_iter().zip(vectors).collect();
        let name = self.name.clone();
        self.store.write_now(Actor::ENGINE, move |tx| embeddings::put(tx, &name, &said))
    }

    /// Deletes some vectors of embedders that are no longer used.
    fn sweep(&self) -> Result<bool> {
        let present = self.store.read_now(embeddings::present)?;
        if present != self.name {
            return Ok(false);
        }
        let name = self.name.clone();
        let swept = self.store.write_now(Actor::ENGINE, move |tx| embeddings::sweep(tx, [&name, &name], SWEEP));
        Ok(swept? > 0)
    }
}

impl Job for Embedding {
    const POLL: Duration = Duration::from_millis(500);

    fn held(&mut self) -> &mut Held {
        &mut self.held
    }

    /// Gets some vectors if any are missing and the circuit breaker allows a call.
    fn step(&mut self) -> Result<bool> {
        let now = self.store.clock.now();
        if !self.asked.breaker().allows(now) || self.held.lease()?.is_none() {
            return Ok(false);
        }
        let careful = self.asked.breaker().is_half_open() || self.single > 0;
        let rows = self.lacking(if careful { 1 } else { MOST_TEXTS as i64 }, now)?;
        if rows.is_empty() {
            return self.sweep();
        }
        let texts: Vec<String> = rows.iter().map(|row| question(&row.own_words())).collect();
        match self.asked.embedder.embed(&texts) {
            Ok(vectors) => {
                self.asked.breaker().succeeded();
                self.single = self.single.saturating_sub(1);
                self.keep(rows, vectors.iter().map(|vector| fitted(vector)).collect())?;
            }
            Err(Failure::Refused(_)) if rows.len() > 1 => self.single = rows.len(),
            // The embedder accepts another text, so it refuses this one: the item gets a vector that is similar to
            // nothing.
            Err(Failure::Refused(said)) if self.asked.embedder.embed(&["Hello".to_owned()]).is_ok() => {
                tracing::warn!(feedback = %Id::from(rows[0].id), said, "the embedder refuses a text; the item is compared with nothing");
                self.single = self.single.saturating_sub(1);
                self.keep(rows, vec![fitted(&[])])?;
            }
            Err(failure) => {
                let after = if let Failure::Away { after, .. } = &failure { *after } else { None };
                let mut breaker = self.asked.breaker();
                breaker.failed(now, after);
                tracing::warn!(error = %failure, state = breaker.state(), "the embedder gives no vectors");
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The text that the embedder gets.
fn question(text: &str) -> String {
    let read: String = text.chars().take(READ_LIMIT).collect();
    redact(&read)
}

/// The id just before this one.
fn before(id: Id) -> Id {
    Id(uuid::Uuid::from_u128(id.0.as_u128().saturating_sub(1)))
}
