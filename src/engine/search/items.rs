//! The texts of the grouped items in memory, about 800 bytes each: vectors in blocks, everything else in one array a
//! field. A text is known by its slot; equal texts have one, see [`super::copies`].

use uuid::Uuid;

use super::copies::{Copies, Key, Member};
use super::sketch::{Sketch, sketch};
use crate::engine::refinement::cooccurrence::{Cell, Row, Texts};
use crate::engine::text::meaning::MEANING;
use crate::engine::text::vector::{DIMENSIONS, NOTHING, Packed, inverse_length, value};

/// A text's place in the order of arrival.
pub(in crate::engine) type Slot = u32;

/// How many nearest neighbours a text keeps.
pub(in crate::engine) const NEIGHBOURS: usize = 15;

/// One in so many texts has a sketch: those nearest to a vector lie among the neighbours of others nearly as near.
pub(in crate::engine) const SKETCHED: usize = 2;

/// Vectors are kept in blocks of this many, so that growing never copies them or doubles the memory.
const BLOCK: usize = 4096;
/// No text; a text that hangs nowhere yet.
const NONE: Slot = Slot::MAX;
const UNHUNG: Slot = Slot::MAX - 1;

/// A theme's number inside one grouper.
pub(in crate::engine) type ThemeNo = u32;
/// The theme number of an item that is dismissed or erased.
pub(in crate::engine) const NO_THEME: ThemeNo = u32::MAX;

/// A text's nearest neighbours, nearest first. A cosine of 0 marks an unused place.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct Neighbours {
    slots: [Slot; NEIGHBOURS],
    cosines: [u16; NEIGHBOURS],
}

impl Neighbours {
    pub fn iter(&self) -> impl Iterator<Item = (Slot, u16)> + '_ {
        self.slots.iter().copied().zip(self.cosines).take_while(|(_, cosine)| *cosine > 0)
    }

    pub fn contains(&self, slot: Slot) -> bool {
        self.iter().any(|(s, _)| s == slot)
    }

    /// Takes a neighbour in where it belongs; the farthest makes room. Among equals the earlier one stays ahead. It must
    /// not be there yet.
    pub fn offer(&mut self, slot: Slot, cosine: u16) {
        let at = self.cosines.partition_point(|c| *c >= cosine);
        if at < NEIGHBOURS {
            self.slots.copy_within(at..NEIGHBOURS - 1, at + 1);
            self.cosines.copy_within(at..NEIGHBOURS - 1, at + 1);
            (self.slots[at], self.cosines[at]) = (slot, cosine);
        }
    }

    fn forget(&mut self, slot: Slot) {
        let known = self.iter().position(|(s, _)| s == slot);
        if let Some(at) = known {
            self.slots.copy_within(at + 1.., at);
            self.cosines.copy_within(at + 1.., at);
            self.cosines[NEIGHBOURS - 1] = 0;
        }
    }
}

/// Cosines are kept in 1/65,535ths; nothing at or below 0 is kept.
pub(in crate::engine) fn pack_cosine(cosine: f32) -> u16 {
    (cosine.clamp(0.0, 1.0) * 65_535.0).round() as u16
}

/// A kept cosine as a number in 0..=1.
pub(in crate::engine) fn unpack_cosine(cosine: u16) -> f32 {
    f32::from(cosine) / 65_535.0
}

#[derive(Default)]
pub(in crate::engine) struct Items {
    /// Which items say which text, and where each is.
    pub copies: Copies,
    pub neighbours: Vec<Neighbours>,
    pub texts: Texts,
    /// Each text hangs on the one that was nearest when it came, so that a walk can reach it even where it is in
    /// nobody's list: the youngest that hangs on a text, and the next older one on the same.
    youngest: Vec<Slot>,
    older: Vec<Slot>,
    blocks: Vec<Box<[u8]>>,
    /// The sketches of every [`SKETCHED`]-th text.
    pub sketches: Vec<Sketch>,
    pub inverse_lengths: Vec<f32>,
}

