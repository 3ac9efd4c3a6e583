//! Theme matching: which existing theme each newly found community continues. People's decisions come first, then the
//! largest overlap.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::examples::NearestExamples;
use crate::engine::search::copies::Member;
use crate::engine::search::neighbours::{NO_THEME, ThemeNo};

/// People decide the theme of a community if they assigned at least this many of its items and this share of them, and
/// half of these to one theme.
const SPEAKERS: usize = 2;
const SPEAKING_SHARE: f32 = 0.1;

/// People's assignments, by community.
pub(in crate::engine) struct Decisions {
    /// The theme of each community that people have decided.
    pub decided: HashMap<u32, ThemeNo>,
    /// The themes to which people assigned items of a community, where they are several.
    divided: HashMap<u32, Vec<ThemeNo>>,
}

impl Decisions {
    /// From all items, each with its community.
    pub fn of<'a>(members: impl Iterator<Item = (u32, &'a Member)>) -> Decisions {
        let mut sizes: HashMap<u32, usize> = HashMap::new();
        let mut placed: BTreeMap<u32, BTreeMap<ThemeNo, usize>> = BTreeMap::new();
        for (community, member) in members.filter(|(_, member)| member.theme != NO_THEME) {
            *sizes.entry(community).or_default() += 1;
            if member.pinned {
                *placed.entry(community).or_default().entry(member.theme).or_default() += 1;
            }
        }
        let (mut decided, mut divided) = (HashMap::new(), HashMap::new());
        for (community, themes) in placed {
            let all: usize = themes.values().sum();
            let needed = SPEAKERS.max((SPEAKING_SHARE * sizes[&community] as f32).ceil() as usize);
            let most = themes.iter().max_by_key(|(theme, count)| (**count, std::cmp::Reverse(**theme)));
            if let Some((theme, _)) = most.filter(|(_, count)| **count >= needed && **count * 2 >= all) {
                decided.insert(community, *theme);
            }
            if themes.len() > 1 && all >= needed {
                divided.insert(community, themes.into_keys().collect());
            }
        }
        Decisions { decided, divided }
    }

    /// For a community whose items people assigned to several themes: the theme with the nearest examples.
    pub fn between(&self, community: u32, examples: &NearestExamples) -> Option<ThemeNo> {
        let divided = self.divided.get(&community)?;
        examples.vote(|theme| divided.contains(&theme)).map(|(theme, _, _)| theme)
    }
}

/// The theme of a community.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) enum Target {
    Known(ThemeNo),
    New(Uuid),
}

/// Matches communities to existing themes one to one: first as people decided, then greedily by the largest overlap.
/// Ties go to the older theme.
///
/// A community can only continue the theme that it shares most items with, and only if these are at least half of the
/// theme or half of the community. Otherwise the theme, its label and its story would stand for different feedback than
/// before. A community without a match becomes a new theme.
/// without one become new themes.
pub(in crate::engine) fn match_themes(
    overlaps: HashMap<(u32, ThemeNo), usize>,
    decided: &HashMap<u32, ThemeNo>,
) -> HashMap<u32, Target> {
    let (mut of_community, mut of_theme) = (HashMap::<u32, usize>::new(), HashMap::<ThemeNo, usize>::new());
    let mut most: HashMap<u32, (usize, Reverse<ThemeNo>)> = HashMap::new();
    for ((community, theme), shared) in &overlaps {
        *of_community.entry(*community).or_default() += shared;
        *of_theme.entry(*theme).or_default() += shared;
        let most = most.entry(*community).or_insert((0, Reverse(0)));
        *most = (*most).max((*shared, Reverse(*theme)));
    }
    let may_continue = |community: &u32, theme: &ThemeNo, shared: usize| {
        most[community].1 == Reverse(*theme) && (2 * shared >= of_theme[theme] || 2 * shared >= of_community[community])
    };
    let mut pairs: Vec<((u32, ThemeNo), usize)> = overlaps
        .iter()
        .filter(|((c, theme), shared)| may_continue(c, theme, **shared))
        .map(|(p, s)| (*p, *s))
        .collect();
    pairs.sort_unstable_by_key(|((community, theme), shared)| (Reverse(*shared), *theme, *community));
    let mut kept: HashMap<u32, Target> = decided.iter().map(|(c, theme)| (*c, Target::Known(*theme))).collect();
    let mut taken: HashSet<ThemeNo> = decided.values().copied().collect();
    for ((community, theme), _) in pairs {
        if !kept.contains_key(&community) && taken.insert(theme) {
            kept.insert(community, Target::Known(theme));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_overlap_keeps_the_theme() {
        let overlaps = HashMap::from([((0, 7), 5), ((1, 7), 9), ((1, 3), 4), ((0, 4), 1)]);
        let kept = match_themes(overlaps.clone(), &HashMap::new());
        assert_eq!(kept, HashMap::from([(1, Target::Known(7))]), "4 would stand for what was 7");
        let kept = match_themes(overlaps, &HashMap::from([(0, 3)]));
        assert_eq!(kept, HashMap::from([(1, Target::Known(7)), (0, Target::Known(3))]));
    }

    #[test]
    fn a_theme_goes_on_only_in_what_was_mostly_in_it_or_holds_most_of_it() {
        let continued = |overlaps: &[((u32, ThemeNo), usize)]| {
            let kept = match_themes(overlaps.iter().copied().collect(), &HashMap::new());
            let mut kept: Vec<u32> = kept
                .into_iter()
                .filter(|(_, place)| *place == Target::Known(1))
                .map(|(community, _)| community)
                .collect();
            kept.sort_unstable();
            kept
        };
        // The theme grew by many items of small themes.
        assert_eq!(continued(&[((0, 1), 12), ((0, 2), 5), ((0, 3), 5), ((0, 4), 5)]), [0]);
        // The theme was split into three.
        assert_eq!(continued(&[((0, 1), 4), ((1, 1), 5), ((2, 1), 3)]), [1]);
        // The theme merged into a part of a larger one, whose other part continues the larger theme.
        assert_eq!(continued(&[((0, 1), 12), ((0, 2), 88), ((1, 2), 120)]), [] as [u32; 0]);
        // The theme was scattered, and its largest part is only a small part of its new community.
        let pieces = [((0, 1), 4), ((0, 2), 3), ((0, 3), 3), ((1, 1), 3), ((1, 4), 9), ((2, 1), 3), ((2, 5), 9)];
        assert_eq!(continued(&pieces), [] as [u32; 0]);
    }
}
