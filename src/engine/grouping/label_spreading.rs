//! Label spreading: people's decisions about some items are propagated over the neighbour graph to the items around
//! them (local and global consistency, F = a S F + (1 - a) Y, Zhou et al. 2004).
//!
//! The themes that the engine found are propagated too, with a lower weight. F is linear in Y, so both are propagated
//! once and then added. The weight is chosen by cross-validation on the decisions.

use std::collections::HashMap;

use crate::engine::search::items::ThemeNo;

/// a: the share of an item's score that comes from its neighbours.
const FROM_NEIGHBOURS: f32 = 0.9;
const ROUNDS: usize = 20;
/// How many themes' scores an item keeps.
const KEPT: usize = 8;
/// The least and the largest number of folds of the cross-validation. The number is chosen so that the work stays
/// bounded.
const PARTS: [usize; 2] = [5, 20];
const PART_WORK: usize = 400_000;
/// With fewer decisions the cross-validation is not reliable.
pub(in crate::engine) const ENOUGH: usize = 20;
/// Candidates for the weight of the engine's own result, relative to a person's decision. Above the largest one hardly
/// any item would move.
const WEIGHTS: [f32; 5] = [0.005, 0.0075, 0.01, 0.02, 0.05];

/// An item that a person assigned to a theme.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Placed {
    pub node: u32,
    pub theme: ThemeNo,
}

/// The predicted theme of each node, from people's decisions and the engine's own result; `None` where the decisions do
/// not improve the result. `by_itself` is the engine's own result for each node, including the assigned ones.
pub(in crate::engine) fn predict(
    by_itself: &[ThemeNo],
    edges: &[(u32, u32, f32)],
    placed: &[Placed],
) -> Option<Vec<ThemeNo>> {
    if placed.len() < ENOUGH {
        return None;
    }
    let graph = Neighbourhood::new(by_itself.len(), edges);
    let mut open = vec![true; by_itself.len()];
    placed.iter().for_each(|placed| open[placed.node as usize] = false);
    let found = graph.spread(|node| open[node].then_some((by_itself[node], 1.0)));
    let weight = best_weight(&graph, &found, placed)?;
    let decided = graph.decided(placed.iter());
    let winner = |node: usize| decided[node].winner(&found[node], weight).unwrap_or(by_itself[node]);
    Some((0..by_itself.len()).map(winner).collect())
}

/// The weight with the best gain in correct predictions over the engine's own result; `None` where no weight gains.
/// Several weights may be equally good within statistical noise; of these the smallest is taken, which gives people's
/// decisions the most influence.
fn best_weight(graph: &Neighbourhood, found: &[ThemeScores], placed: &[Placed]) -> Option<f32> {
    let parts = (PART_WORK / graph.len()).clamp(PARTS[0], PARTS[1]);
    let (mut gains, mut changes) = ([0; WEIGHTS.len()], [0; WEIGHTS.len()]);
    for part in 0..parts {
        let others = placed.iter().enumerate().filter(|(i, _)| i % parts != part).map(|(_, placed)| placed);
        let decided = graph.decided(others);
        for placed in placed.iter().skip(part).step_by(parts) {
            let (decided, found) = (&decided[placed.node as usize], &found[placed.node as usize]);
            let right = |theme: Option<ThemeNo>| i32::from(theme == Some(placed.theme));
            let without = right(ThemeScores::default().winner(found, 1.0));
            for (at, weight) in WEIGHTS.into_iter().enumerate() {
                let gain = right(decided.winner(found, weight)) - without;
                gains[at] += gain;
                changes[at] += gain.abs();
            }
        }
    }
    let best = gains.into_iter().max()?;
    // Of n changed predictions, a difference below sqrt(n) is noise.
    let chance = |at: usize| f64::from(changes[at]).sqrt();
    let as_good = |at: &usize| gains[*at] > 0 && f64::from(best - gains[*at]) <= chance(*at);
    (0..WEIGHTS.len()).find(as_good).map(|at| WEIGHTS[at])
}

