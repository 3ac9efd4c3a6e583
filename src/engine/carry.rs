//! Which theme a found community carries on: what people decided first, then what it has most of.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::bank::Examples;
use super::copies::Member;
use super::items::{NO_THEME, ThemeNo};

/// People speak for a community when they placed so many of its items, and this share of them, half of these alike.
const SPEAKERS: usize = 2;
const SPEAKING_SHARE: f32 = 0.1;

/// What people's placements say about communities.
pub(super) struct Spoken {
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
pub(super) enum Place {
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
pub(super) fn match_themes(
    overlaps: HashMap<(u32, ThemeNo), usize>,
    decided: &HashMap<u32, ThemeNo>,
) -> HashMap<u32, Place> {
    let mut pairs: Vec<((u32, ThemeNo), usize)> = overlaps.into_iter().collect();
    pairs.sort_unstable_by_key(|((community, theme), shared)| (std::cmp::Reverse(*shared), *theme, *community));
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
        assert_eq!(kept, HashMap::from([(1, Place::Known(7)), (0, Place::Known(4))]));
        let kept = match_themes(overlaps, &HashMap::from([(0, 3)]));
        assert_eq!(kept, HashMap::from([(1, Place::Known(7)), (0, Place::Known(3))]));
    }
}
