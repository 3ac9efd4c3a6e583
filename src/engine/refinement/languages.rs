//! Themes that were cut in two by language.
//!
//! A matter of which customers write in two languages has fewer edges between its halves than within them, because a
//! text has 15 neighbours of its own script and five of the other. The finer the granularity, the more matters fall apart
//! into their languages, the largest ones first. So after the communities are found, two of them are joined where one is
//! of Korean texts and the other of others, and the edges of each that lead to the other script lead into the other one
//! as its own edges stay in it:
//!
//! ```text
//! sqrt( s(A,B) / s(B,B)  x  s(B,A) / s(A,A) )        each factor at most 1
//! ```
//!
//! where s(A,B) is the share of the edges from A to the script of B that end in B. Nobody knows whether two languages
//! speak about the same at all: of two that do not, each theme has a nearest one in the other language as well. So
//! themes are joined only where most texts of the stream are in themes that hold both languages without that.

use std::collections::BTreeMap;

use crate::engine::search::neighbours::ThemeNo;
use crate::engine::search::script::Script;

/// A community whose share of texts in the other script is at most this is of one language.
const OF_ONE: f32 = 0.15;
/// The least share of the stream's texts in communities of both languages.
const SHARED: f32 = 0.5;
/// The least degree of two communities that are joined.
const LEAST_DEGREE: f32 = 0.55;
/// Smaller communities say too little about where their edges lead.
const LEAST_TEXTS: u32 = 4;

const SCRIPTS: usize = 2;

fn index(script: Script) -> usize {
    usize::from(script == Script::Korean)
}

/// What a community consists of and where its edges lead.
#[derive(Clone, Default)]
struct Part {
    /// The number of texts in each script.
    texts: [u32; SCRIPTS],
    /// The weight of the edges to texts of its own language and of the other.
    own: f32,
    foreign: f32,
    /// The weight of the edges inside, between texts of one script.
    inside: f32,
    /// A theme to which people assigned texts of it.
    decided: Option<ThemeNo>,
}

impl Part {
    fn size(&self) -> u32 {
        self.texts.iter().sum()
    }

    /// The script of nearly all of its texts, if it has one.
    fn script(&self) -> Option<usize> {
        (0..SCRIPTS).find(|script| self.texts[*script] as f32 >= (1.0 - OF_ONE) * self.size() as f32)
    }
}

/// Joins communities that are the halves of one matter; each with at most one other. Two whose texts people assigned to
/// different themes stay apart. `decided` is the theme that people assigned a text to.
pub(in crate::engine) fn join(
    scripts: &[Script],
    edges: &[(u32, u32, f32)],
    decided: impl Fn(u32) -> Option<ThemeNo>,
    communities: &mut [u32],
) {
    if scripts.iter().all(|script| *script == scripts[0]) {
        return;
    }
    let (mut parts, between) = measured(scripts, edges, communities);
    for (node, community) in (0..).zip(communities.iter()) {
        let part = &mut parts[*community as usize];
        part.decided = part.decided.or_else(|| decided(node));
    }
    let mixed: u32 = parts.iter().filter(|part| part.script().is_none()).map(Part::size).sum();
    if (mixed as f32) < SHARED * communities.len() as f32 {
        return;
    }
    let degree = |a: usize, b: usize, weight: f32| {
        let towards = |from: &Part, to: &Part| {
            let there = weight / from.foreign.max(f32::EPSILON);
            (there / (to.inside / to.own.max(f32::EPSILON)).max(f32::EPSILON)).min(1.0)
        };
        (towards(&parts[a], &parts[b]) * towards(&parts[b], &parts[a])).sqrt()
    };
    let halves = |a: usize, b: usize| match (parts[a].script(), parts[b].script()) {
        (Some(one), Some(other)) if one != other => {
            let are_apart = parts[a].decided.zip(parts[b].decided).is_some_and(|(one, other)| one != other);
            parts[a].size().min(parts[b].size()) >= LEAST_TEXTS && !are_apart
        }
        _ => false,
    };
    let mut pairs: Vec<(f32, usize, usize)> = between
        .iter()
        .filter(|((a, b), _)| halves(*a, *b))
        .map(|((a, b), weight)| (degree(*a, *b, *weight), *a, *b))
        .filter(|(degree, _, _)| *degree >= LEAST_DEGREE)
        .collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut into: Vec<u32> = (0..parts.len() as u32).collect();
    let mut is_taken = vec![false; parts.len()];
    for (_, a, b) in pairs {
        if !is_taken[a] && !is_taken[b] {
            (is_taken[a], is_taken[b]) = (true, true);
            into[b] = a as u32;
        }
    }
    communities.iter_mut().for_each(|community| *community = into[*community as usize]);
}

