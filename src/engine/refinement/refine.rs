//! Refinement: all themes are recomputed from the neighbour graph, on a copy and without holding the lock.

use std::collections::HashMap;

use uuid::Uuid;

use super::company::{self, Nearness, Stream};
use super::cooccurrence::{self, Row, Texts};
use super::granularity::{CHOOSE_FROM, Choice, Evidence, FIRST, choose};
use super::leiden::{Graph, adjust, leiden, renumber};
use super::schedule::Kind;
use crate::engine::grouping::examples::NearestExamples;
use crate::engine::grouping::grouper::{Granularity, Grouper};
use crate::engine::search::across;
use crate::engine::search::copies::Member;
use crate::engine::search::neighbours::{Foreign, Neighbours, Slot, ThemeNo, unpack_cosine};
use crate::engine::search::script::Script;
use crate::engine::text::vector::Packed;

/// The usual nearness of a text: the mean cosine to this many nearest texts.
const OWN_SCALE: usize = 10;
/// From this cosine on, two texts count as the same; such pairs say nothing about the granularity.
const THE_SAME: f32 = 0.98;
/// A warm refinement moves a text only if the other theme has this much more of its weights.
const INERTIA: f64 = 0.05;

/// The most texts that a refinement reads: the newest ones. So its memory and its time are bounded, however large a product grows.
/// Older texts keep their themes, and still vote on what arrives.
const MOST_REFINED: usize = 1_000_000;

/// A copy of the data for a refinement: the neighbours and the theme of each text. The nodes of its graph are texts.
/// Copies of a text count for theme matching and for sizes, and move together with their text.
pub struct GraphSnapshot {
    pub(in crate::engine) granularity: Granularity,
    /// The granularity g that was chosen from the data before.
    pub(in crate::engine) chosen: Option<f32>,
    pub(super) items: usize,
    pub(in crate::engine) members: Vec<Member>,
    /// The number of items by theme that are not in the snapshot, because their texts are older. No refinement moves them.
    older: HashMap<ThemeNo, usize>,
    /// The theme of each text, and the theme that people assigned most of its copies to, if any.
    pub(super) homes: Vec<Option<ThemeNo>>,
    pub(super) decided: Vec<Option<ThemeNo>>,
    pub(in crate::engine) neighbours: Vec<Neighbours>,
    /// The words of each text, and its meaning vector.
    texts: Texts,
    pub(in crate::engine) meanings: Vec<Row>,
    scripts: Vec<Script>,
    /// How near the neighbours are, once the snapshot is weighed.
    nearness: Vec<Nearness>,
    /// Whether the vectors are the built-in ones, whose cosines are known.
    is_builtin: bool,
    /// The nearest texts of the other script, and the edges to them once the snapshot is weighed.
    foreign: Vec<Foreign>,
    across: Vec<(Slot, Slot, f32)>,
    pub(in crate::engine) theme_ids: Vec<Uuid>,
    /// Which of them are places of items without a theme.
    pub(super) places: Vec<bool>,
    /// The nearest labelled examples of each text; empty where there are no examples.
    pub(super) examples: Vec<NearestExamples>,
}

/// The weighted neighbour graph.
pub(in crate::engine) struct Linked {
    /// The node of each text. Texts without neighbours have no node, because nothing could move them.
    pub nodes: Vec<Option<u32>>,
    /// The text of each node.
    pub slots: Vec<Slot>,
    pub edges: Vec<(u32, u32, f32)>,
}

impl Linked {
    fn graph(&self) -> Graph {
        Graph::new(self.slots.len(), &self.edges)
    }

    /// One community per node: the start of a cold run.
    fn apart(&self) -> Vec<u32> {
        (0..self.slots.len() as u32).collect()
    }

    /// The communities that a cold run finds with this g.
    fn cut(&self, g: f32) -> Vec<u32> {
        leiden(&self.graph(), f64::from(g), self.apart(), 2)
    }
}

/// The change of one item's theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The item.
    pub item: Uuid,
    /// The theme it was in; `None` where it had none.
    pub from: Option<Uuid>,
    /// Its new theme, which may not exist yet; `None` where it is near nothing.
    pub to: Option<Uuid>,
}

