//! Nearest-neighbour search: full comparison for few texts, a walk over the neighbour graph for many.
//!
//! The walk starts at the texts with the nearest sketches, out of a sample spread evenly over time. It examines the
//! neighbours of the texts it has found, and continues from the best until nothing better is found.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::items::{Items, SKETCHED};
use super::neighbours::{Slot, pack_cosine};
use super::sketch::{differences, sketch};
use crate::engine::text::vector::{Packed, Query, fetch};

/// The number of texts from which on the graph is walked; below it, full comparison is as fast.
const WALK_FROM: usize = 32_768;
/// A walk starts at this many texts with the nearest sketches ...
const STARTING_POINTS: usize = 256;
/// ... out of at most this many sketches.
const SKETCHES: usize = 524_288;
/// A walk ends when this many of the best texts found have no better neighbours.
const MET: usize = 160;

/// From a walk's nearest texts this many are asked for texts of the other script, and as many of those for theirs.
const ASKED: usize = 6;

/// How many dot products are computed before they are evaluated; they stay in the first-level cache.
const STRIDE: usize = 256;

/// A text that was found, and its cosine with the query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Hit {
    pub slot: Slot,
    pub cosine: f32,
}

/// The best hits so far, best first, ties by slot, at most k.
struct Best {
    hits: Vec<Hit>,
    k: usize,
    bar: f32,
}

impl Best {
    fn new(k: usize) -> Self {
        Best { hits: Vec::with_capacity(k + 1), k, bar: 0.0 }
    }

    fn offer(&mut self, slot: Slot, cosine: f32) {
        if cosine >= self.bar && cosine > 0.0 && self.k > 0 {
            let place =
                self.hits.partition_point(|hit| hit.cosine > cosine || (hit.cosine == cosine && hit.slot < slot));
            self.hits.insert(place, Hit { slot, cosine });
            self.hits.truncate(self.k);
            self.bar = if self.hits.len() == self.k { self.hits[self.k - 1].cosine } else { 0.0 };
        }
    }
}

/// The texts that a walk has met, as a bit set.
struct Seen(Vec<u64>);

