//! Choice of the granularity of a stream's themes from its data.
//!
//! For each candidate the graph is clustered three more times, each time without a fifth of its edges. Real themes are
//! found again (stability), and items are in one theme with their nearest neighbours (purity, minus what the sizes
//! alone would give). Both decrease slowly when themes become finer than they should be, so the evenness of the sizes
//! decides between adjacent candidates: a setting that is too coarse merges only some themes, one that is too fine
//! splits only some, and both make the sizes uneven. Where the sizes stay uneven, the themes really differ in size, and
//! a finer setting would only split the large ones.

use std::collections::HashMap;

use super::leiden::{Graph, leiden};

/// The candidates for g, one per octave.
pub const CANDIDATES: [f32; 9] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
/// The granularity before one is chosen.
pub(in crate::engine) const FIRST: f32 = 2.0;
/// The number of texts from which on the granularity is chosen from the data.
pub(in crate::engine) const CHOOSE_FROM: usize = 200;

/// The number of graphs with missing edges, and how many of ten edges each keeps.
const REPLICATES: u64 = 3;
const KEPT_TENTHS: u64 = 8;
/// The number of nearest neighbours for purity.
const PURITY_NEIGHBOURS: usize = 5;
/// The bonus of a candidate over the next coarser one: e to the power of this constant times the reduction in
/// unevenness. Tuned on forty streams, English and Korean, of 250 to 22,500 items in 15 to 500 themes.
const FINER: f32 = 0.1;
const UNEVEN: f32 = 0.725;
/// The previous choice is kept while its score is at most this share below the best.
const KEPT: f32 = 0.005;

/// A candidate with its quality measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// g, see [`super::Granularity::Fixed`].
    pub granularity: f32,
    /// How many themes of at least two items it gives.
    pub themes: usize,
    /// Mean adjusted Rand index between the themes with and without a fifth of the edges, at most 1.
    pub stability: f32,
    /// Share of the 5 nearest neighbours that are in the item's own theme, minus the share expected from the sizes of
    /// the themes alone. A theme of fewer than 6 items counts only as many neighbours as it has.
    pub purity: f32,
    /// Coefficient of variation of the sizes of themes of at least two items (standard deviation / mean).
    pub unevenness: f32,
    /// The measure that decides: the cube root of stability, times purity, times the bonus for fine and even themes,
    /// averaged with the adjacent candidates (1 : 2 : 1).
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
}

/// Chooses among [`CANDIDATES`]; returns the choice and the communities for the chosen g.
pub(in crate::engine) fn choose(evidence: &Evidence<'_>, before: Option<f32>) -> (Choice, Vec<u32>) {
    let whole = Graph::new(evidence.nodes, evidence.edges);
    let cut = |graph: &Graph, g: f32| leiden(graph, f64::from(g), (0..evidence.nodes as u32).collect(), 1);
    let mut runs = vec![CANDIDATES.map(|g| cut(&whole, g))];
    for replicate in 1..=REPLICATES {
        // One at a time, because each needs as much memory as the whole graph.
        let partial = thinned(evidence, replicate);
        runs.push(CANDIDATES.map(|g| cut(&partial, g)));
    }
    let of =
        |at: usize| candidate(evidence, CANDIDATES[at], &runs.iter().map(|cuts| &cuts[at][..]).collect::<Vec<_>>());
    let mut found: Vec<Candidate> = (0..CANDIDATES.len()).map(of).collect();
    let finer = |(octave, c): (usize, &Candidate)| (FINER * octave as f32 * (UNEVEN - c.unevenness)).exp();
    let raw = found.iter().enumerate().map(|at| at.1.stability.cbrt() * at.1.purity * finer(at));
    let raw: Vec<f32> = raw.collect();
    for (i, c) in found.iter_mut().enumerate() {
        let (left, right) = (raw[i.saturating_sub(1)], raw[(i + 1).min(raw.len() - 1)]);
        c.score = 0.25 * left + 0.5 * raw[i] + 0.25 * right;
    }
    let best = found.iter().map(|c| c.score).fold(f32::MIN, f32::max);
    let now = found.iter().position(|c| c.score == best).unwrap_or(0);
    let as_good = |c: &Candidate| c.score >= best - KEPT * best.abs();
    let kept = found.iter().position(|c| Some(c.granularity) == before && as_good(c)).filter(|kept| *kept != now);
    let chosen = kept.unwrap_or(now);
    let choice = Choice { granularity: found[chosen].granularity, kept: kept.is_some(), candidates: found };
    let communities = leiden(&whole, f64::from(choice.granularity), std::mem::take(&mut runs[0][chosen]), 1);
    (choice, communities)
}

