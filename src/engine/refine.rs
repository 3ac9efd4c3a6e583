//! Refinement: the themes that single arrivals made are looked at as a whole, on a copy and away from the lock.

use std::collections::HashMap;

use uuid::Uuid;

use super::bank::Examples;
use super::carry::{Place, Spoken, match_themes};
use super::company::{self, Row, Texts};
use super::granularity::{CHOOSE_FROM, Choice, Evidence, FIRST, choose};
use super::grouper::{Granularity, Grouper};
use super::items::{Neighbours, Slot, ThemeNo, unpack_cosine};
use super::leiden::{Graph, adjust, leiden, renumber};
use super::spread::{self, ENOUGH, Placed};
use super::vector::Packed;

/// Cold refinements come at this many items and at each doubling.
const FIRST_COLD: usize = 200;
/// How near an item is to others of its kind: the mean cosine of so many nearest ones.
const OWN_SCALE: usize = 10;
/// As near is the same text once more: that copies are together says nothing of how fine themes should be.
const THE_SAME: f32 = 0.98;
/// A run in between moves an item only where the other theme holds so much more of its weights.
const INERTIA: f64 = 0.05;

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

pub(super) fn last_cold(items: usize) -> usize {
    if items < FIRST_COLD { 0 } else { FIRST_COLD << (items / FIRST_COLD).ilog2() }
}

/// A copy of what refinement needs: who is near whom, and who is where.
pub struct GraphSnapshot {
    pub(super) granularity: Granularity,
    /// The g that the data chose before.
    pub(super) chosen: Option<f32>,
    items: usize,
    pub(super) ids: Vec<Uuid>,
    pub(super) themes: Vec<ThemeNo>,
    pinned: Vec<bool>,
    neighbours: Vec<Neighbours>,
    /// The words of each item, and what it means.
    texts: Texts,
    meanings: Vec<Row>,
    pub(super) theme_ids: Vec<Uuid>,
    /// The nearest items that people placed, for each item; empty where people placed none.
    examples: Vec<Examples>,
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
    /// The g it was made with.
    pub granularity: f32,
    /// How g was chosen, where the data chose it now.
    pub choice: Option<Choice>,
    /// Themes with items, before and after.
    pub themes: (usize, usize),
    /// The changes, in order of arrival of the items. Pinned items are never among them.
    pub moves: Vec<Move>,
}

impl Grouper {
    /// A copy of the neighbour graph (about 300 bytes an item), to refine away from the lock.
    pub fn snapshot(&self) -> GraphSnapshot {
        GraphSnapshot { examples: self.examples(), ..self.graph() }
    }

    /// The same without what people taught: enough to look, at less cost.
    pub fn graph(&self) -> GraphSnapshot {
        GraphSnapshot {
            granularity: self.settings.granularity,
            chosen: self.chosen,
            items: self.len(),
            ids: self.items.ids.clone(),
            themes: self.items.themes.clone(),
            pinned: self.items.pinned.clone(),
            neighbours: self.items.neighbours.clone(),
            texts: self.items.texts.clone(),
            meanings: self.items.meanings(),
            theme_ids: self.themes.ids.clone(),
            examples: Vec::new(),
        }
    }

    /// The nearest other labelled items of each item.
    fn examples(&self) -> Vec<Examples> {
        if self.bank.is_empty() {
            return Vec::new();
        }
        let of = |slot: usize| {
            let present = self.items.is_present(slot as Slot);
            let row = present.then(|| <&Packed>::try_from(self.items.row(slot as Slot)).ok())??;
            Some(self.bank.nearest(row).without(slot as Slot))
        };
        (0..self.items.count()).map(|slot| of(slot).unwrap_or_default()).collect()
    }

    /// Goes on with a g that was chosen before a restart, see [`Refinement::choice`].
    pub fn resume_granularity(&mut self, chosen: f32) {
        self.chosen = Some(chosen);
    }

    /// Takes over a refinement. An item that was moved, removed or pinned since the snapshot stays where it is.
    /// Gives the moves that were made.
    pub fn apply(&mut self, refinement: &Refinement) -> Vec<Move> {
        let still_there = |grouper: &Grouper, m: &Move| grouper.theme_of(m.item) == Some((m.from, false));
        let made: Vec<Move> = refinement.moves.iter().copied().filter(|m| still_there(self, m)).collect();
        for m in &made {
            self.set_theme(m.item, m.to, false);
        }
        if let Some(choice) = &refinement.choice {
            self.chosen = Some(choice.granularity);
        }
        self.refined(refinement.kind, refinement.items);
        made
    }
}