impl Seen {
    /// Marks the text as met; returns whether it was not met before.
    fn is_new(&mut self, slot: Slot) -> bool {
        let (word, bit) = (&mut self.0[slot as usize / 64], 1 << (slot % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

impl Items {
    /// The k nearest texts that are `wanted` and have a cosine above 0, nearest first, ties by slot. A removed text has
    /// cosine 0 with everything, so it is never found. Exact for few texts; for many, a tenth neighbour may be missed
    /// now and then.
    pub fn nearest(&self, query: &Packed, k: usize, wanted: impl Fn(Slot) -> bool) -> Vec<Hit> {
        if self.count() < WALK_FROM {
            return self.nearest_of_all(query, k, wanted);
        }
        let mut found = self.walk(query, MET.max(2 * k));
        found.retain(|hit| wanted(hit.slot));
        found.truncate(k);
        found
    }

    /// Searches two groups of texts in one pass: those for which `is_first` is true, and all others. Returns at most
    /// `most[0]` texts of the first group and `most[1]` of the second, nearest first. Texts for which `wanted` is false are
    /// skipped.
    pub fn nearest_of_two(
        &self,
        query: &Packed,
        most: [usize; 2],
        wanted: impl Fn(Slot) -> bool,
        is_first: impl Fn(Slot) -> bool,
    ) -> [Vec<Hit>; 2] {
        if self.count() < WALK_FROM {
            return self.compared(query, most, wanted, |slot| usize::from(!is_first(slot)));
        }
        let (mut first, mut second): (Vec<Hit>, Vec<Hit>) = self
            .walk(query, MET.max(2 * most[0]))
            .into_iter()
            .filter(|hit| wanted(hit.slot))
            .partition(|hit| is_first(hit.slot));
        self.reach_across(query, &first, &mut second, |slot| wanted(slot) && !is_first(slot));
        first.truncate(most[0]);
        second.truncate(most[1]);
        [first, second]
    }

    /// Adds texts of the other script to those that a walk has met: those listed by the nearest texts, and then their own
    /// neighbours.
    fn reach_across(&self, query: &Packed, near: &[Hit], found: &mut Vec<Hit>, wanted: impl Fn(Slot) -> bool) {
        let query = Query::new(query);
        let mut seen: Vec<Slot> = found.iter().map(|hit| hit.slot).collect();
        let mut next: Vec<Slot> = near
            .iter()
            .take(ASKED)
            .flat_map(|hit| self.foreign(hit.slot).iter().collect::<Vec<_>>())
            .map(|(slot, _)| slot)
            .collect();
        for _ in 0..2 {
            next.sort_unstable();
            next.dedup();
            next.retain(|slot| !seen.contains(slot) && wanted(*slot));
            seen.extend(&next);
            let cosine =
                |slot: &Slot| query.dot(self.row(*slot)) as f32 * self.inverse_length(*slot) * query.inverse_length();
            found.extend(
                next.iter().map(|slot| Hit { slot: *slot, cosine: cosine(slot) }).filter(|hit| hit.cosine > 0.0),
            );
            found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.slot.cmp(&b.slot)));
            next = found
                .iter()
                .take(ASKED)
                .flat_map(|hit| self.neighbours[hit.slot as usize].iter().collect::<Vec<_>>())
                .map(|(slot, _)| slot)
                .collect();
        }
    }

    /// The same, always exact: every text is compared.
    pub fn nearest_of_all(&self, query: &Packed, k: usize, wanted: impl Fn(Slot) -> bool) -> Vec<Hit> {
        let [best] = self.compared(query, [k], wanted, |_| 0);
        best
    }

    /// Finds the nearest texts of each kind by comparing all: at most `most[kind]` of each.
    fn compared<const K: usize>(
        &self,
        query: &Packed,
        most: [usize; K],
        wanted: impl Fn(Slot) -> bool,
        kind: impl Fn(Slot) -> usize,
    ) -> [Vec<Hit>; K] {
        let query = Query::new(query);
        let mut best = most.map(|k| Best::new(if query.inverse_length() > 0.0 { k.min(self.count()) } else { 0 }));
        let mut products = [0; STRIDE];
        for start in (0..self.count()).step_by(STRIDE) {
            let count = STRIDE.min(self.count() - start);
            query.dots(self.rows(start, count), &mut products);
            for (slot, (dot, inverse)) in
                (start..).zip(products.iter().zip(&self.inverse_lengths[start..start + count]))
            {
                let cosine = *dot as f32 * inverse * query.inverse_length();
                let best = &mut best[kind(slot as Slot)];
                if cosine > best.bar && wanted(slot as Slot) {
                    best.offer(slot as Slot, cosine);
                }
            }
        }
        best.map(|best| best.hits)
    }

    /// The texts whose sketches are nearest to the query's.
    fn starting_points(&self, query: &Packed) -> Vec<Slot> {
        let step = self.sketches.len().div_ceil(SKETCHES);
        let mut nearest: Vec<(u16, Slot)> = Vec::with_capacity(2 * STARTING_POINTS);
        let mut bar = u16::MAX;
        for (at, difference) in differences(&sketch(query), &self.sketches, step).into_iter().enumerate() {
            if difference < bar {
                nearest.push((difference, (at * step * SKETCHED) as Slot));
            }
            if nearest.len() == 2 * STARTING_POINTS {
                bar = nearest.select_nth_unstable(STARTING_POINTS - 1).1.0;
                nearest.truncate(STARTING_POINTS);
            }
        }
        nearest.sort_unstable();
        nearest.into_iter().take(STARTING_POINTS).map(|(_, slot)| slot).collect()
    }

    /// The best of the texts that a walk meets.
    fn walk(&self, query: &Packed, met: usize) -> Vec<Hit> {
        let starts = self.starting_points(query);
        let query = Query::new(query);
        if query.inverse_length() == 0.0 {
            return Vec::new();
        }
        let cosine = |slot: Slot| query.dot(self.row(slot)) as f32 * self.inverse_length(slot) * query.inverse_length();
        let mut best = Best::new(met);
        let mut seen = Seen(vec![0; self.count().div_ceil(64)]);
        // Cosines as integers, because a heap needs a total order.
        let mut next: BinaryHeap<(u16, Reverse<Slot>)> = BinaryHeap::with_capacity(2 * met);
        starts.iter().for_each(|slot| fetch(self.row(*slot)));
        for slot in starts {
            let cosine = cosine(slot);
            seen.is_new(slot);
            best.offer(slot, cosine);
            next.push((pack_cosine(cosine), Reverse(slot)));
        }
        let mut new: Vec<Slot> = Vec::new();
        while let Some((near, Reverse(slot))) = next.pop() {
            if near < pack_cosine(best.bar) {
                break;
            }
            let listed = self.neighbours[slot as usize].iter().map(|(other, _)| other);
            new.clear();
            new.extend(listed.chain(self.children(slot)).filter(|other| seen.is_new(*other)));
            new.iter().for_each(|other| fetch(self.row(*other)));
            for other in &new {
                let cosine = cosine(*other);
                if cosine > best.bar {
                    best.offer(*other, cosine);
                    next.push((pack_cosine(cosine), Reverse(*other)));
                }
            }
        }
        best.hits
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::engine::search::neighbours::NEIGHBOURS;
    use crate::engine::search::script::Script;
    use crate::engine::text::vector::{DIMENSIONS, NOTHING};

    #[test]
    fn a_walk_finds_nearly_what_comparing_all_finds() {
        let mut items = Items::default();
        let mut state = 1u64;
        let mut number = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        // Sparse vectors around 40 topics, similar to those of short texts.
        let mut vector = |subject: usize| -> Packed {
            let mut vector = NOTHING;
            (0..30).for_each(|i| {
                vector[(subject * 97 + i * 13 + number(2) as usize) % DIMENSIONS] = 80 + number(40) as u8
            });
            (0..30).for_each(|_| vector[number(DIMENSIONS as u64) as usize] = 20 + number(80) as u8);
            vector
        };
        for i in 0..2_000 {
            let vector = vector(i % 40);
            let near = items.nearest_of_all(&vector, NEIGHBOURS, |_| true);
            let slot = items.put(Uuid::from_u128(i as u128), i as u64, &vector, &[], Script::default());
            items.link(slot, near.iter().map(|hit| (hit.slot, pack_cosine(hit.cosine))));
        }
        let mut found = 0;
        for subject in 0..40 {
            let query = vector(subject);
            let exact = items.nearest_of_all(&query, 10, |_| true);
            found += items.walk(&query, MET).iter().take(10).filter(|hit| exact.contains(hit)).count();
        }
        assert!(found >= 380, "{found} of 400");
    }
}
