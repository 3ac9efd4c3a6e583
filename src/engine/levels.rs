//! Other levels than the present themes: how many each setting would give, and the finer parts of one theme.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::granularity::FIRST;
use super::grouper::Granularity;
use super::items::NO_THEME;
use super::leiden::{Graph, leiden};
use super::refine::GraphSnapshot;

/// Sub-themes are cut with g times this.
const SUB_THEMES: f32 = 4.0;

/// What a setting would give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preview {
    /// The setting, see [`Granularity::Fixed`].
    pub granularity: f32,
    /// Themes of at least two items.
    pub themes: usize,
    /// Items in none of these.
    pub alone: usize,
}

impl GraphSnapshot {
    /// What each of these settings would give, as long as `go_on` says so before each; what people placed is not looked
    /// at.
    pub fn preview(mut self, settings: &[f32], mut go_on: impl FnMut() -> bool) -> Vec<Preview> {
        self.weigh();
        let (nodes, node_slots) = self.nodes();
        let graph = Graph::new(node_slots.len(), &self.edges(&nodes));
        let unlinked = nodes.iter().zip(&self.themes).filter(|(node, theme)| node.is_none() && **theme != NO_THEME);
        let unlinked = unlinked.count();
        let preview = |g: f32| {
            let found = leiden(&graph, f64::from(g), (0..node_slots.len() as u32).collect(), 1);
            let mut sizes: HashMap<u32, usize> = HashMap::new();
            found.iter().for_each(|community| *sizes.entry(*community).or_default() += 1);
            let themes = sizes.values().filter(|size| **size > 1).count();
            Preview { granularity: g, themes, alone: sizes.len() - themes + unlinked }
        };
        settings.iter().take_while(|_| go_on()).map(|g| preview(*g)).collect()
    }

    /// The second, finer level: the parts of at least `smallest` items of a theme, largest first, the older first among
    /// equals; none where it does not fall into several. Items outside such parts are in none.
    pub fn sub_themes(mut self, theme: Uuid, smallest: usize) -> Vec<Vec<Uuid>> {
        let Some(number) = self.theme_ids.iter().position(|id| *id == theme) else { return Vec::new() };
        self.weigh();
        let (nodes, _) = self.nodes();
        let members: Vec<(usize, u32)> = nodes
            .iter()
            .enumerate()
            .filter(|(slot, _)| self.themes[*slot] as usize == number)
            .filter_map(|(slot, node)| Some((slot, (*node)?)))
            .collect();
        let place: HashMap<u32, u32> = members.iter().zip(0..).map(|((_, node), place)| (*node, place)).collect();
        // The rest of the graph is one node: items keep their strength, so that g means here what it means there.
        let rest = members.len() as u32;
        let placed = |node: u32| place.get(&node).copied().unwrap_or(rest);
        let edges: Vec<(u32, u32, f32)> =
            self.edges(&nodes).into_iter().map(|(a, b, weight)| (placed(a), placed(b), weight)).collect();
        let apart: Vec<u32> = (0..=rest).map(|place| u32::from(place == rest)).collect();
        let graph = Graph::new(members.len() + 1, &edges).within(&apart);
        let g = match self.granularity {
            Granularity::Fixed(g) => g,
            Granularity::Auto => self.chosen.unwrap_or(FIRST),
        };
        let found = leiden(&graph, f64::from(g * SUB_THEMES), (0..=rest).collect(), 2);
        let mut parts: BTreeMap<u32, Vec<Uuid>> = BTreeMap::new();
        for ((slot, _), part) in members.iter().zip(&found) {
            parts.entry(*part).or_default().push(self.ids[*slot]);
        }
        let mut parts: Vec<Vec<Uuid>> = parts.into_values().filter(|items| items.len() >= smallest).collect();
        parts.sort_by_key(|items| std::cmp::Reverse(items.len()));
        if parts.len() > 1 { parts } else { Vec::new() }
    }
}
