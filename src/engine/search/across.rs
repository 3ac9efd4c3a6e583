//! Comparison of Korean texts with texts in other scripts.
//!
//! Between scripts only the meaning part of the vectors says anything: two scripts share hardly a word. So the cosine of
//! two whole vectors is about half of what two texts of one language have, and hardly a text of the other script would
//! be found. Therefore each text has a second, shorter list: the nearest texts of the other script, by the cosine of the
//! meaning parts, in which the mean of each language was taken away.
//!
//! Such cosines are put on the scale of the own language in two steps. Some texts are near to everything in the other
//! script; by CSLS (Conneau et al. 2018) those are preferred that are nearer than is usual for both texts, and in a
//! search this difference is added to the cosine. Then the cosine is divided by what is usual among neighbours within
//! each language: a text that is as near as neighbours usually are counts as much as a neighbour, and unrelated texts
//! count little.

use super::items::Items;
use super::nearest::Hit;
use super::neighbours::{FOREIGN, Foreign, Neighbours, Slot, pack_cosine, unpack_cosine};
use super::script::Script;
use crate::engine::text::likeness::SENSE;
use crate::engine::text::vector::{Packed, inverse_length, value};

/// The usual nearness of a text: the mean cosine to this many neighbours.
pub(in crate::engine) const USUAL: usize = 10;
/// The least usual nearness, because it is divided by.
pub(in crate::engine) const LEAST_USUAL: f32 = 0.1;
/// The number of texts of the other script that are joined by edges. More are stored ([`FOREIGN`]), because CSLS chooses
/// among them.
pub(in crate::engine) const JOINED: usize = 5;
/// The usual cosine of whole vectors in parts of that of meanings, where too few texts are known to tell.
const UNKNOWN_SCALE: f32 = 0.5;
/// How many candidates are found by whole vectors, before they are compared by meaning alone.
const CANDIDATES: usize = 20;

/// The nearest texts of a vector.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Near {
    /// Of its own script, nearest first.
    pub own: Vec<Hit>,
    /// Of the other script, by the cosine of the meaning parts.
    pub foreign: Vec<Hit>,
}

impl Items {
    pub fn script(&self, slot: Slot) -> Script {
        self.scripts[slot as usize]
    }

    /// The scripts of the texts from `first` on.
    pub fn scripts_since(&self, first: Slot) -> &[Script] {
        &self.scripts[first as usize..]
    }

    /// The nearest texts of the other script.
    pub fn foreign(&self, slot: Slot) -> Foreign {
        if (slot as usize) < self.foreign.len() { self.foreign[slot as usize] } else { Foreign::default() }
    }

    /// The lists of the texts from `first` on, as a snapshot of these texts numbers them; empty while all have one script.
    pub fn foreign_since(&self, first: Slot) -> Vec<Foreign> {
        self.foreign.iter_from(first as usize).map(|known| known.since(first)).collect()
    }

    /// Links the text and texts of the other script in both directions.
    pub fn link_foreign(&mut self, slot: Slot, near: impl Iterator<Item = (Slot, u16)>) {
        for (other, cosine) in near.filter(|(_, cosine)| *cosine > 0) {
            let needed = slot.max(other) as usize + 1;
            if self.foreign.len() < needed {
                self.foreign.resize(self.count().max(needed));
            }
            for (of, near) in [(slot, other), (other, slot)] {
                let known = &mut self.foreign[of as usize];
                if !known.contains(near) {
                    known.offer(near, cosine);
                }
            }
        }
    }

    pub(super) fn forget_foreign(&mut self, slot: Slot) {
        if (slot as usize) < self.foreign.len() {
            self.foreign[slot as usize] = Foreign::default();
        }
        self.foreign.iter_mut().for_each(|known| known.forget(slot));
    }