/// The parts by community, and the weight of the edges across scripts between each two of them.
fn measured(
    scripts: &[Script],
    edges: &[(u32, u32, f32)],
    communities: &[u32],
) -> (Vec<Part>, BTreeMap<(usize, usize), f32>) {
    let count = communities.iter().max().map_or(0, |max| *max as usize + 1);
    let mut parts = vec![Part::default(); count];
    for (script, community) in scripts.iter().zip(communities) {
        parts[*community as usize].texts[index(*script)] += 1;
    }
    let mut between: BTreeMap<(usize, usize), f32> = BTreeMap::new();
    for (a, b, weight) in edges {
        let (from, to) = (communities[*a as usize] as usize, communities[*b as usize] as usize);
        let is_own = scripts[*a as usize] == scripts[*b as usize];
        for end in [from, to] {
            let sum = if is_own { &mut parts[end].own } else { &mut parts[end].foreign };
            *sum += weight;
        }
        if is_own && from == to {
            parts[from].inside += 2.0 * weight;
        } else if !is_own && from != to {
            *between.entry((from.min(to), from.max(to))).or_default() += weight;
        }
    }
    (parts, between)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH: u32 = 6;

    /// Matters, each with a half in each language, and how many of them are found whole.
    struct Sample {
        scripts: Vec<Script>,
        edges: Vec<(u32, u32, f32)>,
        communities: Vec<u32>,
    }

    /// Texts of a half are linked to each other, and each to its counterpart in the half that `other` names.
    fn sample(matters: u32, whole: u32, other: impl Fn(u32) -> u32) -> Sample {
        let node = |matter: u32, script: u32, n: u32| (2 * matter + script) * EACH + n;
        let mut sample = Sample { scripts: Vec::new(), edges: Vec::new(), communities: Vec::new() };
        for matter in 0..matters {
            for script in 0..2 {
                sample.scripts.extend([[Script::Korean, Script::Other][script as usize]; EACH as usize]);
                let community = if matter < whole { 2 * matter } else { 2 * matter + script };
                sample.communities.extend([community; EACH as usize]);
                for n in 0..EACH {
                    sample.edges.extend((n + 1..EACH).map(|m| (node(matter, script, n), node(matter, script, m), 1.0)));
                }
            }
            sample.edges.extend((0..EACH).map(|n| (node(matter, 0, n), node(other(matter), 1, n), 0.3)));
        }
        sample
    }

    fn joined(sample: &Sample, decided: impl Fn(u32) -> Option<ThemeNo>) -> usize {
        let mut communities = sample.communities.clone();
        join(&sample.scripts, &sample.edges, decided, &mut communities);
        let distinct = |all: &[u32]| all.iter().collect::<std::collections::BTreeSet<_>>().len();
        distinct(&sample.communities) - distinct(&communities)
    }

    #[test]
    fn a_matter_cut_in_two_by_language_is_joined_where_others_hold_both() {
        assert_eq!(joined(&sample(6, 4, |matter| matter), |_| None), 2);
        assert_eq!(joined(&sample(6, 2, |matter| matter), |_| None), 0, "the languages share too few themes");
        assert_eq!(joined(&sample(6, 6, |matter| matter), |_| None), 0, "nothing is left to join");
    }

    #[test]
    fn halves_whose_links_lead_to_many_themes_stay_apart() {
        let mut scattered = sample(6, 4, |matter| matter);
        // The texts of the fifth and the sixth matter are linked to those of all others.
        let is_odd = |node: u32| node >= 8 * EACH;
        scattered.edges.retain(|(a, b, weight)| *weight == 1.0 || !is_odd(*a) && !is_odd(*b));
        for n in 0..4 * EACH {
            let (korean, other) = (8 * EACH + n % EACH + n / 12 * 2 * EACH, (2 * (n % 4) + 1) * EACH + n % EACH);
            scattered.edges.push((korean, other, 0.3));
        }
        assert_eq!(joined(&scattered, |_| None), 0);
    }

    #[test]
    fn what_people_put_into_two_themes_stays_apart() {
        let sample = sample(6, 4, |matter| matter);
        let halves = |node: u32| (node >= 8 * EACH).then_some(node / EACH);
        assert_eq!(joined(&sample, halves), 0);
        assert_eq!(joined(&sample, |node| halves(node).map(|_| 7)), 2, "into one theme");
    }

    #[test]
    fn one_language_and_no_text_at_all_are_left_as_they_are() {
        let mut one = sample(4, 2, |matter| matter);
        one.scripts.fill(Script::Korean);
        assert_eq!(joined(&one, |_| None), 0);
        join(&[], &[], |_| None, &mut []);
    }
}