impl GraphSnapshot {
    /// Finds the themes that the whole graph supports (Leiden), keeps the ids of those that live on (greedy one-to-one
    /// maximum overlap), and says which items would change. Pure: the same snapshot gives the same answer.
    pub fn refine(mut self, kind: Kind, mut new_theme: impl FnMut() -> Uuid) -> Refinement {
        self.weigh();
        let (nodes, node_slots) = self.nodes();
        let edges = self.edges(&nodes);
        let (granularity, choice, cold) = self.settle(kind, &nodes, &node_slots, &edges);
        let g = f64::from(granularity);
        let communities = match (kind, cold) {
            (Kind::Cold, Some(communities)) => communities,
            (Kind::Cold, None) => {
                leiden(&Graph::new(node_slots.len(), &edges), g, (0..node_slots.len() as u32).collect(), 2)
            }
            (Kind::Warm, _) => {
                let mut themes: Vec<u32> = node_slots.iter().map(|slot| self.themes[*slot as usize]).collect();
                renumber(&mut themes);
                adjust(&Graph::new(node_slots.len(), &edges), g, themes, INERTIA)
            }
        };
        let moves = self.moves(&nodes, &edges, &communities, &mut new_theme);
        let themes = self.theme_counts(&moves);
        Refinement { kind, items: self.items, granularity, choice, themes, moves }
    }

    /// Weighs who is near whom by the company of their words as well, see [`company`]. Once, before all else.
    pub(super) fn weigh(&mut self) {
        let (texts, meanings) = (std::mem::take(&mut self.texts), std::mem::take(&mut self.meanings));
        company::weigh(&texts, meanings, &mut self.neighbours);
    }

    /// The g to work with: what people set, what the data chose before, or what it chooses now; then also the
    /// communities that a cold run gives.
    fn settle(
        &self,
        kind: Kind,
        nodes: &[Option<u32>],
        node_slots: &[Slot],
        edges: &[(u32, u32, f32)],
    ) -> (f32, Option<Choice>, Option<Vec<u32>>) {
        match (self.granularity, self.chosen, kind) {
            (Granularity::Fixed(g), _, _) => return (g, None, None),
            (Granularity::Auto, _, _) if self.items < CHOOSE_FROM => return (FIRST, None, None),
            (Granularity::Auto, Some(g), Kind::Warm) => return (g, None, None),
            (Granularity::Auto, _, _) => {}
        }
        let nearest = |node: usize, near: &mut Vec<u32>| {
            let neighbours = &self.neighbours[node_slots[node] as usize];
            let others = neighbours.iter().filter(|(_, cosine)| unpack_cosine(*cosine) < THE_SAME);
            near.extend(others.filter_map(|(slot, _)| nodes[slot as usize]));
        };
        let evidence = Evidence { nodes: node_slots.len(), edges, nearest: &nearest };
        let (choice, communities) = choose(&evidence, self.chosen);
        (choice.granularity, Some(choice), Some(communities))
    }

    /// The node of each item; items without neighbours have none, because nothing is known that could move them. Also
    /// the item of each node.
    pub(super) fn nodes(&self) -> (Vec<Option<u32>>, Vec<Slot>) {
        let mut has_edge: Vec<bool> = self.neighbours.iter().map(|n| n.iter().next().is_some()).collect();
        for (slot, _) in self.neighbours.iter().flat_map(Neighbours::iter) {
            has_edge[slot as usize] = true;
        }
        let node_slots: Vec<Slot> = (0..).zip(&has_edge).filter(|(_, has)| **has).map(|(slot, _)| slot).collect();
        let mut nodes = vec![None; self.ids.len()];
        node_slots.iter().zip(0..).for_each(|(slot, node)| nodes[*slot as usize] = Some(node));
        (nodes, node_slots)
    }