/// The result of a refinement, not yet applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Refinement {
    /// Whether it was warm or cold.
    pub kind: Kind,
    /// How many items it examined.
    pub items: usize,
    /// The granularity g that it used.
    pub granularity: f32,
    /// How g was chosen, if it was chosen in this run.
    pub choice: Option<Choice>,
    /// The number of themes with items, before and after.
    pub themes: (usize, usize),
    /// The changes, with copies of a text next to each other. Pinned items never move.
    pub moves: Vec<Move>,
}

impl Grouper {
    /// A copy of the neighbour graph (about 500 bytes per text), for a refinement without holding the lock.
    pub fn snapshot(&self) -> GraphSnapshot {
        self.newest(MOST_REFINED)
    }

    /// The same without people's decisions: sufficient for previews, and cheaper.
    pub fn graph(&self) -> GraphSnapshot {
        self.since(self.first_of(MOST_REFINED))
    }

    /// A snapshot of the newest texts, at most `most`.
    pub(in crate::engine) fn newest(&self, most: usize) -> GraphSnapshot {
        let first = self.first_of(most);
        GraphSnapshot { examples: self.examples_since(first), ..self.since(first) }
    }

    fn first_of(&self, most: usize) -> Slot {
        self.items.count().saturating_sub(most) as Slot
    }

    /// A snapshot of the texts from `first` on. In it this text has number 0, the next one number 1, and so on.
    fn since(&self, first: Slot) -> GraphSnapshot {
        let texts = first..self.items.count() as Slot;
        let (mut members, mut older): (Vec<Member>, HashMap<ThemeNo, usize>) = Default::default();
        for mut member in self.items.copies.members().copied() {
            if member.slot < first {
                *older.entry(member.theme).or_default() += 1;
            } else {
                member.slot -= first;
                members.push(member);
            }
        }
        GraphSnapshot {
            granularity: self.settings.granularity,
            chosen: self.chosen,
            items: self.len(),
            members,
            older,
            homes: texts.clone().map(|slot| self.items.copies.home(slot)).collect(),
            decided: texts.map(|slot| self.items.copies.decided(slot)).collect(),
            neighbours: self.items.neighbours.iter_from(first as usize).map(|known| known.since(first)).collect(),
            texts: self.items.texts.since(first),
            meanings: self.items.meanings(first),
            scripts: self.items.scripts_since(first).to_vec(),
            nearness: Vec::new(),
            is_builtin: self.external.is_unused(),
            foreign: self.items.foreign_since(first),
            across: Vec::new(),
            theme_ids: self.themes.ids.clone(),
            places: self.themes.places.clone(),
            examples: Vec::new(),
        }
    }

    /// The nearest examples of each text from `first` on. An example of the text itself counts for its other copies.
    fn examples_since(&self, first: Slot) -> Vec<NearestExamples> {
        if self.examples.is_empty() {
            return Vec::new();
        }
        let of = |slot: Slot| {
            let present = self.items.is_present(slot);
            let row = present.then(|| <&Packed>::try_from(self.items.row(slot)).ok())??;
            Some(self.examples.nearest(row).since(first))
        };
        (first..self.items.count() as Slot).map(|slot| of(slot).unwrap_or_default()).collect()
    }

    /// Continues with the g that was chosen before a restart, see [`Refinement::choice`].
    pub fn resume_granularity(&mut self, chosen: f32) {
        self.chosen = Some(chosen);
    }

    /// Applies a refinement. An item that was moved, removed or pinned since the snapshot stays where it is. Returns
    /// the moves that were made.
    pub fn apply(&mut self, refinement: &Refinement) -> Vec<Move> {
        let still_there = |grouper: &Grouper, m: &Move| grouper.place_and_pin(m.item) == Some((m.from, false));
        let made: Vec<Move> = refinement.moves.iter().copied().filter(|m| still_there(self, m)).collect();
        for m in &made {
            self.put(m.item, m.to, false);
        }
        if let Some(choice) = &refinement.choice {
            self.chosen = Some(choice.granularity);
        }
        self.refined(refinement.kind, refinement.items);
        made
    }
}

