//! Choice of the granularity of a stream's themes from its data.
//!
//! For each candidate g the graph is clustered several times more, each time without a fifth of the texts. Real themes
//! are found again (stability), texts are in one theme with their nearest neighbours (purity, minus what the sizes alone
//! would give), and the texts of a theme have something in common (coherence). Nothing in a graph says which of several
//! real levels people want, so three things are set against the measures:
//!
//! - A cloud without themes is clustered the more alike the smaller its communities are. Only stability beyond that
//!   counts; and with few texts, where it is hardly more than chance, only where there is much of it.
//! - People call texts of about the same likeness a theme, whatever the product: the built-in vectors measure the
//!   coherence that is expected at least. Below a certain coherence, less says nothing, because broad subjects are
//!   themes as well.
//! - People read a few dozen themes, and more of them where there is more feedback. This is a broad expectation: it
//!   decides where the others do not, which is mostly where there are few texts.
//!
//! With few texts stability says less, and does not object to cutting one matter by its objects ("a quote for my car").
//! So there separation counts too: how much more alike the texts of a theme are than those of it and its nearest theme.
//!
//! The score is a weighted sum of logarithms; each candidate's is the mean with those of its neighbours (1:2:1), because all of
//! it is measured with noise. The constants were found with 38 sources of English and Korean in view (7 to 500 themes; 25 of them
//! as customers write to a small product, 60 to 414 texts), and with beginnings and skewed selections of them, of 46 to 22,500
//! texts. The choice reaches .89 of the ARI at the best g in the mean over the sources, as much on one that is left out.

use std::collections::HashMap;

use super::cooccurrence::Row;
use super::leiden::{Graph, leiden};
use super::likeness::likeness;
use super::scores::{highest, smoothed};

/// The candidates for g, two per octave.
pub const CANDIDATES: [f32; 17] =
    [0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.7, 8.0, 11.3, 16.0, 22.6, 32.0, 45.3, 64.0, 90.5, 128.0];
/// The granularity before one is chosen: below 2, modularity joins two texts that have only one weak edge.
pub(in crate::engine) const FIRST: f32 = 2.0;
/// The number of texts from which on the granularity is chosen from the data.
pub(in crate::engine) const CHOOSE_FROM: usize = 20;

/// With fewer texts than this every candidate's stability is measured, with more of them that of every other one.
const FEW_TEXTS: usize = 1_500;
/// One in this many texts is left out.
const LEFT_OUT: u64 = 5;
/// The number of nearest neighbours for purity.
const PURITY_NEIGHBOURS: usize = 5;
/// The stability of a cloud without themes falls with the logarithm of the mean size of its communities. These values
/// are a little above those of Gaussian clouds.
const CLOUD: f32 = 0.82;
const CLOUD_SLOPE: f32 = 0.11;
/// The weight of purity.
const PURITY_WEIGHT: f32 = 0.8;
/// The coherence that is expected at least, the least that counts, and the weight.
const COHERENT: f32 = 0.56;
const LEAST_COHERENT: f32 = 0.3;
const COHERENCE_WEIGHT: f32 = 2.7;
/// The least separation that counts, its weight up to this number of texts; beyond, it falls with the number's square.
const LEAST_SEPARATE: f32 = 0.1;
const SEPARATION_WEIGHT: f32 = 2.0;
const SEPARATION_UP_TO: f32 = 1_000.0;
/// The expected number of themes is this times the root of the number of texts. Its weight doubles at this number.
const EXPECTED: f32 = 1.6;
const EXPECTATION_WEIGHT: f32 = 0.02;
const EXPECTATION_DOUBLES_AT: f32 = 8_000.0;
/// The least stability beyond chance that counts: this plus [`UNSTABLE_TEXTS`] / the number of texts. Below it, all stabilities
/// count alike, because with few texts they differ by chance.
const LEAST_STABLE: f32 = 0.2;
const UNSTABLE_TEXTS: f32 = 60.0;
/// The least purity that counts.
const LEAST: f32 = 0.02;
/// Where no candidate's stability exceeds that of a cloud by this share of what is left, there are no themes.
const REAL: f32 = 0.08;
/// The granularity where there are no themes: few pieces.
const WITHOUT_THEMES: f32 = 1.0;
/// The previous choice is kept while its score is at most this much below that of the new choice.
const KEPT: f32 = 0.01;

