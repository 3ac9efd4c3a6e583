//! Chooses the next items that get a place: a batch of one product at a time, so that one lease covers it, and the products
//! in turn, so that a busy one does not hold up the others.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use super::engine_sync::{Follower, Unembedded};
use crate::domain::base::Id;
use crate::engine::Placement;
use crate::error::Result;
use crate::jobs::base::pace::Pace;
use crate::store::Store;
use crate::store::themes::assignments::{self, WaitingItem};
use crate::store::themes::embeddings::{self, BUILTIN};
use crate::store::themes::vectors;
use crate::usecase::themes::assignments::Assigned;
use crate::usecase::themes::groupers::{Group, Groups};

/// Most items assigned in one transaction.
const BATCH: usize = 100;
/// The position before the first item.
const NONE: Id = Id(uuid::Uuid::nil());
/// How often to check whether the external embedder has delivered the missing vectors, and, while one product is busy, in
/// which others feedback waits.
const LOOK: Duration = Duration::from_secs(1);

/// The items of one product that get a place now.
pub(in crate::jobs) struct Batch {
    pub product: Id,
    /// Not empty.
    pub items: Vec<Assigned>,
    /// How many were looked for.
    asked: usize,
}

impl Batch {
    /// Whether more items may wait in the product.
    pub fn is_full(&self) -> bool {
        self.items.len() >= self.asked
    }
}

/// Chooses batches.
pub(in crate::jobs) struct Placing {
    store: Store,
    groups: Groups,
    /// Products in which feedback waited when it was last looked.
    waiting: BTreeSet<Id>,
    seen: Option<Instant>,
    /// The item of each product that was assigned last, or [`NONE`] at the end of its waiting items.
    placed: HashMap<Id, Id>,
    /// The product of the last batch.
    last: Id,
    /// Items that have a theme and wait for a vector of the external embedder.
    late: Unembedded,
    /// When these were looked for last.
    looked: Option<Instant>,
    /// How many items a batch may have.
    pub pace: Pace,
    asked: usize,
}

impl Placing {
    /// It has chosen nothing yet.
    pub fn new(store: Store, groups: Groups) -> Self {
        let (waiting, placed, late) = Default::default();
        Self {
            store,
            groups,
            waiting,
            seen: None,
            placed,
            last: NONE,
            late,
            looked: None,
            pace: Pace::new(BATCH),
            asked: BATCH,
        }
    }

