//! Refinement: the themes that single arrivals made are looked at as a whole, on a copy and away from the lock.

use std::collections::HashMap;

use uuid::Uuid;

use super::grouper::{Granularity, Grouper};
use super::items::{Neighbours, Slot, ThemeNo, unpack_cosine};
use super::leiden::{Graph, leiden, renumber};

/// Cold refinements come at this many items and at each doubling.
const FIRST_COLD: usize = 200;

/// How thorough a refinement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Starts from the present themes and moves what fits better elsewhere; due at every tenth more items.
    Warm,
    /// Starts from nothing; due at 200, 400, 800, ... items, and whenever someone asks.
    Cold,
}

impl Kind {
    /// What is due at `items` items when the last refinement was at `refined_at`.
    pub(super) fn due(refined_at: usize, items: usize) -> Option<Kind> {
        if last_due(items) <= refined_at {
            return None;
        }
        Some(if last_cold(items) > refined_at { Kind::Cold } else { Kind::Warm })
    }
}

/// The last number of items, up to this one, at which a refinement falls due; 0 if there is none.
pub(super) fn last_due(items: usize) -> usize {
    let mut due = last_cold(items);
    while due > 0 && due + due.div_ceil(10) <= items {
        due += due.div_ceil(10);
    }
    due
}

fn last_cold(items: usize) -> usize {
    if items < FIRST_COLD { 0 } else { FIRST_COLD << (items / FIRST_COLD).ilog2() }
}

/// A copy of what refinement needs: who is near whom, and who is where.
pub struct GraphSnapshot {
    granularity: Granularity,
    items: usize,
    ids: Vec<Uuid>,
    themes: Vec<ThemeNo>,
    pinned: Vec<bool>,
    neighbours: Vec<Neighbours>,
    theme_ids: Vec<Uuid>,
}

/// One item's change of theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The item.
    pub item: Uuid,
    /// The theme it was in.
    pub from: Uuid,
    /// The theme it belongs in; may be a new one.
    pub to: Uuid,
}

/// What a refinement would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Refinement {
    /// How it was made.
    pub kind: Kind,
    /// How many items it looked at.
    pub items: usize,
    /// Themes with items, before and after.
    pub themes: (usize, usize),
    /// The changes, in order of arrival of the items. Pinned items are never among them.
    pub moves: Vec<Move>,
}

impl Grouper {
    /// A copy of the neighbour graph (about 130 bytes an item), to refine away from the lock.
    pub fn snapshot(&self) -> GraphSnapshot {
        GraphSnapshot {
            granularity: self.settings.granularity,
            items: self.len(),
            ids: self.items.ids.clone(),
            themes: self.items.themes.clone(),
            pinned: self.items.pinned.clone(),
            neighbours: self.items.neighbours.clone(),
            theme_ids: self.themes.ids.clone(),
        }
    }

    /// Takes over a refinement. An item that was moved, removed or pinned since the snapshot stays where it is.
    /// Gives the moves that were made.
    pub fn apply(&mut self, refinement: &Refinement) -> Vec<Move> {
        let still_there = |grouper: &Grouper, m: &Move| grouper.theme_of(m.item) == Some((m.from, false));
        let made: Vec<Move> = refinement.moves.iter().copied().filter(|m| still_there(self, m)).collect();
        for m in &made {
            self.set_theme(m.item, m.to, false);
        }
        self.refined(refinement.items);
        made
    }
}

impl GraphSnapshot {
    /// Finds the themes that the whole graph supports (Leiden), keeps the ids of those that live on (greedy one-to-one
    /// maximum overlap), and says which items would change. Pure: the same snapshot gives the same answer.
    pub fn refine(self, kind: Kind, mut new_theme: impl FnMut() -> Uuid) -> Refinement {
        let (nodes, node_slots) = self.nodes();
        let graph = self.graph(&nodes, node_slots.len());
        let start = match kind {
            Kind::Warm => {
                let mut themes: Vec<u32> = node_slots.iter().map(|slot| self.themes[*slot as usize]).collect();
                renumber(&mut themes);
                themes
            }
            Kind::Cold => (0..node_slots.len() as u32).collect(),
        };
        let rounds = if kind == Kind::Cold { 2 } else { 1 };
        let g = match self.granularity {
            Granularity::Auto => 2.0,
            Granularity::Fixed(g) => g,
        };
        let communities = leiden(&graph, f64::from(g), start, rounds);
        let moves = self.moves(&nodes, &communities, &mut new_theme);
        Refinement { kind, items: self.items, themes: self.theme_counts(&moves), moves }
    }