/// A candidate with its quality measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// g, see [`super::Granularity::Fixed`].
    pub granularity: f32,
    /// How many themes of at least two items it gives.
    pub themes: usize,
    /// Mean adjusted Rand index between the themes with and without a fifth of the texts, at most 1.
    pub stability: f32,
    /// The stability of a cloud without themes in communities of the same mean size.
    pub by_chance: f32,
    /// Share of the 5 nearest neighbours that are in the item's own theme, minus the share expected from the sizes of
    /// the themes alone. A theme of fewer than 6 items counts only as many neighbours as it has.
    pub purity: f32,
    /// Mean cosine of the meanings of two texts of a theme; 0 where it was not measured.
    pub coherence: f32,
    /// Coherence minus the mean cosine of a theme's texts with those of its nearest other theme; 0 if not measured.
    pub separation: f32,
    /// The measure that decides, a logarithm.
    pub score: f32,
}

/// A choice, with the candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The chosen g.
    pub granularity: f32,
    /// Whether it is the previous choice, kept because no other is clearly better.
    pub kept: bool,
    /// All candidates, coarsest first.
    pub candidates: Vec<Candidate>,
}

impl Choice {
    /// The candidates that were not chosen, best first.
    pub fn runners_up(&self) -> Vec<Candidate> {
        let mut others = self.candidates.clone();
        others.retain(|c| c.granularity != self.granularity);
        others.sort_by(|a, b| b.score.total_cmp(&a.score));
        others
    }
}

/// The data for the choice.
pub(in crate::engine) struct Evidence<'a> {
    pub nodes: usize,
    pub edges: &'a [(u32, u32, f32)],
    /// The nearest neighbours of each node, as nodes, without its copies.
    pub nearest: &'a dyn Fn(usize, &mut Vec<u32>),
    /// The meaning of each node; `None` where the vectors are of an embedder whose cosines are not known.
    pub meaning: Option<&'a dyn Fn(usize) -> &'a Row>,
}

/// Chooses among [`CANDIDATES`]; returns the choice and the communities for the chosen g.
pub(in crate::engine) fn choose(evidence: &Evidence<'_>, before: Option<f32>) -> (Choice, Vec<u32>) {
    let whole = Graph::new(evidence.nodes, evidence.edges);
    let mut cuts = CANDIDATES.map(|g| cut(evidence, &whole, g));
    let stability = stability(evidence, &cuts);
    let mut found: Vec<Candidate> =
        (0..CANDIDATES.len()).map(|at| candidate(evidence, CANDIDATES[at], &cuts[at], stability[at])).collect();
    let scores: Vec<f32> = smoothed(&found.iter().map(|c| score(c, evidence)).collect::<Vec<_>>());
    found.iter_mut().zip(&scores).for_each(|(c, score)| c.score = *score);
    let has_themes = found.iter().any(|c| c.purity >= REAL && beyond_chance(c) >= REAL);
    let now = if has_themes { highest(&scores) } else { found.iter().position(is_coarse).unwrap_or(0) };
    let kept = found.iter().position(|c| Some(c.granularity) == before && c.score >= scores[now] - KEPT);
    let kept = kept.filter(|kept| *kept != now && has_themes);
    let chosen = kept.unwrap_or(now);
    let choice = Choice { granularity: found[chosen].granularity, kept: kept.is_some(), candidates: found };
    let communities = leiden(&whole, f64::from(choice.granularity), std::mem::take(&mut cuts[chosen]), 1);
    (choice, communities)
}

fn is_coarse(candidate: &Candidate) -> bool {
    candidate.granularity == WITHOUT_THEMES
}

