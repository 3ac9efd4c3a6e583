//! The grouped items in memory, about 850 bytes each: vectors in blocks, everything else in one array a field.
//! An item is known by its slot, its place in the order of arrival.

use std::collections::HashMap;

use uuid::Uuid;

use super::sketch::{SKETCH, rough_dots, sketch};
use super::vector::{DIMENSIONS, NOTHING, Packed, dots, inverse_length, value};

/// An item's place in the order of arrival.
pub(super) type Slot = u32;

/// How many nearest neighbours an item keeps.
pub(super) const NEIGHBOURS: usize = 15;

/// Vectors are kept in blocks of this many, so that growing never copies them or doubles the memory.
const BLOCK: usize = 4096;
/// So many dot products are computed before they are looked at; they stay in the first-level cache.
const STRIDE: usize = 256;

/// A rough search compares exactly at least this many items, those with the most like sketches.
const COMPARED: usize = 200;

/// A theme's number inside one grouper.
pub(super) type ThemeNo = u32;
/// The theme number of an item that is dismissed or erased.
pub(super) const NO_THEME: ThemeNo = u32::MAX;

/// An item's nearest neighbours, nearest first. A cosine of 0 marks an unused place.
#[derive(Clone, Copy, Default)]
pub(super) struct Neighbours {
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

    /// Takes a neighbour in where it belongs; the farthest makes room. Among equals the earlier one stays ahead.
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
pub(super) fn pack_cosine(cosine: f32) -> u16 {
    (cosine.clamp(0.0, 1.0) * 65_535.0).round() as u16
}

/// A kept cosine as a number in 0..=1.
pub(super) fn unpack_cosine(cosine: u16) -> f32 {
    f32::from(cosine) / 65_535.0
}

/// A found item and its cosine with what was looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub slot: Slot,
    pub cosine: f32,
}

/// The best hits so far, best first, at most k.
struct Best {
    hits: Vec<Hit>,
    k: usize,
    bar: f32,
}

impl Best {
    fn new(k: usize) -> Self {
        Best { hits: Vec::with_capacity(k + 1), k, bar: 0.0 }
    }

    /// Slots must come in order, so that among equals the earlier stays ahead.
    fn offer(&mut self, slot: Slot, cosine: f32, wanted: impl Fn(Slot) -> bool) {
        if cosine > self.bar && self.k > 0 && wanted(slot) {
            let place = self.hits.partition_point(|hit| hit.cosine >= cosine);
            self.hits.insert(place, Hit { slot, cosine });
            self.hits.truncate(self.k);
            self.bar = if self.hits.len() == self.k { self.hits[self.k - 1].cosine } else { 0.0 };
        }
    }

    /// Dot products of the slots from `start` on; times both inverse lengths they are cosines.
    fn offer_all(&mut self, start: usize, dots: &[i32], inverse: &[f32], query: f32, wanted: impl Fn(Slot) -> bool) {
        for (slot, (dot, inverse)) in (start..).zip(dots.iter().zip(&inverse[start..])) {
            self.offer(slot as Slot, *dot as f32 * inverse * query, &wanted);
        }
    }
}

/// The rows of W bytes of `count` slots from `start` on, all in one block.
fn stretch<const W: usize>(blocks: &[Box<[u8]>], start: usize, count: usize) -> &[u8] {
    let first = start % BLOCK;
    &blocks[start / BLOCK][first * W..(first + count) * W]
}

#[derive(Default)]
pub(super) struct Items {
    pub ids: Vec<Uuid>,
    pub themes: Vec<ThemeNo>,
    pub pinned: Vec<bool>,
    pub neighbours: Vec<Neighbours>,
    blocks: Vec<Box<[u8]>>,
    inverse_lengths: Vec<f32>,
    sketches: Vec<Box<[u8]>>,
    inverse_sketch_lengths: Vec<f32>,
    slots: HashMap<Uuid, Slot>,
}

