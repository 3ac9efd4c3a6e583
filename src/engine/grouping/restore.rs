//! Restoring a grouper after a restart, from the data stored with each item.

use uuid::Uuid;

use super::grouper::Grouper;
use crate::engine::search::neighbours::{FOREIGN, NEIGHBOURS, Slot, unpack_cosine};
use crate::engine::search::script::Script;
use crate::engine::text::embed::Reading;
use crate::engine::text::vector::unpack_bytes;

/// The stored size of one neighbour: its id and its cosine.
const STORED_NEIGHBOUR: usize = 16 + 2;

/// An item that was grouped before, with its stored data.
pub struct StoredItem<'a> {
    /// The item.
    pub id: Uuid,
    /// Its text, [`super::read`] again only for the word counts.
    pub reading: Reading,
    /// The vector from an external embedder, as returned by [`super::fitted`], where the items are compared by one.
    pub external: Option<&'a [u8]>,
    /// The stored [`super::Assignment::vector`].
    pub vector: &'a [u8],
    /// The stored [`super::Assignment::neighbours`].
    pub neighbours: &'a [u8],
    /// Its present theme, if any.
    pub theme: Option<Uuid>,
    /// Whether a person assigned it.
    pub pinned: bool,
}

impl Grouper {
    /// Restores an item that was grouped before, at start or because another instance grouped it. No search is made.
    /// Restore items in order of arrival. For a known item only its theme and pin are updated. Of a removed item only
    /// its words are used, which still count.
    pub fn restore(&mut self, item: StoredItem<'_>) {
        let is_new = !self.holds(item.id);
        if is_new {
            match self.items.copies.text(item.reading.key) {
                Some(slot) => self.items.copies.join(item.id, slot),
                None => self.restore_text(&item),
            }
        }
        self.put(item.id, item.theme, item.pinned);
        // A known item that another event moved says nothing about the refinements that were made.
        if is_new {
            self.on_schedule();
        }
    }

    fn restore_text(&mut self, item: &StoredItem<'_>) {
        let script = Script::of(&item.reading, item.external.map(unpack_bytes).as_ref());
        let neighbours = unpack_neighbours(item.neighbours);
        let found: Vec<_> = neighbours.into_iter().filter_map(|(id, c)| Some((self.items.slot(id)?, c))).collect();
        let (own, foreign): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(slot, _)| self.items.script(*slot) == script);
        if !self.items.copies.is_known(item.id) {
            let nearest = own.first().map_or(0.0, |(_, cosine)| unpack_cosine(*cosine));
            self.learn(&item.reading, item.external.map(unpack_bytes).as_ref(), nearest);
        }
        let slot = self.items.put(item.id, item.reading.key, &unpack_bytes(item.vector), &item.reading.cells, script);
        self.items.link(slot, own.into_iter());
        self.items.link_foreign(slot, foreign.into_iter());
    }

    pub(in crate::engine) fn pack_neighbours(&self, neighbours: &[(Slot, u16)]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(neighbours.len() * STORED_NEIGHBOUR);
        for (slot, cosine) in neighbours {
            if let Some(oldest) = self.items.copies.of(*slot).next() {
                bytes.extend_from_slice(oldest.id.as_bytes());
                bytes.extend_from_slice(&cosine.to_le_bytes());
            }
        }
        bytes
    }
}

fn unpack_neighbours(bytes: &[u8]) -> Vec<(Uuid, u16)> {
    let (stored, _) = bytes.as_chunks::<STORED_NEIGHBOUR>();
    stored
        .iter()
        .take(NEIGHBOURS + FOREIGN)
        .map(|n| {
            (Uuid::from_u128(u128::from_be_bytes(std::array::from_fn(|i| n[i]))), u16::from_le_bytes([n[16], n[17]]))
        })
        .collect()
}