fn cut(evidence: &Evidence<'_>, graph: &Graph, g: f32) -> Vec<u32> {
    leiden(graph, f64::from(g), (0..evidence.nodes as u32).collect(), 1)
}

/// How much of each candidate's themes is found again without a fifth of the texts. With many texts every other
/// candidate is tried, and those between get the mean of both sides: this takes most of the time of a choice.
pub(in crate::engine) fn stability(
    evidence: &Evidence<'_>,
    cuts: &[Vec<u32>; CANDIDATES.len()],
) -> [f32; CANDIDATES.len()] {
    let replicates = replicates(evidence.nodes);
    let step = if evidence.nodes < FEW_TEXTS { 1 } else { 2 };
    let mut sums = [0.0; CANDIDATES.len()];
    for replicate in 1..=replicates {
        let is_kept = |node: u32| !mixed(node, replicate).is_multiple_of(LEFT_OUT);
        // One at a time, because each needs as much memory as the whole graph.
        let partial = Graph::new(evidence.nodes, evidence.edges.iter().filter(|(a, b, _)| is_kept(*a) && is_kept(*b)));
        for ((g, whole), sum) in CANDIDATES.into_iter().zip(cuts).zip(&mut sums).step_by(step) {
            let again = cut(evidence, &partial, g);
            let both = (0..).zip(whole.iter().zip(&again)).filter(|(node, _)| is_kept(*node));
            let (whole, again): (Vec<u32>, Vec<u32>) = both.map(|(_, (a, b))| (*a, *b)).unzip();
            *sum += rand_index(&whole, &again) as f32;
        }
    }
    for at in (1..CANDIDATES.len() - 1).step_by(2).filter(|_| step > 1) {
        sums[at] = (sums[at - 1] + sums[at + 1]) / 2.0;
    }
    sums.map(|sum| sum / replicates as f32)
}

/// The number of graphs with missing texts; with few texts each says less, so there are more.
fn replicates(texts: usize) -> u64 {
    match texts {
        0..200 => 16,
        200..FEW_TEXTS => 8,
        _ => 4,
    }
}

/// The quality measures of a candidate, from its communities.
pub(in crate::engine) fn candidate(evidence: &Evidence<'_>, g: f32, communities: &[u32], stability: f32) -> Candidate {
    let sizes = sizes(communities);
    let (coherence, separation) =
        evidence.meaning.map_or((0.0, 0.0), |meaning| likeness(evidence.edges, meaning, communities, &sizes));
    Candidate {
        granularity: g,
        themes: sizes.iter().filter(|size| **size > 1).count(),
        stability,
        by_chance: (CLOUD - CLOUD_SLOPE * (evidence.nodes as f32 / sizes.len().max(1) as f32).ln()).clamp(LEAST, 0.95),
        purity: purity(evidence, communities, &sizes) as f32,
        coherence,
        separation,
        score: 0.0,
    }
}

/// The stability beyond chance, in parts of what it could be.
fn beyond_chance(c: &Candidate) -> f32 {
    (c.stability - c.by_chance) / (1.0 - c.by_chance)
}

/// What speaks for a candidate.
fn score(c: &Candidate, evidence: &Evidence<'_>) -> f32 {
    let texts = evidence.nodes as f32;
    let unexpected = (c.themes.max(1) as f32 / (EXPECTED * texts.sqrt())).ln().powi(2) / 2.0;
    let unexpected = unexpected * EXPECTATION_WEIGHT * (1.0 + EXPECTATION_DOUBLES_AT / texts);
    let least = LEAST_STABLE + UNSTABLE_TEXTS / texts;
    let found = beyond_chance(c).max(least).ln() + PURITY_WEIGHT * c.purity.max(LEAST).ln();
    let alike = evidence.meaning.map_or(0.0, |_| alike(c, texts));
    found + alike - unexpected
}

