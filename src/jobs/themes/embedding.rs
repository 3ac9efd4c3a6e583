//! Gets the vectors of items from an external embedder: first for items that wait for a theme, then, after a change of
//! embedder, for all grouped items. Filing does not wait for it.

use std::time::Duration;

use crate::domain::base::{Actor, Id, Time};
use crate::domain::feedback::State;
use crate::engine::fitted;
use crate::error::Result;
use crate::jobs::base::leased::{Held, Leased};
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::outside::models::embeddings::{Failure, MOST_TEXTS};
use crate::outside::models::shared::SharedEmbedder;
use crate::store::Store;
use crate::store::themes::assignments::WaitingItem;
use crate::store::themes::embeddings;
use crate::usecase::themes::embedding::question;

/// How often it looks for work when nothing is committed here.
const POLL: Duration = Duration::from_millis(500);
/// After everything grouped was gone through, it is gone through again so much later: an import may have brought some.
const AGAIN: i64 = 60 * Time::SECOND;
/// Rows of unused vectors deleted in one transaction.
const SWEEP: i64 = 500;

/// The job; a step calls the embedder once.
pub struct Embedding {
    store: Store,
    asked: SharedEmbedder,
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
    pub fn new(store: Store, asked: SharedEmbedder) -> Self {
        let (name, held) = (asked.name(), Held::new(store.clone(), "embedding"));
        Self { store, asked, name, held, after: None, again_at: Time(i64::MIN), single: 0 }
    }

    /// Items without a vector; those that wait for a theme come first.
    fn lacking(&mut self, limit: i64, now: Time) -> Result<Vec<WaitingItem>> {
        let (name, after) = (&self.name, self.after);
        let waiting = self.store.read_now(|conn| embeddings::lacking(conn, name, &[State::Pending], None, limit))?;
        if !waiting.is_empty() || now < self.again_at {
            return Ok(waiting);
        }
        let rows = self.store.read_now(|conn| embeddings::lacking(conn, name, &embeddings::READ, after, limit))?;
        match rows.last() {
            // Continue from here until the vectors are stored.
            Some(_) => self.after = rows.first().map(|row| before(row.id)),
            None if after.is_some() => self.after = None,
            None => self.again_at = now.plus(AGAIN),
        }
        Ok(rows)
    }

    fn keep(&self, rows: Vec<WaitingItem>, vectors: Vec<Vec<u8>>) -> Result<()> {
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

    /// Gets some vectors if any are missing and the circuit breaker allows a call.
    pub fn step(&mut self) -> Result<bool> {
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
        match self.asked.embed(&texts) {
            Ok(vectors) => {
                self.asked.breaker().succeeded();
                self.single = self.single.saturating_sub(1);
                self.keep(rows, vectors.iter().map(|vector| fitted(vector)).collect())?;
            }
            Err(Failure::Refused(_)) if rows.len() > 1 => self.single = rows.len(),
            // The embedder accepts another text, so it refuses this one: the item gets a vector that is similar to
            // nothing.
            Err(Failure::Refused(said)) if self.asked.embed(&["Hello".to_owned()]).is_ok() => {
                tracing::warn!(feedback = %rows[0].id, said, "the embedder refuses a text; the item is compared with nothing");
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

impl Job for Embedding {
    fn name(&self) -> &'static str {
        self.held.name()
    }

    fn wakes(&self) -> Wakes {
        Wakes::on_commit(POLL)
    }

    fn held(&mut self) -> Option<&mut dyn Leased> {
        Some(&mut self.held)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        self.step().map(Step::more_if)
    }
}

/// The id just before this one.
fn before(id: Id) -> Id {
    Id(uuid::Uuid::from_u128(id.0.as_u128().saturating_sub(1)))
}