impl GraphSnapshot {
    /// Finds the communities of the whole graph (Leiden), matches them to the existing themes (greedy one-to-one
    /// maximum overlap), and lists the items that would change. Pure: the same snapshot gives the same result.
    pub fn refine(mut self, kind: Kind, mut new_theme: impl FnMut() -> Uuid) -> Refinement {
        self.weigh();
        let linked = self.linked();
        let (granularity, choice, cold) = self.settle(kind, &linked);
        let mut communities = match (kind, cold) {
            (Kind::Cold, Some(communities)) => communities,
            (Kind::Cold, None) => linked.cut(granularity),
            (Kind::Warm, _) => {
                let nowhere = self.theme_ids.len() as ThemeNo;
                let home = |slot: &Slot| self.homes[*slot as usize].unwrap_or(nowhere);
                let mut themes: Vec<u32> = linked.slots.iter().map(home).collect();
                renumber(&mut themes);
                adjust(&linked.graph(), f64::from(granularity), themes, INERTIA)
            }
        };
        self.leave_out(&linked, &mut communities);
        let moves = self.moves(&linked, &communities, &mut new_theme);
        let themes = self.theme_counts(&moves);
        Refinement { kind, items: self.items, granularity, choice, themes, moves }
    }

    /// The moves of a cold run with this g. The snapshot must be weighed.
    pub(in crate::engine) fn moves_with(
        &self,
        linked: &Linked,
        g: f32,
        new_theme: &mut impl FnMut() -> Uuid,
    ) -> Vec<Move> {
        let mut communities = linked.cut(g);
        self.leave_out(linked, &mut communities);
        self.moves(linked, &communities, new_theme)
    }

    /// Parts the texts that are near nothing from their communities, with their copies. A text that a person assigned
    /// stays.
    fn leave_out(&self, linked: &Linked, communities: &mut [u32]) {
        let may_leave = |node: u32| self.decided[linked.slots[node as usize] as usize].is_none();
        let stream =
            Stream { texts: &self.texts, meanings: &self.meanings, scripts: &self.scripts, nearness: &self.nearness };
        company::leave_out(&stream, &linked.slots, may_leave, communities);
    }

    /// Finds the edges between scripts, see [`across`], and reorders the neighbours by word co-occurrence as well, see
    /// [`cooccurrence`]. Must be called once, first.
    pub(in crate::engine) fn weigh(&mut self) {
        self.across = across::edges(&self.meanings, &self.neighbours, &std::mem::take(&mut self.foreign));
        let first = |near: &Neighbours| near.iter().next().map_or(0.0, |(_, cosine)| unpack_cosine(cosine));
        let nearness = |near: &Neighbours| Nearness { usual: near.usual(OWN_SCALE), first: first(near) };
        self.nearness = self.neighbours.iter().map(nearness).collect();
        cooccurrence::weigh(&self.texts, &self.meanings, &mut self.neighbours);
    }

    /// The g to use: the setting, the previous choice, or a new choice; a new choice also returns the communities of a
    /// cold run.
    fn settle(&self, kind: Kind, linked: &Linked) -> (f32, Option<Choice>, Option<Vec<u32>>) {
        match (self.granularity, self.chosen, kind) {
            (Granularity::Fixed(g), _, _) => return (g, None, None),
            // Texts are counted, not items: a text that was sent a thousand times says no more about the granularity
            // than a text sent once.
            (Granularity::Auto, _, _) if linked.slots.len() < CHOOSE_FROM => return (FIRST, None, None),
            (Granularity::Auto, Some(g), Kind::Warm) => return (g, None, None),
            (Granularity::Auto, _, _) => {}
        }
        let nearest = |node: usize, near: &mut Vec<u32>| {
            let neighbours = &self.neighbours[linked.slots[node] as usize];
            let others = neighbours.iter().filter(|(_, cosine)| unpack_cosine(*cosine) < THE_SAME);
            near.extend(others.filter_map(|(slot, _)| linked.nodes[slot as usize]));
        };
        let meaning = |node: usize| &self.meanings[linked.slots[node] as usize];
        let evidence = Evidence {
            nodes: linked.slots.len(),
            edges: &linked.edges,
            nearest: &nearest,
            meaning: self.is_builtin.then_some(&meaning),
        };
        let (choice, communities) = choose(&evidence, self.chosen);
        (choice.granularity, Some(choice), Some(communities))
    }