    /// The node of each item: what people pinned to one theme is one node and stays together; items without neighbours
    /// have no node, because nothing is known that could move them. Also an item of each node.
    fn nodes(&self) -> (Vec<Option<u32>>, Vec<Slot>) {
        let mut has_edge: Vec<bool> = self.neighbours.iter().map(|n| n.iter().next().is_some()).collect();
        for (slot, _) in self.neighbours.iter().flat_map(Neighbours::iter) {
            has_edge[slot as usize] = true;
        }
        let mut pinned_node: HashMap<ThemeNo, u32> = HashMap::new();
        let mut node_slots: Vec<Slot> = Vec::new();
        let mut add = |slot: usize| {
            node_slots.push(slot as Slot);
            node_slots.len() as u32 - 1
        };
        let nodes = (0..self.ids.len()).map(|slot| match (has_edge[slot], self.pinned[slot]) {
            (false, _) => None,
            (true, true) => Some(*pinned_node.entry(self.themes[slot]).or_insert_with(|| add(slot))),
            (true, false) => Some(add(slot)),
        });
        let nodes = nodes.collect();
        (nodes, node_slots)
    }

    /// An edge where either item is among the other's neighbours; its weight is the cosine, halved unless both are.
    fn graph(&self, nodes: &[Option<u32>], count: usize) -> Graph {
        let mut edges = Vec::with_capacity(self.ids.len() * 12);
        for (slot, neighbours) in self.neighbours.iter().enumerate() {
            for (other, cosine) in neighbours.iter() {
                let mutual = self.neighbours[other as usize].contains(slot as Slot);
                if mutual && (other as usize) < slot {
                    continue; // met from the other side
                }
                let weight = unpack_cosine(cosine) * if mutual { 1.0 } else { 0.5 };
                if let (Some(a), Some(b)) = (nodes[slot], nodes[other as usize]) {
                    edges.push((a, b, weight));
                }
            }
        }
        Graph::new(count, &edges)
    }

    fn moves(&self, nodes: &[Option<u32>], communities: &[u32], new_theme: &mut impl FnMut() -> Uuid) -> Vec<Move> {
        let placed = || {
            let slots = nodes.iter().enumerate();
            slots.filter_map(|(slot, node)| Some((slot, communities[(*node)? as usize])))
        };
        let mut overlaps: HashMap<(u32, ThemeNo), usize> = HashMap::new();
        for (slot, community) in placed() {
            *overlaps.entry((community, self.themes[slot])).or_default() += 1;
        }
        let kept = match_themes(overlaps);
        let count = communities.iter().max().map_or(0, |max| *max as usize + 1);
        let theme_of: Vec<Uuid> = (0..count as u32)
            .map(|c| kept.get(&c).map_or_else(&mut *new_theme, |theme| self.theme_ids[*theme as usize]))
            .collect();
        placed()
            .filter(|(slot, _)| !self.pinned[*slot])
            .map(|(slot, community)| Move {
                item: self.ids[slot],
                from: self.theme_ids[self.themes[slot] as usize],
                to: theme_of[community as usize],
            })
            .filter(|m| m.from != m.to)
            .collect()
    }

    fn theme_counts(&self, moves: &[Move]) -> (usize, usize) {
        let mut sizes: HashMap<Uuid, usize> = HashMap::new();
        for theme in &self.themes {
            if let Some(id) = self.theme_ids.get(*theme as usize) {
                *sizes.entry(*id).or_default() += 1;
            }
        }
        let before = sizes.len();
        for m in moves {
            *sizes.entry(m.from).or_default() -= 1;
            *sizes.entry(m.to).or_default() += 1;
        }
        (before, sizes.values().filter(|size| **size > 0).count())
    }
}

/// The theme that each community carries on: the largest overlap first, each theme and each community once. Among
/// equals the older theme comes first.
fn match_themes(overlaps: HashMap<(u32, ThemeNo), usize>) -> HashMap<u32, ThemeNo> {
    let mut pairs: Vec<((u32, ThemeNo), usize)> = overlaps.into_iter().collect();
    pairs.sort_unstable_by_key(|((community, theme), shared)| (std::cmp::Reverse(*shared), *theme, *community));
    let mut kept = HashMap::new();
    let mut taken = std::collections::HashSet::new();
    for ((community, theme), _) in pairs {
        if !kept.contains_key(&community) && taken.insert(theme) {
            kept.insert(community, theme);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cold_at_each_doubling_warm_at_each_tenth() {
        assert_eq!(Kind::due(0, 199), None);
        assert_eq!(Kind::due(0, 200), Some(Kind::Cold));
        assert_eq!(Kind::due(200, 219), None);
        assert_eq!(Kind::due(200, 220), Some(Kind::Warm));
        assert_eq!(Kind::due(220, 241), None);
        assert_eq!(Kind::due(220, 242), Some(Kind::Warm));
        assert_eq!(Kind::due(390, 400), Some(Kind::Cold));
        assert_eq!(Kind::due(400, 100_000), Some(Kind::Cold));
    }

    #[test]
    fn the_larger_overlap_keeps_the_theme() {
        let overlaps = HashMap::from([((0, 7), 5), ((1, 7), 9), ((1, 3), 4), ((0, 4), 1)]);
        assert_eq!(match_themes(overlaps), HashMap::from([(1, 7), (0, 4)]));
    }
}