impl Items {
    /// Slots in use, those of removed texts included.
    pub fn count(&self) -> usize {
        self.neighbours.len()
    }

    /// Whether any item says the text.
    pub fn is_present(&self, slot: Slot) -> bool {
        self.copies.is_said(slot)
    }

    /// The text that an item says, if the item is there.
    pub fn slot(&self, id: Uuid) -> Option<Slot> {
        self.copies.present(id).map(|number| self.copies.member(number).slot)
    }

    /// Takes in an item with a text that no other says (in its old slot where that is free), without a theme.
    pub fn put(&mut self, id: Uuid, key: Key, vector: &Packed, cells: &[Cell]) -> Slot {
        let slot = self.copies.slot_for(id, key);
        if slot as usize == self.count() {
            self.neighbours.push(Neighbours::default());
            self.youngest.push(NONE);
            self.older.push(UNHUNG);
            self.inverse_lengths.push(0.0);
            if (slot as usize).is_multiple_of(BLOCK) {
                self.blocks.push(vec![0; BLOCK * DIMENSIONS].into_boxed_slice());
            }
            if (slot as usize).is_multiple_of(SKETCHED) {
                self.sketches.push(Sketch::default());
            }
        }
        self.copies.join(id, slot);
        self.write_vector(slot, vector);
        self.texts.put(slot, cells);
        slot
    }

    /// Links the text with its neighbours, which get to know it in turn.
    pub fn link(&mut self, slot: Slot, neighbours: impl Iterator<Item = (Slot, u16)>) {
        for (other, cosine) in neighbours.filter(|(other, cosine)| *other != slot && *cosine > 0) {
            if self.older[slot as usize] == UNHUNG {
                self.older[slot as usize] = std::mem::replace(&mut self.youngest[other as usize], slot);
            }
            for (of, near) in [(slot, other), (other, slot)] {
                let known = &mut self.neighbours[of as usize];
                if !known.contains(near) {
                    known.offer(near, cosine);
                }
            }
        }
    }

    /// The texts that hang on a text, youngest first.
    pub fn hanging(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        let some = |slot: Slot| (slot < UNHUNG).then_some(slot);
        std::iter::successors(some(self.youngest[slot as usize]), move |slot| some(self.older[*slot as usize]))
    }

    /// Overwrites a text that nobody says any more and takes it out of all neighbours.
    pub fn clear(&mut self, slot: Slot) {
        self.write_vector(slot, &NOTHING);
        self.texts.clear(slot);
        self.neighbours[slot as usize] = Neighbours::default();
        self.neighbours.iter_mut().for_each(|n| n.forget(slot));
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

    /// The items that are in the theme, in order of arrival.
    pub fn members(&self, theme: ThemeNo) -> impl Iterator<Item = &Member> + '_ {
        self.copies.members().iter().filter(move |member| member.theme == theme)
    }

    /// The packed vectors of `count` slots from `start` on, all in one block.
    pub fn rows(&self, start: usize, count: usize) -> &[u8] {
        let first = start % BLOCK;
        &self.blocks[start / BLOCK][first * DIMENSIONS..(first + count) * DIMENSIONS]
    }

    /// What each text means: the leading part of its vector.
    pub fn meanings(&self) -> Vec<Row> {
        let leading = |slot: usize| self.row(slot as Slot).first_chunk().copied();
        (0..self.count()).map(|slot| leading(slot).unwrap_or([0; MEANING])).collect()
    }

    /// The text's packed vector.
    pub fn row(&self, slot: Slot) -> &[u8] {
        self.rows(slot as usize, 1)
    }

    fn write_vector(&mut self, slot: Slot, vector: &Packed) {
        let start = slot as usize % BLOCK * DIMENSIONS;
        self.blocks[slot as usize / BLOCK][start..start + DIMENSIONS].copy_from_slice(vector);
        if (slot as usize).is_multiple_of(SKETCHED) {
            self.sketches[slot as usize / SKETCHED] = sketch(vector);
        }
        self.inverse_lengths[slot as usize] = inverse_length(vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            items.put(*id, i as u64, &axis(0, i + 1), &[]);
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
