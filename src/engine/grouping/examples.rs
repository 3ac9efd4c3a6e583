//! What people decided about items, as examples for others: the labelled bank.

use std::collections::HashMap;

use crate::engine::search::items::{Neighbours, Slot, ThemeNo, pack_cosine, unpack_cosine};
use crate::engine::text::vector::{DIMENSIONS, Packed, Query, inverse_length};

/// So many nearest examples vote.
const VOTERS: usize = 5;
/// The winner needs this share of the votes.
const MAJORITY: f32 = 0.6;

/// The nearest example must be at least this near, in parts of the cosine of the text's own fifth neighbour.
const NEARNESS: f32 = 1.0;
const USUAL: usize = 4;

/// A text and a theme that people put copies of it in: however many, they are one example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::engine) struct Example {
    pub slot: Slot,
    pub theme: ThemeNo,
}

/// The examples that people gave, with their vectors side by side.
#[derive(Default)]
pub(in crate::engine) struct Bank {
    examples: Vec<Example>,
    rows: Vec<u8>,
    inverse_lengths: Vec<f32>,
    /// Where each example stands, and how many copies say the same.
    places: HashMap<Example, (usize, usize)>,
}

impl Bank {
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Counts one more copy that a person put there.
    pub fn add(&mut self, example: Example, vector: &[u8]) {
        let (_, copies) = self.places.entry(example).or_insert((self.examples.len(), 0));
        *copies += 1;
        if *copies == 1 {
            self.examples.push(example);
            self.rows.extend_from_slice(vector);
            self.inverse_lengths.push(inverse_length(vector));
        }
    }

    /// Counts one copy less; the last one takes the example along.
    pub fn remove(&mut self, example: Example) {
        let Some((place, copies)) = self.places.get_mut(&example) else { return };
        *copies -= 1;
        if *copies > 0 {
            return;
        }
        let place = *place;
        self.places.remove(&example);
        let last = self.examples.len() - 1;
        self.rows.copy_within(last * DIMENSIONS.., place * DIMENSIONS);
        self.rows.truncate(last * DIMENSIONS);
        self.examples.swap_remove(place);
        self.inverse_lengths.swap_remove(place);
        if let Some(moved) = self.examples.get(place).and_then(|moved| self.places.get_mut(moved)) {
            moved.0 = place;
        }
    }

    /// The examples nearest to a vector, nearest first; fewer where few have a cosine above 0.
    pub fn nearest(&self, query: &Packed) -> Examples {
        let mut nearest: Vec<(u16, Example)> = Vec::with_capacity(VOTERS + 1);
        let query = Query::new(query);
        let mut products = vec![0; self.examples.len()];
        query.dots(&self.rows, &mut products);
        for ((dot, inverse), example) in products.iter().zip(&self.inverse_lengths).zip(&self.examples) {
            let found = (pack_cosine(*dot as f32 * inverse * query.inverse_length()), *example);
            // Among equals the older text goes first, in whatever order they were labelled.
            let at = nearest.partition_point(|(c, s)| *c > found.0 || (*c == found.0 && *s < found.1));
            if at < VOTERS && found.0 > 0 {
                nearest.insert(at, found);
                nearest.truncate(VOTERS);
            }
        }
        let mut examples = Examples::default();
        examples.0.iter_mut().zip(nearest).for_each(|(place, (cosine, example))| *place = (example, cosine));
        examples
    }
}

/// The examples nearest to a text. A cosine of 0 marks an unused place.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct Examples([(Example, u16); VOTERS]);

impl Examples {
    /// All but those of this text itself.
    pub fn without(&self, slot: Slot) -> Examples {
        let mut others = Examples::default();
        let kept = self.0.iter().filter(|(example, cosine)| example.slot != slot && *cosine > 0);
        others.0.iter_mut().zip(kept).for_each(|(place, other)| *place = *other);
        others
    }

    /// The theme that people would put the text into, and the cosine of its nearest example; `None` where no example
    /// is as near as the text's own neighbours are, or the examples disagree.
    pub fn verdict(&self, own: &Neighbours) -> Option<(ThemeNo, f32)> {
        let usual = own.iter().nth(USUAL).map_or(0.0, |(_, cosine)| unpack_cosine(cosine));
        let (_, top) = self.0[0];
        if top == 0 || unpack_cosine(top) < NEARNESS * usual {
            return None;
        }
        let (winner, cosine, share) = self.vote(|_| true)?;
        (share >= MAJORITY).then_some((winner, cosine))
    }

    /// The theme with most votes (cos^4) of the allowed ones, the cosine of its nearest example, and its share.
    pub fn vote(&self, allowed: impl Fn(ThemeNo) -> bool) -> Option<(ThemeNo, f32, f32)> {
        let mut tally: Vec<(ThemeNo, f32, f32)> = Vec::with_capacity(VOTERS);
        for (example, cosine) in self.0.iter().filter(|(_, cosine)| *cosine > 0) {
            let (theme, cosine) = (example.theme, unpack_cosine(*cosine));
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