/// The quality measures of a candidate, from its communities in the whole graph and in each of the thinned ones.
fn candidate(evidence: &Evidence<'_>, g: f32, runs: &[&[u32]]) -> Candidate {
    let (mut with_whole, mut among) = (0.0, 0.0);
    for i in 1..runs.len() {
        with_whole += rand_index(runs[0], runs[i]) / REPLICATES as f64;
        let pairs = (REPLICATES * (REPLICATES - 1) / 2) as f64;
        among += (1..i).map(|j| rand_index(runs[j], runs[i])).sum::<f64>() / pairs;
    }
    let sizes = sizes(runs[0]);
    let stability = ((with_whole + among) / 2.0) as f32;
    let purity = purity(evidence, runs[0], &sizes) as f32;
    let themes = sizes.iter().filter(|size| **size > 1).count();
    Candidate { granularity: g, themes, stability, purity, unevenness: unevenness(&sizes), score: 0.0 }
}

/// Single items are not counted as themes.
fn unevenness(sizes: &[usize]) -> f32 {
    let sizes: Vec<f32> = sizes.iter().filter(|size| **size > 1).map(|size| *size as f32).collect();
    let count = sizes.len().max(1) as f32;
    let mean = sizes.iter().sum::<f32>() / count;
    let variance = sizes.iter().map(|size| (size - mean).powi(2)).sum::<f32>() / count;
    if mean > 0.0 { variance.sqrt() / mean } else { 0.0 }
}

/// The graph without a fifth of its edges; the same edges are omitted each time.
fn thinned(evidence: &Evidence<'_>, replicate: u64) -> Graph {
    let is_kept = |(a, b, _): &&(u32, u32, f32)| mixed(*a, *b, replicate) % 10 < KEPT_TENTHS;
    Graph::new(evidence.nodes, evidence.edges.iter().filter(is_kept))
}

fn mixed(a: u32, b: u32, replicate: u64) -> u64 {
    let mut h = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
    h ^= replicate.wrapping_mul(0x9e37_79b9_7f4a_7c15);
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

/// Adjusted Rand index of two partitions.
fn rand_index(a: &[u32], b: &[u32]) -> f64 {
    let pairs = |v: usize| v as f64 * (v as f64 - 1.0) / 2.0;
    let mut cells: HashMap<(u32, u32), usize> = HashMap::new();
    a.iter().zip(b).for_each(|(x, y)| *cells.entry((*x, *y)).or_default() += 1);
    // Sums of whole numbers below 2^53 are exact, so the order of the cells makes no difference.
    let together: f64 = cells.values().map(|v| pairs(*v)).sum();
    let (of_a, of_b): (f64, f64) = (sizes(a).iter().map(|v| pairs(*v)).sum(), sizes(b).iter().map(|v| pairs(*v)).sum());
    let by_chance = of_a * of_b / pairs(a.len()).max(1.0);
    let most = (of_a + of_b) / 2.0;
    if most == by_chance { 1.0 } else { (together - by_chance) / (most - by_chance) }
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
        run(&Evidence { nodes: (count * size) as usize, edges: &edges, nearest: &nearest });
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
            assert!(!choice.kept);
            let best = choice.candidates.iter().map(|c| c.score).fold(0.0, f32::max);
            for c in &choice.candidates {
                let again = choose(evidence, Some(c.granularity)).0;
                let stays = c.granularity != choice.granularity && c.score >= best - KEPT * best;
                assert_eq!(again.kept, stays, "{c:?}");
                assert_eq!(again.granularity, if stays { c.granularity } else { choice.granularity });
            }
        });
    }

    #[test]
    fn sizes_are_even_or_not() {
        assert_eq!(unevenness(&[5, 5, 5, 1]), 0.0);
        assert!((unevenness(&[2, 6]) - 0.5).abs() < 1e-6);
        assert_eq!(unevenness(&[1, 1]), 0.0);
    }
}