/// The symmetrically normalised graph, with edge weights w / sqrt(d_a d_b).
struct Neighbourhood {
    starts: Vec<usize>,
    ends: Vec<(u32, f32)>,
}

impl Neighbourhood {
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn new(nodes: usize, edges: &[(u32, u32, f32)]) -> Self {
        let (mut degrees, mut starts) = (vec![0.0f32; nodes], vec![0usize; nodes + 1]);
        for (a, b, weight) in edges {
            for node in [*a, *b] {
                degrees[node as usize] += weight;
                starts[node as usize + 1] += 1;
            }
        }
        (0..nodes).for_each(|n| starts[n + 1] += starts[n]);
        let mut next = starts.clone();
        let mut ends = vec![(0, 0.0); edges.len() * 2];
        for (a, b, weight) in edges {
            let share = weight / (degrees[*a as usize] * degrees[*b as usize]).sqrt();
            for (from, to) in [(*a, *b), (*b, *a)] {
                ends[next[from as usize]] = (to, share);
                next[from as usize] += 1;
            }
        }
        Neighbourhood { starts, ends }
    }

    /// The scores from people's decisions. Each theme's labels are scaled by 1 / sqrt(their number), so that a theme
    /// with many examples does not dominate.
    fn decided<'a>(&self, placed: impl Iterator<Item = &'a Placed>) -> Vec<ThemeScores> {
        let mut seeds: Vec<Option<ThemeNo>> = vec![None; self.len()];
        let mut counts: HashMap<ThemeNo, f32> = HashMap::new();
        for p in placed {
            seeds[p.node as usize] = Some(p.theme);
            *counts.entry(p.theme).or_default() += 1.0;
        }
        self.spread(|node| seeds[node].map(|theme| (theme, 1.0 / counts[&theme].sqrt())))
    }

    /// The scores of each node when each node propagates its given label.
    fn spread(&self, given: impl Fn(usize) -> Option<(ThemeNo, f32)>) -> Vec<ThemeScores> {
        let themes = (0..self.len()).filter_map(&given).map(|(theme, _)| theme as usize + 1).max();
        let mut sum = Sum::new(themes.unwrap_or(0));
        let mut scores: Vec<ThemeScores> = vec![ThemeScores::default(); self.len()];
        for _ in 0..ROUNDS {
            let next = (0..self.len()).map(|node| {
                given(node).into_iter().for_each(|(theme, score)| sum.add(theme, (1.0 - FROM_NEIGHBOURS) * score));
                for (other, share) in &self.ends[self.starts[node]..self.starts[node + 1]] {
                    let from = FROM_NEIGHBOURS * share;
                    scores[*other as usize].iter().for_each(|(theme, score)| sum.add(theme, from * score));
                }
                sum.take_most()
            });
            scores = next.collect();
        }
        scores
    }
}

/// Accumulates scores by theme.
struct Sum {
    scores: Vec<f32>,
    /// The themes with a score.
    touched: Vec<ThemeNo>,
}

impl Sum {
    fn new(themes: usize) -> Self {
        Sum { scores: vec![0.0; themes], touched: Vec::new() }
    }

    fn add(&mut self, theme: ThemeNo, score: f32) {
        let sum = &mut self.scores[theme as usize];
        if *sum == 0.0 {
            self.touched.push(theme);
        }
        *sum += score;
    }

    /// The largest scores; the accumulator is then empty.
    fn take_most(&mut self) -> ThemeScores {
        let mut most = ThemeScores::default();
        for theme in self.touched.drain(..) {
            most.offer(theme, std::mem::take(&mut self.scores[theme as usize]));
        }
        most
    }
}

/// The largest scores of a node, by theme. A score of 0 marks an unused entry.
#[derive(Clone, Copy, Default)]
struct ThemeScores([(ThemeNo, f32); KEPT]);

