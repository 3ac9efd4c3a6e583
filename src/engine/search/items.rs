//! The texts of the grouped items, about 800 bytes each, every field in an array of its own. The large ones may lie in files,
//! see [`super::room`]; about 100 bytes an item are in memory always. A text is identified by its slot; equal texts share one,
//! see [`super::copies`].

use std::sync::Arc;

use uuid::Uuid;

use super::blocks::Blocks;
use super::copies::{Copies, Key, Member};
use super::neighbours::{Foreign, Neighbours, Slot, ThemeNo};
use super::room::Room;
use super::script::Script;
use super::sketch::{Sketch, sketch};
use crate::engine::refinement::cooccurrence::{Cell, Row, Texts};
use crate::engine::text::vector::{NOTHING, Packed, inverse_length, value};

/// Every n-th text has a sketch. The texts nearest to a vector are found through the neighbour lists of other texts
/// nearly as near.
pub(in crate::engine) const SKETCHED: usize = 2;

/// No text, and a text that is not linked yet.
const NONE: Slot = Slot::MAX;
const UNLINKED: Slot = Slot::MAX - 1;

#[derive(Default)]
pub(in crate::engine) struct Items {
    /// Which items have which text, and the theme of each.
    pub copies: Copies,
    pub neighbours: Blocks<Neighbours>,
    /// The nearest texts of the other script; shorter than the other arrays while all texts have one script.
    pub(super) foreign: Blocks<Foreign>,
    pub(super) scripts: Vec<Script>,
    pub texts: Texts,
    /// A tree in which the parent of each text is the text that was nearest on its arrival. It lets a walk reach a text
    /// that is in no neighbour list. These are the youngest child of each text, and the next older sibling.
    youngest_child: Vec<Slot>,
    older_sibling: Vec<Slot>,
    vectors: Blocks<Packed>,
    /// The sketches of every [`SKETCHED`]-th text.
    pub sketches: Vec<Sketch>,
    pub inverse_lengths: Vec<f32>,
}

impl Items {
    /// No texts; the large arrays are counted in the room.
    pub fn within(room: &Arc<Room>) -> Self {
        let room = || Some(Arc::clone(room));
        Items {
            copies: Copies::within(room()),
            neighbours: Blocks::within(room()),
            foreign: Blocks::within(room()),
            texts: Texts::within(room()),
            vectors: Blocks::within(room()),
            ..Items::default()
        }
    }

    /// The number of slots in use, including those of removed texts.
    pub fn count(&self) -> usize {
        self.neighbours.len()
    }

    /// Whether any item has the text.
    pub fn is_present(&self, slot: Slot) -> bool {
        self.copies.has_items(slot)
    }

    /// The text of an item, unless it is removed.
    pub fn slot(&self, id: Uuid) -> Option<Slot> {
        self.copies.present(id).map(|number| self.copies.member(number).slot)
    }

    /// Adds an item with a new text, without a theme. It keeps its previous slot where that is free.
    pub fn put(&mut self, id: Uuid, key: Key, vector: &Packed, cells: &[Cell], script: Script) -> Slot {
        let slot = self.copies.slot_for(id, key);
        if slot as usize == self.count() {
            self.neighbours.push(Neighbours::default());
            self.scripts.push(script);
            self.youngest_child.push(NONE);
            self.older_sibling.push(UNLINKED);
            self.inverse_lengths.push(0.0);
            self.vectors.resize(slot as usize + 1);
            if (slot as usize).is_multiple_of(SKETCHED) {
                self.sketches.push(Sketch::default());
            }
        }
        self.copies.join(id, slot);
        self.write_vector(slot, vector);
        self.texts.put(slot, cells);
        self.scripts[slot as usize] = script;
        slot
    }

    /// Links the text and its neighbours in both directions.
    pub fn link(&mut self, slot: Slot, neighbours: impl Iterator<Item = (Slot, u16)>) {
        for (other, cosine) in neighbours.filter(|(other, cosine)| *other != slot && *cosine > 0) {
            if self.older_sibling[slot as usize] == UNLINKED {
                self.older_sibling[slot as usize] = std::mem::replace(&mut self.youngest_child[other as usize], slot);
            }
            for (of, near) in [(slot, other), (other, slot)] {
                let known = &mut self.neighbours[of as usize];
                if !known.contains(near) {
                    known.offer(near, cosine);
                }
            }
        }
    }

