//! Replay: runs the whole engine on a labelled stream, item by item, as a server would.

use std::collections::HashMap;

use uuid::Uuid;

use crate::engine::grouping::alone::place_of;
use crate::engine::{Grouper, Kind, Settings};

/// A stream that runs through the engine, with refinements when they are due.
pub struct Replay {
    grouper: Grouper,
    arrivals: Vec<Uuid>,
    /// The number of items that have gone through a refinement, and how many of them warm refinements moved.
    settled: usize,
    chances: usize,
    moved: usize,
    next_theme: u128,
}

impl Replay {
    /// A replay with an empty engine and these settings.
    pub fn new(settings: Settings) -> Self {
        let grouper = Grouper::new(settings);
        Replay { grouper, arrivals: Vec::new(), settled: 0, chances: 0, moved: 0, next_theme: 0 }
    }

    /// Adds the next text, and refines if that is due.
    pub fn take(&mut self, text: &str) {
        let id = item(self.arrivals.len());
        let next_theme = &mut self.next_theme;
        let assignment = self.grouper.assign(id, text, || theme(next_theme));
        self.arrivals.push(assignment.theme.unwrap_or(place_of(id)));
        if let Some(kind) = self.grouper.refinement_due() {
            self.refine(kind);
        }
    }

    /// Ends the stream with one more refinement, as a server does after an import.
    pub fn end(&mut self) {
        let kind = self.grouper.refinement_on_demand();
        self.refine(kind);
    }

    fn refine(&mut self, kind: Kind) {
        let next_theme = &mut self.next_theme;
        let refinement = self.grouper.snapshot().refine(kind, || theme(next_theme));
        if kind == Kind::Warm {
            let is_settled = |id: Uuid| id.as_u128() < self.settled as u128;
            self.chances += self.settled;
            self.moved += refinement.moves.iter().filter(|m| is_settled(m.item)).count();
        }
        self.grouper.apply(&refinement);
        self.settled = self.arrivals.len();
    }

    /// The theme that each item got on arrival, as in [`Replay::themes`].
    pub fn arrivals(&self) -> &[Uuid] {
        &self.arrivals
    }

    /// The present theme of each item. An item without a theme is alone in one of its own.
    pub fn themes(&self) -> Vec<Uuid> {
        let theme = |i| self.grouper.theme_of(item(i)).map_or(place_of(item(i)), |(theme, _)| theme);
        (0..self.arrivals.len()).map(theme).collect()
    }

    /// The id of the item with this index in the order of arrival.
    pub fn item(index: usize) -> Uuid {
        item(index)
    }

    /// The index of an item in the order of arrival.
    pub fn index(id: Uuid) -> usize {
        id.as_u128() as usize
    }

    /// The engine in its present state.
    pub fn grouper(&self) -> &Grouper {
        &self.grouper
    }

    /// The engine in its present state, to go on with.
    pub fn into_grouper(self) -> Grouper {
        self.grouper
    }

    /// The share of already refined items that a warm refinement moves, averaged over all warm refinements.
    pub fn moved_share(&self) -> f64 {
        self.moved as f64 / self.chances.max(1) as f64
    }

    /// Corrects an evenly spread share of the labelled items, as a person who knows the labels would, then refines
    /// warm. Each corrected item is moved to the theme of its label: the theme that holds most of the label, unless
    /// another label has more items there; such a label gets a new theme. Returns which items were corrected.
    pub fn correct<L: Eq + std::hash::Hash + Copy + Ord>(&mut self, labels: &[Option<L>], share: f64) -> Vec<bool> {
        let homes = homes(labels, &self.themes());
        let mut homes: HashMap<L, Option<Uuid>> = homes;
        let mut labelled = 0.0;
        let mut corrected = vec![false; labels.len()];
        for (i, label) in labels.iter().enumerate() {
            let Some(label) = label else { continue };
            labelled += 1.0;
            if (labelled * share).floor() > ((labelled - 1.0) * share).floor() {
                let next_theme = &mut self.next_theme;
                let home = *homes.entry(*label).or_default().get_or_insert_with(|| theme(next_theme));
                self.grouper.set_theme(item(i), home, true);
                corrected[i] = true;
            }
        }
        self.refine(Kind::Warm);
        corrected
    }
}

/// The theme of each label: the one that holds most of it, if no other label has more items in that theme.
fn homes<L: Eq + std::hash::Hash + Copy + Ord>(labels: &[Option<L>], themes: &[Uuid]) -> HashMap<L, Option<Uuid>> {
    let mut counts: HashMap<(L, Uuid), usize> = HashMap::new();
    for (label, theme) in labels.iter().zip(themes) {
        if let Some(label) = label {
            *counts.entry((*label, *theme)).or_default() += 1;
        }
    }
    let mut counts: Vec<((L, Uuid), usize)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|(pair, count)| (std::cmp::Reverse(*count), *pair));
    let (mut homes, mut owned) = (HashMap::new(), HashMap::new());
    for ((label, theme), _) in counts {
        let owner = *owned.entry(theme).or_insert(label);
        homes.entry(label).or_insert((owner == label).then_some(theme));
    }
    homes
}

fn item(i: usize) -> Uuid {
    Uuid::from_u128(i as u128)
}

/// The next theme id. Ids are consecutive, so that a replay always gives the same result.
fn theme(next: &mut u128) -> Uuid {
    *next += 1;
    Uuid::from_u128(1 << 64 | *next)
}
