//! What people decided about items, as examples for others: the labelled bank.

use std::collections::HashMap;

use super::items::{Neighbours, Slot, ThemeNo, pack_cosine, unpack_cosine};
use super::vector::{DIMENSIONS, Packed, Query, inverse_length};

/// So many nearest labelled items vote.
const VOTERS: usize = 5;
/// The winner needs this share of the votes.
const MAJORITY: f32 = 0.6;

/// The nearest example must be at least this near, in parts of the cosine of the item's own fifth neighbour.
const NEARNESS: f32 = 1.0;
const USUAL: usize = 4;

/// The items that people put where they are, with their vectors side by side.
#[derive(Default)]
pub(super) struct Bank {
    slots: Vec<Slot>,
    rows: Vec<u8>,
    inverse_lengths: Vec<f32>,
    places: HashMap<Slot, usize>,
}

impl Bank {
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub fn add(&mut self, slot: Slot, vector: &[u8]) {
        self.remove(slot);
        self.places.insert(slot, self.slots.len());
        self.slots.push(slot);
        self.rows.extend_from_slice(vector);
        self.inverse_lengths.push(inverse_length(vector));
    }

    pub fn remove(&mut self, slot: Slot) {
        let Some(place) = self.places.remove(&slot) else { return };
        let last = self.slots.len() - 1;
        self.rows.copy_within(last * DIMENSIONS.., place * DIMENSIONS);
        self.rows.truncate(last * DIMENSIONS);
        self.slots.swap_remove(place);
        self.inverse_lengths.swap_remove(place);
        if place < last {
            self.places.insert(self.slots[place], place);
        }
    }

    /// The labelled items nearest to a vector, nearest first; fewer where few have a cosine above 0.
    pub fn nearest(&self, query: &Packed) -> Examples {
        let mut nearest: Vec<(u16, Slot)> = Vec::with_capacity(VOTERS + 1);
        let query = Query::new(query);
        let mut products = vec![0; self.slots.len()];
        query.dots(&self.rows, &mut products);
        for ((dot, inverse), slot) in products.iter().zip(&self.inverse_lengths).zip(&self.slots) {
            let found = (pack_cosine(*dot as f32 * inverse * query.inverse_length()), *slot);
            // Among equals the older item goes first, in whatever order they were labelled.
            let at = nearest.partition_point(|(c, s)| *c > found.0 || (*c == found.0 && *s < found.1));
            if at < VOTERS && found.0 > 0 {
                nearest.insert(at, found);
                nearest.truncate(VOTERS);
            }
        }
        let mut examples = Examples::default();
        examples.0.iter_mut().zip(nearest).for_each(|(place, (cosine, slot))| *place = (slot, cosine));
        examples
    }
}

/// The labelled items nearest to an item. A cosine of 0 marks an unused place.
#[derive(Clone, Copy, Default)]
pub(super) struct Examples([(Slot, u16); VOTERS]);

impl Examples {
    /// All but this item itself.
    pub fn without(mut self, slot: Slot) -> Examples {
        if let Some(at) = self.0.iter().position(|(s, cosine)| *s == slot && *cosine > 0) {
            self.0.copy_within(at + 1.., at);
            self.0[VOTERS - 1] = Default::default();
        }
        self
    }

    /// The theme that people would put the item into, and the cosine of its nearest example; `None` where no example
    /// is as near as the item's own neighbours are, or the examples disagree.
    pub fn verdict(&self, own: &Neighbours, themes: &[ThemeNo]) -> Option<(ThemeNo, f32)> {
        let usual = own.iter().nth(USUAL).map_or(0.0, |(_, cosine)| unpack_cosine(cosine));
        let (_, top) = self.0[0];
        if top == 0 || unpack_cosine(top) < NEARNESS * usual {
            return None;
        }
        let (winner, cosine, share) = self.vote(themes, |_| true)?;
        (share >= MAJORITY).then_some((winner, cosine))
    }

    /// The theme with most votes (cos^4) of the allowed ones, the cosine of its nearest example, and its share.
    pub fn vote(&self, themes: &[ThemeNo], allowed: impl Fn(ThemeNo) -> bool) -> Option<(ThemeNo, f32, f32)> {
        let mut tally: Vec<(ThemeNo, f32, f32)> = Vec::with_capacity(VOTERS);
        for (slot, cosine) in self.0.iter().filter(|(_, cosine)| *cosine > 0) {
            let (theme, cosine) = (themes[*slot as usize], unpack_cosine(*cosine));
            match tally.iter_mut().find(|(t, _, _)| *t == theme) {
                Some((_, _, votes)) => *votes += cosine.powi(4),
                None if allowed(theme) => tally.push((theme, cosine, cosine.powi(4))),
                None => {}
            }
        }
        let all: f32 = tally.iter().map(|(_, _, votes)| votes).sum();
        let winner = tally.into_iter().reduce(|a, b| if b.2 > a.2 { b } else { a })?;
        Some((winner.0, winner.1, winner.2 / all))
    }
}