impl ThemeScores {
    fn iter(&self) -> impl Iterator<Item = (ThemeNo, f32)> + '_ {
        self.0.iter().copied().take_while(|(_, score)| *score > 0.0)
    }

    /// Inserts a theme's score if it is large enough. Ties go to the older theme.
    fn offer(&mut self, theme: ThemeNo, score: f32) {
        let at = self.0.partition_point(|(t, m)| *m > score || (*m == score && *t < theme));
        if at < KEPT {
            self.0.copy_within(at..KEPT - 1, at + 1);
            self.0[at] = (theme, score);
        }
    }

    /// The theme with the largest sum of its score here and `weight` times its score in `other`.
    fn winner(&self, other: &ThemeScores, weight: f32) -> Option<ThemeNo> {
        let of = |scores: &ThemeScores, theme| scores.iter().find(|(t, _)| *t == theme).map_or(0.0, |(_, score)| score);
        let themes = self.iter().chain(other.iter()).map(|(theme, _)| theme);
        let scores = themes.map(|theme| (theme, of(self, theme) + weight * of(other, theme)));
        let best = scores.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        best.filter(|(_, score)| *score > 0.0).map(|(theme, _)| theme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rings of ten nodes with one edge between them, and an isolated node.
    fn rings() -> Vec<(u32, u32, f32)> {
        let ring = |first: u32| (0..10).map(move |n| (first + n, first + (n + 1) % 10, 1.0));
        ring(0).chain(ring(10)).chain([(0, 10, 0.1)]).collect()
    }

    #[test]
    fn a_decision_reaches_what_hangs_together() {
        let graph = Neighbourhood::new(21, &rings());
        let decided = graph.decided([Placed { node: 2, theme: 7 }, Placed { node: 12, theme: 8 }].iter());
        let themes: Vec<_> = decided.iter().map(|scores| scores.winner(&ThemeScores::default(), 1.0)).collect();
        assert_eq!(themes[..10], [Some(7); 10]);
        assert_eq!(themes[10..20], [Some(8); 10]);
        assert_eq!(themes[20], None, "nothing reaches an item without neighbours");
    }

    #[test]
    fn what_the_engine_found_counts_as_much_as_its_weight() {
        let graph = Neighbourhood::new(21, &rings());
        let decided = graph.decided([Placed { node: 2, theme: 7 }].iter());
        let found = graph.spread(|node| (node < 20).then_some((5, 1.0)));
        let winners = |weight| move |node: usize| (node, weight);
        let theme = |(node, weight): (usize, f32)| decided[node].winner(&found[node], weight);
        assert!((0..10).map(winners(0.001)).map(theme).all(|theme| theme == Some(7)), "people's word counts more");
        assert!((0..20).map(winners(10.0)).map(theme).all(|theme| theme == Some(5)), "the engine's counts more");
        assert_eq!(theme((15, 0.1)), Some(5), "far from every decision what was found stays");
    }

    #[test]
    fn decisions_are_trusted_where_they_predict_each_other_better_than_the_engine_did() {
        let rings = rings();
        let placed = |theme: fn(u32) -> ThemeNo| -> Vec<Placed> {
            (0..20).map(|node| Placed { node, theme: theme(node) }).collect()
        };
        let by_ring = placed(|node| 7 + node / 10);
        // The nodes without labels are a copy of the rings, connected to the first ones.
        let copy = rings.iter().map(|(a, b, weight)| (a + 20, b + 20, *weight));
        let edges: Vec<_> = rings.iter().copied().chain(copy).chain((0..20).map(|n| (n, n + 20, 0.5))).collect();
        let (one, right): (Vec<ThemeNo>, Vec<ThemeNo>) = (0..40).map(|node| (0, 7 + node % 20 / 10)).unzip();
        assert_eq!(predict(&one, &edges, &by_ring).as_ref(), Some(&right));
        assert_eq!(predict(&right, &edges, &by_ring), None, "the engine was right already");
        assert_eq!(predict(&one, &edges, &placed(|node| node + 1)), None, "they predict nothing");
        assert_eq!(predict(&one, &edges, &by_ring[..ENOUGH - 1]), None, "too few to judge");
    }
}
