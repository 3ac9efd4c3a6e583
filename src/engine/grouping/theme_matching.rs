//! Which theme a found community carries on: what people decided first, then what it has most of.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::examples::Examples;
use crate::engine::search::copies::Member;
use crate::engine::search::items::{NO_THEME, ThemeNo};

/// People speak for a community when they placed so many of its items, and this share of them, half of these alike.
const SPEAKERS: usize = 2;
const SPEAKING_SHARE: f32 = 0.1;

/// What people's placements say about communities.
pub(in crate::engine) struct Spoken {
    /// The theme of each community for which they have spoken.
    pub decided: HashMap<u32, ThemeNo>,
    /// The themes that they placed items of a community in, where there are several.
    divided: HashMap<u32, Vec<ThemeNo>>,
}

impl Spoken {
    /// From the items with the community of each.
    pub fn of<'a>(members: impl Iterator<Item = (u32, &'a Member)>) -> Spoken {
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
        Spoken { decided, divided }
    }

    /// Where people placed items of a community in several themes: the one whose examples are nearest.
    pub fn between(&self, community: u32, examples: &Examples) -> Option<ThemeNo> {
        let divided = self.divided.get(&community)?;
        examples.vote(|theme| divided.contains(&theme)).map(|(theme, _, _)| theme)
    }
}

/// Where a community goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) enum Place {
    Known(ThemeNo),
    New(Uuid),
}

impl Place {
    /// The id of the theme.
    pub fn id(self, theme_ids: &[Uuid]) -> Uuid {
        match self {
            Place::Known(theme) => theme_ids[theme as usize],
            Place::New(id) => id,
        }
    }
}

/// The theme that each community carries on: what people decided, then the largest overlap first, each theme and each
/// community once. Among equals the older theme comes first.
///
/// A community carries on no theme but the one that it has most items of, and only where these are half of the theme or
/// half of the community: else the theme, its label and its story would stand for other feedback than before. Communities
/// without one become new themes.
pub(in crate::engine) fn match_themes(
    overlaps: HashMap<(u32, ThemeNo), usize>,
    decided: &HashMap<u32, ThemeNo>,
) -> HashMap<u32, Place> {
    let (mut of_community, mut of_theme) = (HashMap::<u32, usize>::new(), HashMap::<ThemeNo, usize>::new());
    let mut most: HashMap<u32, (usize, Reverse<ThemeNo>)> = HashMap::new();
    for ((community, theme), shared) in &overlaps {
        *of_community.entry(*community).or_default() += shared;
        *of_theme.entry(*theme).or_default() += shared;
        let most = most.entry(*community).or_insert((0, Reverse(0)));
        *most = (*most).max((*shared, Reverse(*theme)));
    }
    let goes_on = |community: &u32, theme: &ThemeNo, shared: usize| {
        most[community].1 == Reverse(*theme) && (2 * shared >= of_theme[theme] || 2 * shared >= of_community[community])
    };
    let mut pairs: Vec<((u32, ThemeNo), usize)> =
        overlaps.iter().filter(|((c, theme), shared)| goes_on(c, theme, **shared)).map(|(p, s)| (*p, *s)).collect();
    pairs.sort_unstable_by_key(|((community, theme), shared)| (Reverse(*shared), *theme, *community));
    let mut kept: HashMap<u32, Place> = decided.iter().map(|(c, theme)| (*c, Place::Known(*theme))).collect();
    let mut taken: HashSet<ThemeNo> = decided.values().copied().collect();
    for ((community, theme), _) in pairs {
        if !kept.contains_key(&community) && taken.insert(theme) {
            kept.insert(community, Place::Known(theme));
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
        assert_eq!(kept, HashMap::from([(1, Place::Known(7))]), "4 would stand for what was 7");
        let kept = match_themes(overlaps, &HashMap::from([(0, 3)]));
        assert_eq!(kept, HashMap::from([(1, Place::Known(7)), (0, Place::Known(3))]));
    }

    #[test]
    fn a_theme_goes_on_only_in_what_was_mostly_in_it_or_holds_most_of_it() {
        let goes_on = |overlaps: &[((u32, ThemeNo), usize)]| {
            let kept = match_themes(overlaps.iter().copied().collect(), &HashMap::new());
            let mut kept: Vec<u32> = kept
                .into_iter()
                .filter(|(_, place)| *place == Place::Known(1))
                .map(|(community, _)| community)
                .collect();
            kept.sort_unstable();
            kept
        };
        // It grew by what many small themes held.
        assert_eq!(goes_on(&[((0, 1), 12), ((0, 2), 5), ((0, 3), 5), ((0, 4), 5)]), [0]);
        // It was cut into three.
        assert_eq!(goes_on(&[((0, 1), 4), ((1, 1), 5), ((2, 1), 3)]), [1]);
        // It went into a part of a larger theme, whose other part carries that on.
        assert_eq!(goes_on(&[((0, 1), 12), ((0, 2), 88), ((1, 2), 120)]), [] as [u32; 0]);
        // It was scattered, and the largest piece is little of where it went.
        let pieces = [((0, 1), 4), ((0, 2), 3), ((0, 3), 3), ((1, 1), 3), ((1, 4), 9), ((2, 1), 3), ((2, 5), 9)];
        assert_eq!(goes_on(&pieces), [] as [u32; 0]);
    }
}
