//! Labelled examples: items that people assigned to themes, used as training data for similar items
//! (k-nearest-neighbour classification).

use std::collections::HashMap;

use crate::engine::search::neighbours::{Neighbours, Slot, ThemeNo, pack_cosine, unpack_cosine};
use crate::engine::text::vector::{DIMENSIONS, Packed, Query, inverse_length};

/// How many nearest examples vote.
const VOTERS: usize = 5;
/// The share of the votes that the winner needs.
const MAJORITY: f32 = 0.6;

/// The least cosine of the nearest example, as a multiple of the cosine of the text's own fifth neighbour.
const NEARNESS: f32 = 1.0;
const USUAL: usize = 4;

/// A text and a theme that people assigned copies of it to. Any number of copies is one example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::engine) struct Example {
    pub slot: Slot,
    pub theme: ThemeNo,
}

/// All examples, with their vectors in one contiguous array.
#[derive(Default)]
pub(in crate::engine) struct Examples {
    examples: Vec<Example>,
    rows: Vec<u8>,
    inverse_lengths: Vec<f32>,
    /// The index of each example, and the number of its copies.
    places: HashMap<Example, (usize, usize)>,
}

impl Examples {
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Adds one copy that a person assigned.
    pub fn add(&mut self, example: Example, vector: &[u8]) {
        let (_, copies) = self.places.entry(example).or_insert((self.examples.len(), 0));
        *copies += 1;
        if *copies == 1 {
            self.examples.push(example);
            self.rows.extend_from_slice(vector);
            self.inverse_lengths.push(inverse_length(vector));
        }
    }

    /// Removes one copy. The example is removed with its last copy.
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

    /// The examples nearest to a vector, nearest first; fewer where fewer have a cosine above 0.
    pub fn nearest(&self, query: &Packed) -> NearestExamples {
        let mut nearest: Vec<(u16, Example)> = Vec::with_capacity(VOTERS + 1);
        let query = Query::new(query);
        let mut products = vec![0; self.examples.len()];
        query.dots(&self.rows, &mut products);
        for ((dot, inverse), example) in products.iter().zip(&self.inverse_lengths).zip(&self.examples) {
            let found = (pack_cosine(*dot as f32 * inverse * query.inverse_length()), *example);
            // Ties go to the older text, independent of the order of labelling.
            let at = nearest.partition_point(|(c, s)| *c > found.0 || (*c == found.0 && *s < found.1));
            if at < VOTERS && found.0 > 0 {
                nearest.insert(at, found);
                nearest.truncate(VOTERS);
            }
        }
        let mut examples = NearestExamples::default();
        examples.0.iter_mut().zip(nearest).for_each(|(place, (cosine, example))| *place = (example, cosine));
        examples
    }
}

/// The examples nearest to a text. A cosine of 0 marks an unused entry.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct NearestExamples([(Example, u16); VOTERS]);

impl NearestExamples {
    /// The same without the examples of this text itself.
    pub fn without(&self, slot: Slot) -> NearestExamples {
        let mut others = NearestExamples::default();
        let kept = self.0.iter().filter(|(example, cosine)| example.slot != slot && *cosine > 0);
        others.0.iter_mut().zip(kept).for_each(|(place, other)| *place = *other);
        others
    }

    /// The examples as a snapshot of the texts from `first` on numbers them. An older example gets a number that no text of the
    /// snapshot has.
    pub fn since(mut self, first: Slot) -> NearestExamples {
        self.0.iter_mut().for_each(|(example, _)| example.slot = example.slot.wrapping_sub(first));
        self
    }

    /// The theme predicted for the text, and the cosine of its nearest example. `None` where no example is as near as
    /// the text's own neighbours are, or where the examples disagree.
    pub fn verdict(&self, own: &Neighbours) -> Option<(ThemeNo, f32)> {
        let usual = own.iter().nth(USUAL).map_or(0.0, |(_, cosine)| unpack_cosine(cosine));
        let (_, top) = self.0[0];
        if top == 0 || unpack_cosine(top) < NEARNESS * usual {
            return None;
        }
        let (winner, cosine, share) = self.vote(|_| true)?;
        (share >= MAJORITY).then_some((winner, cosine))
    }

    /// The theme with the most votes (cos^4) among the allowed ones, the cosine of its nearest example, and its share
    /// of the votes.
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
