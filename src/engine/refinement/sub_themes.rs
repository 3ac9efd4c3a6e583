//! Other granularities than the present one: how many themes each setting would give, and the sub-themes of one theme.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::granularity::FIRST;
use super::leiden::{Graph, leiden};
use super::refine::{GraphSnapshot, Move, moved};
use crate::engine::grouping::grouper::Granularity;

/// Sub-themes are found with g times this where no finer level is known.
const SUB_THEMES: f32 = 4.0;

/// The result of one setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preview {
    /// The setting, see [`Granularity::Fixed`].
    pub granularity: f32,
    /// How many themes of at least two items it gives.
    pub themes: usize,
    /// How many items are in none of these themes.
    pub alone: usize,
}

impl GraphSnapshot {
    /// The result of a cold run with each of these settings, as long as `go_on` is true before each. `may_move` says
    /// which moves would be made; those from or to themes that people changed would not.
    pub fn preview(
        mut self,
        settings: &[f32],
        may_move: impl Fn(&Move) -> bool,
        mut go_on: impl FnMut() -> bool,
    ) -> Vec<Preview> {
        self.weigh();
        let (linked, before) = (self.linked(), self.sizes());
        let preview = |g: f32| {
            // The ids of new themes are not shown. They only must differ from existing ids.
            let mut next = 1 << 126;
            let mut new_theme = || {
                next += 1;
                Uuid::from_u128(next)
            };
            let mut moves = self.moves_with(&linked, g, &mut new_theme);
            moves.retain(&may_move);
            let mut sizes = before.clone();
            moved(&mut sizes, &moves);
            let themes = || sizes.values().filter(|size| **size > 1);
            Preview { granularity: g, themes: themes().count(), alone: self.items - themes().sum::<usize>() }
        };
        settings.iter().take_while(|_| go_on()).map(|g| preview(*g)).collect()
    }

    /// Sub-themes: the communities of at least `smallest` items inside a theme, largest first, then the older first;
    /// empty where the theme has fewer than two. Items outside such communities are in no sub-theme. `finer` is the g of
    /// the next level at which the product's themes are good, where one is known.
    pub fn sub_themes(mut self, theme: Uuid, smallest: usize, finer: Option<f32>) -> Vec<Vec<Uuid>> {
        let Some(number) = self.theme_ids.iter().position(|id| *id == theme) else { return Vec::new() };
        self.weigh();
        let linked = self.linked();
        let own = self.members.iter().filter(|member| member.theme as usize == number);
        let members: Vec<(Uuid, u32)> =
            own.filter_map(|member| Some((member.id, linked.nodes[member.slot as usize]?))).collect();
        let own_nodes: BTreeSet<u32> = members.iter().map(|(_, node)| *node).collect();
        let place: HashMap<u32, u32> = own_nodes.into_iter().zip(0..).collect();
        // The rest of the graph becomes one node, so that items keep their strength and g has the same effect as in the
        // whole graph.
        let rest = place.len() as u32;
        let placed = |node: u32| place.get(&node).copied().unwrap_or(rest);
        let edges: Vec<(u32, u32, f32)> =
            linked.edges.into_iter().map(|(a, b, weight)| (placed(a), placed(b), weight)).collect();
        let apart: Vec<u32> = (0..=rest).map(|place| u32::from(place == rest)).collect();
        let graph = Graph::new(place.len() + 1, &edges).within(&apart);
        let g = match self.granularity {
            Granularity::Fixed(g) => g,
            Granularity::Auto => self.chosen.unwrap_or(FIRST),
        };
        let found = leiden(&graph, f64::from(finer.unwrap_or(g * SUB_THEMES)), (0..=rest).collect(), 2);
        let mut parts: BTreeMap<u32, Vec<Uuid>> = BTreeMap::new();
        for (id, node) in members {
            parts.entry(found[placed(node) as usize]).or_default().push(id);
        }
        let mut parts: Vec<Vec<Uuid>> = parts.into_values().filter(|items| items.len() >= smallest).collect();
        parts.sort_by_key(|items| std::cmp::Reverse(items.len()));
        if parts.len() > 1 { parts } else { Vec::new() }
    }
}