    /// Finds the nearest texts of each script: `k` of the vector's own, and candidates of the other one. Only texts that are
    /// `wanted` are found.
    pub fn nearest_of_both(&self, query: &Packed, script: Script, k: usize, wanted: impl Fn(Slot) -> bool) -> Near {
        let is_own = |slot: Slot| self.script(slot) == script;
        let [own, other] = self.nearest_of_two(query, [k, CANDIDATES.max(k)], wanted, is_own);
        let meaning = Meaning::new(query);
        let cosine = |hit: Hit| Hit { cosine: meaning.cosine(self.row(hit.slot)), ..hit };
        let mut foreign: Vec<Hit> = other.into_iter().map(cosine).filter(|hit| hit.cosine > 0.0).collect();
        foreign.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.slot.cmp(&b.slot)));
        foreign.truncate(FOREIGN.max(k));
        Near { own, foreign }
    }

    /// The nearest texts of both scripts, best first, with cosines on the scale of the vector's own script. Those of the
    /// other script must be at least this near, in parts of what is usual among neighbours.
    pub fn both(&self, query: &Packed, near: &Near, least: f32) -> Vec<Hit> {
        let mut both = near.own.clone();
        if !near.foreign.is_empty() {
            both.extend(self.on_own_scale(query, near, least));
            both.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.slot.cmp(&b.slot)));
        }
        both
    }

    /// The texts of the other script that are near for both sides, with cosines on the scale of the own script.
    fn on_own_scale(&self, query: &Packed, near: &Near, least: f32) -> Vec<Hit> {
        let across = near.foreign.iter().take(FOREIGN).map(|hit| hit.cosine);
        let usual_across = across.sum::<f32>() / near.foreign.len().clamp(1, FOREIGN) as f32;
        let csls = |hit: &Hit| {
            // A text without a list of its own is judged by what is usual for the query.
            let theirs = self.foreign(hit.slot).usual(FOREIGN);
            2.0 * hit.cosine - usual_across - if theirs > 0.0 { theirs } else { usual_across }
        };
        let mut chosen: Vec<(f32, Hit)> = near.foreign.iter().map(|hit| (csls(hit), *hit)).collect();
        chosen.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.slot.cmp(&b.1.slot)));
        chosen.truncate(JOINED.max(near.own.len() / 3));
        let own = near.own.iter().take(USUAL).map(|hit| (hit.slot, pack_cosine(hit.cosine)));
        let of_query = self.usual(query, own);
        let scaled = |(csls, hit): (f32, Hit)| {
            let neighbours = self.neighbours[hit.slot as usize].iter().take(USUAL);
            let theirs = self.usual(self.row(hit.slot), neighbours);
            let (usual, meaning) = match (of_query, theirs) {
                (Some(a), Some(b)) => ((a.0 * b.0).sqrt(), (a.1 * b.1).sqrt()),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => (UNKNOWN_SCALE, 1.0),
            };
            let nearness = (hit.cosine + csls) / meaning;
            (nearness > least).then(|| Hit { cosine: (usual * nearness).min(1.0), ..hit })
        };
        chosen.into_iter().filter_map(scaled).collect()
    }

    /// The mean cosine to neighbours, and that of their meaning parts; `None` where there are too few to tell.
    fn usual(&self, row: &[u8], neighbours: impl Iterator<Item = (Slot, u16)>) -> Option<(f32, f32)> {
        let meaning = Meaning::new(row);
        let (mut count, mut whole, mut meant) = (0, 0.0, 0.0);
        for (slot, cosine) in neighbours {
            count += 1;
            whole += unpack_cosine(cosine);
            meant += meaning.cosine(self.row(slot));
        }
        let mean = |sum: f32| (sum / count as f32).max(LEAST_USUAL);
        (2 * count >= USUAL).then(|| (mean(whole), mean(meant)))
    }
}

/// The sense of a vector: its meaning and its likeness to known matters.
pub(in crate::engine) struct Meaning {
    values: [i16; SENSE],
    inverse_length: f32,
}

impl Meaning {
    pub fn new(row: &[u8]) -> Self {
        let values = std::array::from_fn(|at| i16::from(value(row[at])));
        Meaning { values, inverse_length: inverse_length(&row[..SENSE]) }
    }

    /// The cosine with the meaning part of another vector.
    pub fn cosine(&self, row: &[u8]) -> f32 {
        let (mut dot, mut square) = (0i32, 0i32);
        for (own, byte) in self.values.iter().zip(&row[..SENSE]) {
            let other = i16::from(value(*byte));
            dot += i32::from(own * other);
            square += i32::from(other * other);
        }
        if square > 0 { dot as f32 * self.inverse_length / (square as f32).sqrt() } else { 0.0 }
    }
}

/// The edges between texts of two scripts, and their weights: the cosine relative to the usual nearness of the two texts
/// within their languages, cubed, and halved unless each prefers the other. `rows` begin with the meaning parts.
pub(in crate::engine) fn edges<R: AsRef<[u8]>>(
    rows: &[R],
    neighbours: &[Neighbours],
    foreign: &[Foreign],
) -> Vec<(Slot, Slot, f32)> {
    if foreign.is_empty() {
        return Vec::new();
    }
    let usual = |slot: usize| {
        let meaning = Meaning::new(rows[slot].as_ref());
        let cosines =
            neighbours[slot].iter().take(USUAL).map(|(other, _)| meaning.cosine(rows[other as usize].as_ref()));
        let (sum, count) = cosines.fold((0.0, 0.0), |(sum, count), cosine| (sum + cosine, count + 1.0));
        (count > 0.0).then(|| f32::max(sum / count, LEAST_USUAL))
    };
    let usual: Vec<Option<f32>> = (0..foreign.len()).map(usual).collect();
    let across: Vec<f32> = foreign.iter().map(|known| known.usual(FOREIGN)).collect();
    let preferred: Vec<Vec<(Slot, f32)>> = (0..foreign.len()).map(|slot| preferred(slot, foreign, &across)).collect();
    let mut edges = Vec::new();
    for (slot, near) in preferred.iter().enumerate() {
        for (other, cosine) in near {
            let (a, b) = (slot as Slot, *other);
            let mutual = preferred[b as usize].iter().any(|(back, _)| *back == a);
            if mutual && b < a {
                continue; // This edge is added from the other side.
            }
            // A text without neighbours is judged by what is usual for the other one.
            let scale = match (usual[slot], usual[b as usize]) {
                (Some(a), Some(b)) => (a * b).sqrt(),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => 1.0,
            };
            edges.push((a, b, (cosine / scale).powi(3) * if mutual { 1.0 } else { 0.5 }));
        }
    }
    edges
}

/// The texts of the other script that a text prefers by CSLS, with the cosine of the meaning parts.
fn preferred(slot: usize, foreign: &[Foreign], across: &[f32]) -> Vec<(Slot, f32)> {
    let cosines = foreign[slot].iter().map(|(other, cosine)| (other, unpack_cosine(cosine)));
    let mut near: Vec<(f32, Slot, f32)> = cosines
        .map(|(other, cosine)| {
            (2.0 * cosine - across[slot] - across.get(other as usize).copied().unwrap_or(0.0), other, cosine)
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.into_iter().take(JOINED).map(|(_, other, cosine)| (other, cosine)).collect()
}