    /// The graph of a snapshot that is weighed.
    pub(in crate::engine) fn linked(&self) -> Linked {
        let mut has_edge: Vec<bool> = self.neighbours.iter().map(|n| n.iter().next().is_some()).collect();
        let ends = self.across.iter().flat_map(|(a, b, _)| [*a, *b]);
        for slot in self.neighbours.iter().flat_map(Neighbours::iter).map(|(slot, _)| slot).chain(ends) {
            has_edge[slot as usize] = true;
        }
        let slots: Vec<Slot> = (0..).zip(&has_edge).filter(|(_, has)| **has).map(|(slot, _)| slot).collect();
        let mut nodes = vec![None; self.neighbours.len()];
        slots.iter().zip(0..).for_each(|(slot, node)| nodes[*slot as usize] = Some(node));
        let edges = self.edges(&nodes);
        Linked { nodes, slots, edges }
    }

    /// An edge exists where either text is among the other's neighbours. Its weight is the cosine relative to the usual
    /// nearness of the two texts, cubed, and halved unless each is a neighbour of the other. The scaling keeps a theme
    /// of short, similar texts from being tighter than a theme of long, varied ones.
    fn edges(&self, nodes: &[Option<u32>]) -> Vec<(u32, u32, f32)> {
        let usual = |neighbours: &Neighbours| neighbours.usual(OWN_SCALE).max(f32::EPSILON);
        let usual: Vec<f32> = self.neighbours.iter().map(usual).collect();
        let mut edges = Vec::with_capacity(self.neighbours.len() * 12);
        for (slot, neighbours) in self.neighbours.iter().enumerate() {
            for (other, cosine) in neighbours.iter() {
                let mutual = self.neighbours[other as usize].contains(slot as Slot);
                if mutual && (other as usize) < slot {
                    continue; // This edge is added from the other side.
                }
                let near = unpack_cosine(cosine) / (usual[slot] * usual[other as usize]).sqrt();
                let weight = near.powi(3) * if mutual { 1.0 } else { 0.5 };
                if let (Some(a), Some(b)) = (nodes[slot], nodes[other as usize]) {
                    edges.push((a, b, weight));
                }
            }
        }
        let node = |slot: Slot| nodes[slot as usize];
        edges.extend(self.across.iter().filter_map(|(a, b, weight)| Some((node(*a)?, node(*b)?, *weight))));
        edges
    }

    /// The number of items in each theme.
    pub(in crate::engine) fn sizes(&self) -> HashMap<Uuid, usize> {
        let mut sizes: HashMap<Uuid, usize> = HashMap::new();
        let older = self.older.iter().map(|(theme, count)| (*theme, *count));
        for (theme, count) in self.members.iter().map(|member| (member.theme, 1)).chain(older) {
            if let Some(id) = self.shown(theme) {
                *sizes.entry(id).or_default() += count;
            }
        }
        sizes
    }

    fn theme_counts(&self, moves: &[Move]) -> (usize, usize) {
        let mut sizes = self.sizes();
        let before = sizes.len();
        moved(&mut sizes, moves);
        (before, sizes.values().filter(|size| **size > 0).count())
    }
}

/// Updates the sizes of themes for some moves.
pub(in crate::engine) fn moved(sizes: &mut HashMap<Uuid, usize>, moves: &[Move]) {
    for m in moves {
        if let Some(from) = m.from {
            *sizes.entry(from).or_default() -= 1;
        }
        if let Some(to) = m.to {
            *sizes.entry(to).or_default() += 1;
        }
    }
}