/// What the likeness of the texts says for a candidate.
fn alike(c: &Candidate, texts: f32) -> f32 {
    let incoherent = (c.coherence.max(LEAST_COHERENT) / COHERENT).min(1.0).ln().powi(2) / 2.0;
    let separation_weight = SEPARATION_WEIGHT * (SEPARATION_UP_TO / texts).min(1.0).powi(2);
    separation_weight * c.separation.max(LEAST_SEPARATE).ln() - COHERENCE_WEIGHT * incoherent
}

/// A number that looks random but is always the same (splitmix64).
fn mixed(node: u32, replicate: u64) -> u64 {
    let mut h = u64::from(node).wrapping_add(replicate.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

fn sizes(communities: &[u32]) -> Vec<usize> {
    let count = communities.iter().max().map_or(0, |max| *max as usize + 1);
    let mut sizes = vec![0; count];
    communities.iter().for_each(|c| sizes[*c as usize] += 1);
    sizes
}

fn purity(evidence: &Evidence<'_>, communities: &[u32], sizes: &[usize]) -> f64 {
    let n = communities.len().max(1) as f64;
    let mut near = Vec::new();
    let mut total = 0.0;
    for (node, own) in communities.iter().enumerate() {
        near.clear();
        (evidence.nearest)(node, &mut near);
        near.truncate(PURITY_NEIGHBOURS.min(sizes[*own as usize] - 1));
        let together = near.iter().filter(|other| communities[**other as usize] == *own).count();
        total += together as f64 / near.len().max(1) as f64;
    }
    let by_size: f64 = sizes.iter().map(|size| (*size as f64 / n).powi(2)).sum();
    total / n - by_size
}

/// Adjusted Rand index of two partitions; 0 where both leave every node alone, so that nothing is found again.
fn rand_index(a: &[u32], b: &[u32]) -> f64 {
    let pairs = |v: usize| v as f64 * (v as f64 - 1.0) / 2.0;
    let mut cells: HashMap<(u32, u32), usize> = HashMap::new();
    a.iter().zip(b).for_each(|(x, y)| *cells.entry((*x, *y)).or_default() += 1);
    // Sums of whole numbers below 2^53 are exact, so the order of the cells makes no difference.
    let together: f64 = cells.values().map(|v| pairs(*v)).sum();
    let (of_a, of_b): (f64, f64) = (sizes(a).iter().map(|v| pairs(*v)).sum(), sizes(b).iter().map(|v| pairs(*v)).sum());
    let by_chance = of_a * of_b / pairs(a.len()).max(1.0);
    let most = (of_a + of_b) / 2.0;
    match most - by_chance {
        _ if most == 0.0 => 0.0,
        0.0 => 1.0,
        beyond => (together - by_chance) / beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cliques of a size, weakly connected in a chain, so that the themes are obvious.
    fn evidence(count: u32, size: u32, run: impl FnOnce(&Evidence<'_>)) {
        let mut edges = Vec::new();
        for c in 0..count {
            for a in 0..size {
                edges.extend((a + 1..size).map(|b| (c * size + a, c * size + b, 1.0)));
            }
            edges.push((c * size, (c + 1) % count * size + 1, 0.3));
        }
        let nearest = |node: usize, near: &mut Vec<u32>| {
            let first = node as u32 / size * size;
            near.extend((first..first + size).filter(|other| *other != node as u32));
        };
        run(&Evidence { nodes: (count * size) as usize, edges: &edges, nearest: &nearest, meaning: None });
    }

    #[test]
    fn the_themes_that_are_there_are_chosen_be_they_few_or_many() {
        for (count, size) in [(6, 30), (80, 8)] {
            evidence(count, size, |evidence| {
                let (choice, communities) = choose(evidence, None);
                assert_eq!(sizes(&communities), vec![size as usize; count as usize], "{choice:?}");
                assert_eq!(choice.runners_up().len(), CANDIDATES.len() - 1);
            });
        }
    }

    #[test]
    fn a_choice_stays_while_it_is_nearly_as_good() {
        evidence(6, 30, |evidence| {
            let (choice, _) = choose(evidence, None);
            let chosen = choice.candidates.iter().find(|c| c.granularity == choice.granularity).unwrap().score;
            for c in &choice.candidates {
                let again = choose(evidence, Some(c.granularity)).0;
                let stays = c.granularity != choice.granularity && c.score >= chosen - KEPT;
                assert_eq!(again.kept, stays, "{c:?}");
            }
        });
    }

    /// A cloud of points without themes, each with its 15 nearest.
    fn cloud(dimensions: usize, count: usize, run: impl FnOnce(&Evidence<'_>)) {
        let mut state = 88_172_645_463_325_252_u64 + count as u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1 << 24) as f32
        };
        let mut point = || {
            let mut point: Vec<f32> = (0..dimensions).map(|_| (0..6).map(|_| uniform()).sum::<f32>() - 3.0).collect();
            crate::engine::text::vector::normalise(&mut point);
            point
        };
        let points: Vec<Vec<f32>> = (0..count).map(|_| point()).collect();
        let near = |a: usize| {
            let cosine = |b: usize| points[a].iter().zip(&points[b]).map(|(x, y)| x * y).sum::<f32>();
            let mut others: Vec<(u32, f32)> = (0..count).filter(|b| *b != a).map(|b| (b as u32, cosine(b))).collect();
            others.sort_by(|x, y| y.1.total_cmp(&x.1));
            others.truncate(15);
            others
        };
        let near: Vec<Vec<(u32, f32)>> = (0..count).map(near).collect();
        let edges: Vec<(u32, u32, f32)> = (0..)
            .zip(&near)
            .flat_map(|(a, near)| near.iter().map(move |(b, cosine)| (a, *b, (2.0 * cosine).powi(3) / 2.0)))
            .collect();
        let nearest = |node: usize, out: &mut Vec<u32>| out.extend(near[node].iter().map(|(other, _)| *other));
        run(&Evidence { nodes: count, edges: &edges, nearest: &nearest, meaning: None });
    }

    #[test]
    fn a_cloud_without_themes_gives_few_themes() {
        for (dimensions, count) in [(10, 300), (20, 300), (20, 900), (50, 600)] {
            cloud(dimensions, count, |evidence| {
                let (choice, communities) = choose(evidence, None);
                let themes = sizes(&communities).len();
                assert!((1..=40).contains(&themes), "{themes} of {count} in {dimensions} dimensions: {choice:?}");
            });
        }
    }

    #[test]
    fn texts_that_are_all_alone_are_no_choice_where_some_belong_together() {
        let alone: Vec<u32> = (0..60).collect();
        assert_eq!(rand_index(&alone, &alone), 0.0, "nothing is found again");
        let row: Row = [0; size_of::<Row>()];
        let meaning = |_: usize| &row;
        let evidence = Evidence { nodes: 60, edges: &[], nearest: &|_, _| {}, meaning: Some(&meaning) };
        let none = candidate(&evidence, 128.0, &alone, 0.0);
        // Themes that are hardly stable, hardly pure and hardly alike.
        let weak = Candidate { themes: 12, stability: 0.7, purity: 0.2, coherence: 0.2, separation: 0.05, ..none };
        assert!(score(&none, &evidence) < score(&weak, &evidence));
    }

    #[test]
    fn coherence_is_the_mean_cosine_of_two_texts_of_a_theme() {
        let row = |at: usize| {
            let mut meaning = [0.0; size_of::<Row>()];
            meaning[at] = 1.0;
            crate::engine::text::vector::pack_all(&meaning)
        };
        let rows = [row(0), row(0), row(1), row(2), row(3)];
        let meaning = |node: usize| &rows[node];
        let of = |communities: &[u32]| likeness(&[], &meaning, communities, &sizes(communities)).0;
        assert!((of(&[0, 0, 1, 1, 2]) - 0.4).abs() < 1e-5, "two texts of five have an equal one");
        assert!((of(&[0, 0, 0, 1, 1]) - 0.2).abs() < 1e-5 && of(&[0, 1, 2, 3, 4]) == 0.0, "one pair of three");
    }
}