    /// The children of a text in the tree, youngest_child first.
    pub fn children(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        let some = |slot: Slot| (slot < UNLINKED).then_some(slot);
        std::iter::successors(some(self.youngest_child[slot as usize]), move |slot| {
            some(self.older_sibling[*slot as usize])
        })
    }

    /// Overwrites a text that no item has any more, and removes it from all neighbour lists.
    pub fn clear(&mut self, slot: Slot) {
        self.write_vector(slot, &NOTHING);
        self.texts.clear(slot);
        self.neighbours[slot as usize] = Neighbours::default();
        self.neighbours.iter_mut().for_each(|n| n.forget(slot));
        self.forget_foreign(slot);
    }

    /// The text's vector, not normalised; see [`Items::inverse_length`].
    pub fn vector(&self, slot: Slot) -> impl Iterator<Item = f32> + '_ {
        self.row(slot).iter().map(|byte| f32::from(value(*byte)))
    }

    pub fn inverse_length(&self, slot: Slot) -> f32 {
        self.inverse_lengths[slot as usize]
    }

    pub fn cosine(&self, a: Slot, b: Slot) -> f32 {
        let dot: f32 = self.vector(a).zip(self.vector(b)).map(|(x, y)| x * y).sum();
        dot * self.inverse_length(a) * self.inverse_length(b)
    }

    /// The items in the theme, in order of arrival.
    pub fn members(&self, theme: ThemeNo) -> impl Iterator<Item = &Member> + '_ {
        self.copies.members().filter(move |member| member.theme == theme)
    }

    /// The packed vectors of `count` slots from `start` on, all in one block.
    pub fn rows(&self, start: usize, count: usize) -> &[u8] {
        self.vectors.run(start, count).as_flattened()
    }

    /// The sense of each text from `first` on, which is the beginning of its vector.
    pub fn meanings(&self, first: Slot) -> Vec<Row> {
        (first..self.count() as Slot).map(|slot| std::array::from_fn(|at| self.row(slot)[at])).collect()
    }

    /// The text's packed vector.
    pub fn row(&self, slot: Slot) -> &[u8] {
        &self.vectors[slot as usize]
    }

    fn write_vector(&mut self, slot: Slot, vector: &Packed) {
        self.vectors[slot as usize] = *vector;
        if (slot as usize).is_multiple_of(SKETCHED) {
            self.sketches[slot as usize / SKETCHED] = sketch(vector);
        }
        self.inverse_lengths[slot as usize] = inverse_length(vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::search::neighbours::NEIGHBOURS;

    fn axis(dimension: usize, other: usize) -> Packed {
        let mut vector = NOTHING;
        vector[dimension] += 50;
        vector[other] += 20;
        vector
    }

    #[test]
    fn the_nearest_come_first_and_a_removed_item_is_never_found() {
        let mut items = Items::default();
        let ids: Vec<Uuid> = (0..3).map(Uuid::from_u128).collect();
        for (i, id) in ids.iter().enumerate() {
            items.put(*id, i as u64, &axis(0, i + 1), &[], Script::default());
        }
        let found = |items: &Items| items.nearest(&axis(0, 2), 2, |_| true).iter().map(|h| h.slot).collect::<Vec<_>>();
        assert_eq!(found(&items), [1, 0]);
        items.clear(1);
        assert_eq!(found(&items), [0, 2]);
        assert!(items.vector(1).all(|v| v == 0.0), "erasure overwrites the vector");
    }

    #[test]
    fn neighbours_stay_sorted_and_the_farthest_leaves() {
        let mut neighbours = Neighbours::default();
        (0..20).for_each(|i| neighbours.offer(i, 100 + (i as u16 * 7) % 20));
        let cosines: Vec<u16> = neighbours.iter().map(|(_, c)| c).collect();
        assert_eq!(cosines.len(), NEIGHBOURS);
        assert!(cosines.is_sorted_by(|a, b| a >= b) && cosines[NEIGHBOURS - 1] == 105);
        let first = neighbours.iter().next().map(|(slot, _)| slot).unwrap_or_default();
        neighbours.forget(first);
        assert!(!neighbours.contains(first) && neighbours.iter().count() == NEIGHBOURS - 1);
    }
}