    /// An edge where either item is among the other's neighbours. Its weight is the cosine in parts of what is usual for
    /// the two items, cubed (a theme of short, like texts is no tighter than one of long, varied ones), halved unless
    /// both are neighbours of each other.
    pub(super) fn edges(&self, nodes: &[Option<u32>]) -> Vec<(u32, u32, f32)> {
        let usual = |neighbours: &Neighbours| {
            let (sum, count) = neighbours
                .iter()
                .take(OWN_SCALE)
                .fold((0.0, 0.0), |(sum, count), (_, cosine)| (sum + unpack_cosine(cosine), count + 1.0));
            f32::max(sum / f32::max(count, 1.0), f32::EPSILON)
        };
        let usual: Vec<f32> = self.neighbours.iter().map(usual).collect();
        let mut edges = Vec::with_capacity(self.ids.len() * 12);
        for (slot, neighbours) in self.neighbours.iter().enumerate() {
            for (other, cosine) in neighbours.iter() {
                let mutual = self.neighbours[other as usize].contains(slot as Slot);
                if mutual && (other as usize) < slot {
                    continue; // met from the other side
                }
                let near = unpack_cosine(cosine) / (usual[slot] * usual[other as usize]).sqrt();
                let weight = near.powi(3) * if mutual { 1.0 } else { 0.5 };
                if let (Some(a), Some(b)) = (nodes[slot], nodes[other as usize]) {
                    edges.push((a, b, weight));
                }
            }
        }
        edges
    }

    fn moves(
        &self,
        nodes: &[Option<u32>],
        edges: &[(u32, u32, f32)],
        communities: &[u32],
        new_theme: &mut impl FnMut() -> Uuid,
    ) -> Vec<Move> {
        let mut open: Vec<(usize, u32)> = Vec::new();
        let mut overlaps: HashMap<(u32, ThemeNo), usize> = HashMap::new();
        for (slot, node) in nodes.iter().enumerate().filter(|(slot, _)| !self.pinned[*slot]) {
            let Some(community) = node.map(|node| communities[node as usize]) else { continue };
            *overlaps.entry((community, self.themes[slot])).or_default() += 1;
            open.push((slot, community));
        }
        let taught = self.taught(nodes, edges, communities, &overlaps);
        let spoken = Spoken::of(nodes, communities, &self.themes, &self.pinned);
        let mut kept = match_themes(overlaps, &spoken.decided);
        let mut moves = Vec::new();
        for (slot, community) in open {
            let between = || spoken.between(community, self.examples.get(slot)?, &self.themes);
            let place = match taught.get(slot).copied().flatten().or_else(between) {
                Some(theme) => Place::Known(theme),
                None => *kept.entry(community).or_insert_with(|| Place::New(new_theme())),
            };
            let (from, to) = (self.theme_ids[self.themes[slot] as usize], place.id(&self.theme_ids));
            if from != to {
                moves.push(Move { item: self.ids[slot], from, to });
            }
        }
        moves
    }

    /// The theme of each item that people's decisions about others ask for; empty where people placed none. Of the two
    /// ways to ask them each is used as far as it is right about the placed items themselves.
    fn taught(
        &self,
        nodes: &[Option<u32>],
        edges: &[(u32, u32, f32)],
        communities: &[u32],
        overlaps: &HashMap<(u32, ThemeNo), usize>,
    ) -> Vec<Option<ThemeNo>> {
        if self.examples.is_empty() {
            return Vec::new();
        }
        let kept = match_themes(overlaps.clone(), &HashMap::new());
        // A community that would be a new theme counts as one that nobody knows yet.
        let by_itself = communities.iter().map(|community| match kept.get(community) {
            Some(Place::Known(theme)) => *theme,
            _ => self.theme_ids.len() as ThemeNo + community,
        });
        let by_itself: Vec<ThemeNo> = by_itself.collect();
        let placed = nodes.iter().enumerate().filter(|(slot, _)| self.pinned[*slot]);
        let placed =
            placed.filter_map(|(slot, node)| Some((slot, Placed { node: (*node)?, theme: self.themes[slot] })));
        let (slots, placed): (Vec<usize>, Vec<Placed>) = placed.unzip();
        let spread = spread::taught(&by_itself, edges, &placed);
        let elsewhere = |node: usize| {
            let theme = spread.as_ref()?[node];
            let known = (theme as usize) < self.theme_ids.len();
            known.then_some(theme)
        };
        let verdict = |slot: usize| Some(self.examples[slot].verdict(&self.neighbours[slot], &self.themes)?.0);
        let gain = |(slot, placed): (&usize, &Placed)| {
            let right = |theme: ThemeNo| i32::from(theme == placed.theme);
            Some(right(verdict(*slot)?) - right(by_itself[placed.node as usize]))
        };
        let gain: i32 = slots.iter().zip(&placed).filter_map(gain).sum();
        let helps = gain > 0 || placed.len() < ENOUGH;
        let of = |(slot, node): (usize, &Option<u32>)| {
            elsewhere((*node)? as usize).or_else(|| verdict(slot).filter(|_| helps))
        };
        nodes.iter().enumerate().map(of).collect()
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
}