    /// The next batch of these products. Items that have a theme but no vector go before the others of their product.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next(&mut self, follower: &mut Follower, products: &[Id]) -> Result<Option<Batch>> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            follower.unembedded.extend(std::mem::take(&mut self.late));
        }
        self.asked = self.pace.rows(&self.store);
        let mut is_fresh = self.look(products, false)?;
        loop {
            for product in self.in_turn(follower, products) {
                let mut items = self.embed_restored(follower, product)?;
                if items.is_empty() {
                    items = self.place_waiting(&follower.embedder, product)?;
                }
                if !items.is_empty() {
                    self.last = product;
                    return Ok(Some(Batch { product, items, asked: self.asked }));
                }
                self.waiting.remove(&product);
            }
            if is_fresh {
                return Ok(None);
            }
            is_fresh = self.look(products, true)?;
        }
    }

    /// Looks in which products feedback waits, if nothing is known of any or it was long ago; answers whether it did.
    fn look(&mut self, products: &[Id], anyway: bool) -> Result<bool> {
        let due = anyway || self.waiting.is_empty() || self.seen.is_none_or(|at| at.elapsed() >= LOOK);
        if due {
            self.seen = Some(Instant::now());
            let found = self.store.read_now(|conn| assignments::products_waiting(conn, products))?;
            self.waiting = found.into_iter().collect();
        }
        Ok(due)
    }

    /// The products that have something to do, beginning after the one of the last batch.
    fn in_turn(&self, follower: &Follower, products: &[Id]) -> Vec<Id> {
        let has_work = |product: &&Id| self.waiting.contains(*product) || follower.unembedded.is_in(**product);
        let (later, earlier): (Vec<Id>, Vec<Id>) =
            products.iter().filter(has_work).partition(|product| **product > self.last);
        later.into_iter().chain(earlier).collect()
    }

    /// The products with items that wait for a vector.
    pub fn lacking(&self, follower: &Follower) -> HashSet<Id> {
        follower.unembedded.products().chain(self.late.products()).collect()
    }

    /// Forgets which items wait for the external embedder, after a change of embedder.
    pub fn forget_late(&mut self) {
        self.late = Unembedded::default();
    }

    /// Assigns the oldest waiting items; with an external embedder, only those that have its vector.
    fn place_waiting(&mut self, embedder: &str, product: Id) -> Result<Vec<Assigned>> {
        let waiting: Vec<(WaitingItem, Option<Vec<u8>>)> = match embedder == BUILTIN {
            true => self.oldest_waiting(product)?.into_iter().map(|row| (row, None)).collect(),
            false => {
                let ready =
                    self.store.read_now(|conn| embeddings::ready(conn, embedder, product, self.asked as i64))?;
                ready.into_iter().map(|(row, said)| (row, Some(said))).collect()
            }
        };
        let group = self.groups.of(product);
        let place = |(row, said): (WaitingItem, Option<Vec<u8>>)| {
            let placement = placed(&group, &row.own_words(), said.as_deref());
            let assignment = group.write().accept(row.id.0, placement, || Id::next().0);
            Assigned { id: row.id, product, assignment, restored: false }
        };
        Ok(waiting.into_iter().map(place).collect())
    }

    /// The oldest waiting items, beginning after the last assigned one: before it, the index is full of dead rows of
    /// assigned items, which PostgreSQL would scan until they are vacuumed.
    fn oldest_waiting(&mut self, product: Id) -> Result<Vec<WaitingItem>> {
        loop {
            let after = self.placed.get(&product).copied().unwrap_or(NONE);
            let rows = self.store.read_now(|conn| assignments::pending(conn, product, after, self.asked as i64))?;
            match rows.last() {
                Some(last) => drop(self.placed.insert(product, last.id)),
                None => drop(self.placed.remove(&product)),
            }
            if !rows.is_empty() || after == NONE {
                return Ok(rows);
            }
        }
    }

    /// Computes the vectors of items that were grouped before and have no vector, or one of another embedder.
    fn embed_restored(&mut self, follower: &mut Follower, product: Id) -> Result<Vec<Assigned>> {
        let ids = follower.unembedded.first(product, self.asked);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let embedder = follower.embedder.clone();
        let rows = self.store.read_now(|conn| vectors::of(conn, &embedder, &ids))?;
        ids.iter().for_each(|id| follower.unembedded.remove(*id));
        let mut batch = Vec::with_capacity(rows.len());
        for row in rows {
            // It was moved, or another instance has embedded it.
            if row.product_id != product || follower.is_usable(&row) {
                follower.take_row(&row);
                continue;
            }
            if embedder != BUILTIN && row.said.is_none() {
                self.late.insert(product, row.id);
                continue;
            }
            let group = self.groups.of(product);
            let placement = placed(&group, &row.own_words(), row.said.as_deref());
            let theme = row.theme_id.map(|theme| theme.0);
            let assignment = group.write().adopt(row.id.0, placement, theme, row.pinned);
            batch.push(Assigned { id: row.id, product, assignment, restored: true });
        }
        Ok(batch)
    }
}

/// The vector of a text, from the external embedder if there is one.
fn placed(group: &Group, words: &str, said: Option<&[u8]>) -> Placement {
    let grouper = group.read();
    match said {
        Some(said) => grouper.place_external(words, said),
        None => grouper.place(words),
    }
}