impl Items {
    /// Slots in use, those of removed items included.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    pub fn slot(&self, id: Uuid) -> Option<Slot> {
        self.slots.get(&id).copied()
    }

    pub fn is_present(&self, slot: Slot) -> bool {
        self.themes[slot as usize] != NO_THEME
    }

    /// Gives the id a slot (its old one where it had one) without a theme.
    pub fn put(&mut self, id: Uuid, vector: &Packed) -> Slot {
        let slot = *self.slots.entry(id).or_insert(self.ids.len() as Slot);
        if slot as usize == self.ids.len() {
            self.ids.push(id);
            self.themes.push(NO_THEME);
            self.pinned.push(false);
            self.neighbours.push(Neighbours::default());
            self.inverse_lengths.push(0.0);
            self.inverse_sketch_lengths.push(0.0);
            if (slot as usize).is_multiple_of(BLOCK) {
                self.blocks.push(vec![0; BLOCK * DIMENSIONS].into_boxed_slice());
                self.sketches.push(vec![0; BLOCK * SKETCH].into_boxed_slice());
            }
        }
        self.write_vector(slot, vector);
        slot
    }

    /// Links the item with its neighbours, which get to know it in turn.
    pub fn link(&mut self, slot: Slot, neighbours: impl Iterator<Item = (Slot, u16)>) {
        for (other, cosine) in neighbours.filter(|(other, cosine)| *other != slot && *cosine > 0) {
            self.neighbours[slot as usize].offer(other, cosine);
            self.neighbours[other as usize].offer(slot, cosine);
        }
    }

    /// Overwrites the vector and takes the item out of everybody's neighbours. The id keeps its slot.
    pub fn clear(&mut self, slot: Slot) {
        self.write_vector(slot, &NOTHING);
        self.themes[slot as usize] = NO_THEME;
        self.pinned[slot as usize] = false;
        self.neighbours[slot as usize] = Neighbours::default();
        self.neighbours.iter_mut().for_each(|n| n.forget(slot));
    }

    /// The item's vector, not normalised; see [`Items::inverse_length`].
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

    /// Slots of the items that are in the theme, in order of arrival.
    pub fn members(&self, theme: ThemeNo) -> impl Iterator<Item = Slot> + '_ {
        (0..).zip(&self.themes).filter(move |(_, t)| **t == theme).map(|(slot, _)| slot)
    }

    /// The k items nearest to the query with a cosine above 0 that are wanted, nearest first, earlier ones first among
    /// equals. Exact: every item is compared. A removed item is like nothing and so never found.
    pub fn nearest(&self, query: &Packed, k: usize, wanted: impl Fn(Slot) -> bool) -> Vec<Hit> {
        let query_inverse = inverse_length(query);
        let mut best = Best::new(if query_inverse > 0.0 { k.min(self.count()) } else { 0 });
        let mut products = [0; STRIDE];
        for start in (0..self.count()).step_by(STRIDE) {
            let count = STRIDE.min(self.count() - start);
            dots(query, stretch::<DIMENSIONS>(&self.blocks, start, count), &mut products);
            best.offer_all(start, &products[..count], &self.inverse_lengths, query_inverse, &wanted);
        }
        best.hits
    }

    /// Like [`Items::nearest`], but only the items with the most like sketches are compared exactly: less than half the
    /// time among 100,000 items. For look-ups, where a missed tenth neighbour now and then harms nobody.
    pub fn roughly_nearest(&self, query: &Packed, k: usize, wanted: impl Fn(Slot) -> bool) -> Vec<Hit> {
        let query_inverse = inverse_length(query);
        let k = if query_inverse > 0.0 { k.min(self.count()) } else { 0 };
        let compared = if k > 0 { COMPARED.max(4 * k) } else { 0 };
        let mut rough = Best::new(compared);
        let mut products = [0; STRIDE];
        for start in (0..self.count()).step_by(STRIDE) {
            let count = STRIDE.min(self.count() - start);
            rough_dots(query, stretch::<SKETCH>(&self.sketches, start, count), &mut products);
            rough.offer_all(start, &products[..count], &self.inverse_sketch_lengths, query_inverse, &wanted);
        }
        rough.hits.sort_unstable_by_key(|hit| hit.slot);
        let mut best = Best::new(k);
        for Hit { slot, .. } in rough.hits {
            dots(query, self.row(slot), &mut products);
            best.offer(slot, products[0] as f32 * self.inverse_length(slot) * query_inverse, &wanted);
        }
        best.hits
    }

    fn row(&self, slot: Slot) -> &[u8] {
        let start = slot as usize % BLOCK * DIMENSIONS;
        &self.blocks[slot as usize / BLOCK][start..start + DIMENSIONS]
    }

    fn write_vector(&mut self, slot: Slot, vector: &Packed) {
        let start = slot as usize % BLOCK * DIMENSIONS;
        self.blocks[slot as usize / BLOCK][start..start + DIMENSIONS].copy_from_slice(vector);
        self.inverse_lengths[slot as usize] = inverse_length(vector);
        let (sketch, inverse_length) = sketch(vector);
        let start = slot as usize % BLOCK * SKETCH;
        self.sketches[slot as usize / BLOCK][start..start + SKETCH].copy_from_slice(&sketch);
        self.inverse_sketch_lengths[slot as usize] = inverse_length;
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
            let slot = items.put(*id, &axis(0, i + 1));
            items.themes[slot as usize] = 0;
        }
        let found = |items: &Items| items.nearest(&axis(0, 2), 2, |_| true).iter().map(|h| h.slot).collect::<Vec<_>>();
        assert_eq!(found(&items), [1, 0]);
        items.clear(1);
        assert_eq!(found(&items), [0, 2]);
        assert!(items.vector(1).all(|v| v == 0.0), "erasure overwrites the vector");
    }

    #[test]
    fn a_rough_search_finds_nearly_what_an_exact_one_finds() {
        let mut items = Items::default();
        let mut state = 1u64;
        let mut number = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        // Sparse vectors around 40 subjects, as short texts give.
        let mut vector = |subject: usize| -> Packed {
            let mut vector = NOTHING;
            (0..30).for_each(|i| {
                vector[(subject * 97 + i * 13 + number(2) as usize) % DIMENSIONS] = 80 + number(40) as u8
            });
            (0..30).for_each(|_| vector[number(DIMENSIONS as u64) as usize] = 20 + number(80) as u8);
            vector
        };
        for i in 0..3_000 {
            let slot = items.put(Uuid::from_u128(i as u128), &vector(i % 40));
            items.themes[slot as usize] = 0;
        }
        let mut found = 0;
        for subject in 0..40 {
            let query = vector(subject);
            let exact = items.nearest(&query, 10, |_| true);
            found += items.roughly_nearest(&query, 10, |_| true).iter().filter(|hit| exact.contains(hit)).count();
        }
        assert!(found >= 380, "{found} of 400");
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
