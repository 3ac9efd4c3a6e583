//! The moves of a refinement: which theme each item goes to, from the communities that were found.

use std::collections::HashMap;

use uuid::Uuid;

use super::refine::{GraphSnapshot, Linked, Move};
use crate::engine::grouping::alone::ALONE_FROM;
use crate::engine::grouping::grouper::Granularity;
use crate::engine::grouping::label_spreading::{self, ENOUGH, Placed};
use crate::engine::grouping::theme_matching::{Decisions, Target, match_themes};
use crate::engine::search::copies::Member;
use crate::engine::search::neighbours::{NO_THEME, Slot, ThemeNo};

impl GraphSnapshot {
    pub(super) fn moves(
        &self,
        linked: &Linked,
        communities: &[u32],
        new_theme: &mut impl FnMut() -> Uuid,
    ) -> Vec<Move> {
        let community = |member: &Member| linked.nodes[member.slot as usize].map(|node| communities[node as usize]);
        let open = || self.members.iter().filter(|member| member.theme != NO_THEME && !member.pinned);
        let mut overlaps: HashMap<(u32, ThemeNo), usize> = HashMap::new();
        for member in open().filter(|member| !self.is_place(member.theme)) {
            if let Some(community) = community(member) {
                *overlaps.entry((community, member.theme)).or_default() += 1;
            }
        }
        let predicted_themes = self.predicted_themes(linked, communities, &overlaps);
        let decisions = Decisions::of(self.members.iter().filter_map(|member| Some((community(member)?, member))));
        let is_alone = self.alone(&community);
        let mut kept = match_themes(overlaps, &decisions.decided);
        let mut moves: Vec<(Slot, Move)> = Vec::new();
        for member in open() {
            let slot = member.slot as usize;
            let between = |community: u32| decisions.between(community, self.examples.get(slot)?);
            let place = match (predicted_themes.get(slot).copied().flatten(), community(member)) {
                (Some(theme), _) => Some(Target::Known(theme)),
                _ if is_alone(member) => None,
                // No neighbours are known, but the copies of the text belong together.
                (None, None) => Some(Target::Known(self.homes[slot].unwrap_or(member.theme))),
                (None, Some(community)) => Some(match between(community) {
                    Some(theme) => Target::Known(theme),
                    None => *kept.entry(community).or_insert_with(|| Target::New(new_theme())),
                }),
            };
            let (from, to) = (self.shown(member.theme), place.and_then(|place| self.id_of(place)));
            if from != to {
                moves.push((member.slot, Move { item: member.id, from, to }));
            }
        }
        // The moves are written in pieces. Sorted like this, a crash between two pieces separates at most one text from
        // its copies.
        moves.sort_by_key(|(slot, _)| *slot);
        moves.into_iter().map(|(_, m)| m).collect()
    }

    /// Whether an item is the only one of its community, and without copies where it has no neighbours and so is in no
    /// community. In a small product such an item has a theme all the same.
    fn alone(&self, community: &impl Fn(&Member) -> Option<u32>) -> impl Fn(&Member) -> bool {
        let present = || self.members.iter().filter(|member| member.theme != NO_THEME);
        let (mut together, mut copies) = (HashMap::<u32, usize>::new(), HashMap::<Slot, usize>::new());
        for member in present() {
            *copies.entry(member.slot).or_default() += 1;
            if let Some(community) = community(member) {
                *together.entry(community).or_default() += 1;
            }
        }
        // A person who set the granularity asked for fine themes: those of one item stay.
        let is_large = present().count() >= ALONE_FROM && !matches!(self.granularity, Granularity::Fixed(_));
        move |member| {
            let company = community(member).map_or_else(|| copies[&member.slot], |community| together[&community]);
            is_large && company == 1
        }
    }

    /// Whether this is the place of an item without a theme.
    fn is_place(&self, theme: ThemeNo) -> bool {
        self.places.get(theme as usize).is_some_and(|is_place| *is_place)
    }

    /// The theme as others see it.
    pub(super) fn shown(&self, theme: ThemeNo) -> Option<Uuid> {
        self.theme_ids.get(theme as usize).copied().filter(|_| !self.is_place(theme))
    }

    fn id_of(&self, target: Target) -> Option<Uuid> {
        match target {
            Target::Known(theme) => self.shown(theme),
            Target::New(id) => Some(id),
        }
    }

    /// The theme predicted for each text from people's decisions about others; empty where there are none. There are
    /// two predictors (label spreading and the nearest examples); each is used only if it is right about the assigned
    /// texts themselves.
    fn predicted_themes(
        &self,
        linked: &Linked,
        communities: &[u32],
        overlaps: &HashMap<(u32, ThemeNo), usize>,
    ) -> Vec<Option<ThemeNo>> {
        if self.examples.is_empty() {
            return Vec::new();
        }
        let kept = match_themes(overlaps.clone(), &HashMap::new());
        // A community that would become a new theme gets a number that no known theme has.
        let by_itself = communities.iter().map(|community| match kept.get(community) {
            Some(Target::Known(theme)) => *theme,
            _ => self.theme_ids.len() as ThemeNo + community,
        });
        let by_itself: Vec<ThemeNo> = by_itself.collect();
        let placed = linked.slots.iter().zip(0..);
        let placed = placed.filter_map(|(slot, node)| Some(Placed { node, theme: self.decided[*slot as usize]? }));
        let placed: Vec<Placed> = placed.collect();
        let spread = label_spreading::predict(&by_itself, &linked.edges, &placed);
        let elsewhere = |node: u32| {
            let theme = spread.as_ref()?[node as usize];
            let known = (theme as usize) < self.theme_ids.len() && !self.is_place(theme);
            known.then_some(theme)
        };
        let gain = |placed: &Placed| {
            let slot = linked.slots[placed.node as usize];
            let predicted = self.examples[slot as usize].without(slot).verdict(&self.neighbours[slot as usize])?.0;
            let right = |theme: ThemeNo| i32::from(theme == placed.theme);
            Some(right(predicted) - right(by_itself[placed.node as usize]))
        };
        let gain: i32 = placed.iter().filter_map(gain).sum();
        let helps = gain > 0 || placed.len() < ENOUGH;
        let verdict = |slot: usize| Some(self.examples[slot].verdict(&self.neighbours[slot])?.0);
        let of = |(slot, node): (usize, &Option<u32>)| elsewhere((*node)?).or_else(|| verdict(slot).filter(|_| helps));
        linked.nodes.iter().enumerate().map(of).collect()
    }
}
