//! What people decided about some items, spread over the neighbour graph to the items around them (label spreading with
//! local and global consistency: F = a S F + (1 - a) Y, Zhou et al. 2004). The themes that the engine found by itself are
//! spread as well, with less weight: F is linear in Y, so both are spread once and added. How much less is judged on the
//! decisions themselves, each part of them predicted from the others.

use std::collections::HashMap;

use crate::engine::search::items::ThemeNo;

/// a: how much of an item's mass comes from its neighbours.
const FROM_NEIGHBOURS: f32 = 0.9;
const ROUNDS: usize = 20;
/// An item keeps the mass of so many themes.
const KEPT: usize = 8;
/// The decisions are split into parts, to predict each from the others: as many as keep the work bounded.
const PARTS: [usize; 2] = [5, 20];
const PART_WORK: usize = 400_000;
/// Fewer decisions say too little of how far they can be trusted.
pub(in crate::engine) const ENOUGH: usize = 20;
/// What the engine found about an item by itself, in parts of what a person decided: the candidates. With more than the
/// last one hardly an item would move.
const WEIGHTS: [f32; 5] = [0.005, 0.0075, 0.01, 0.02, 0.05];

/// An item that a person placed.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Placed {
    pub node: u32,
    pub theme: ThemeNo,
}

/// What each node would be in by decisions and what the engine found, where decisions can be trusted; none otherwise.
/// `by_itself` is what the engine found for each node, placed ones as well.
pub(in crate::engine) fn taught(
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

/// The weight with which predictions are right more often than the engine by itself; `None` where there is none. Few
/// decisions tell neighbouring weights apart by chance, so of those as good as the best it is the one that lets people
/// say most.
fn best_weight(graph: &Neighbourhood, found: &[Masses], placed: &[Placed]) -> Option<f32> {
    let parts = (PART_WORK / graph.len()).clamp(PARTS[0], PARTS[1]);
    let (mut gains, mut changes) = ([0; WEIGHTS.len()], [0; WEIGHTS.len()]);
    for part in 0..parts {
        let others = placed.iter().enumerate().filter(|(i, _)| i % parts != part).map(|(_, placed)| placed);
        let decided = graph.decided(others);
        for placed in placed.iter().skip(part).step_by(parts) {
            let (decided, found) = (&decided[placed.node as usize], &found[placed.node as usize]);
            let right = |theme: Option<ThemeNo>| i32::from(theme == Some(placed.theme));
            let without = right(Masses::default().winner(found, 1.0));
            for (at, weight) in WEIGHTS.into_iter().enumerate() {
                let gain = right(decided.winner(found, weight)) - without;
                gains[at] += gain;
                changes[at] += gain.abs();
            }
        }
    }
    let best = gains.into_iter().max()?;
    // So many changes for the better or worse differ by so much by chance alone.
    let chance = |at: usize| f64::from(changes[at]).sqrt();
    let as_good = |at: &usize| gains[*at] > 0 && f64::from(best - gains[*at]) <= chance(*at);
    (0..WEIGHTS.len()).find(as_good).map(|at| WEIGHTS[at])
}

/// The graph with each edge in parts of what its ends have: w / sqrt(d_a d_b).
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

    /// The masses that come from people's decisions. A theme with many examples would drown the others.
    fn decided<'a>(&self, placed: impl Iterator<Item = &'a Placed>) -> Vec<Masses> {
        let mut seeds: Vec<Option<ThemeNo>> = vec![None; self.len()];
        let mut counts: HashMap<ThemeNo, f32> = HashMap::new();
        for p in placed {
            seeds[p.node as usize] = Some(p.theme);
            *counts.entry(p.theme).or_default() += 1.0;
        }
        self.spread(|node| seeds[node].map(|theme| (theme, 1.0 / counts[&theme].sqrt())))
    }

    /// The masses of each node when each sends out what it was given.
    fn spread(&self, given: impl Fn(usize) -> Option<(ThemeNo, f32)>) -> Vec<Masses> {
        let themes = (0..self.len()).filter_map(&given).map(|(theme, _)| theme as usize + 1).max();
        let mut sum = Sum::new(themes.unwrap_or(0));
        let mut masses: Vec<Masses> = vec![Masses::default(); self.len()];
        for _ in 0..ROUNDS {
            let next = (0..self.len()).map(|node| {
                given(node).into_iter().for_each(|(theme, mass)| sum.add(theme, (1.0 - FROM_NEIGHBOURS) * mass));
                for (other, share) in &self.ends[self.starts[node]..self.starts[node + 1]] {
                    let from = FROM_NEIGHBOURS * share;
                    masses[*other as usize].iter().for_each(|(theme, mass)| sum.add(theme, from * mass));
                }
                sum.take_most()
            });
            masses = next.collect();
        }
        masses
    }
}

/// Masses that add up, by theme.
struct Sum {
    masses: Vec<f32>,
    /// The themes with a mass.
    touched: Vec<ThemeNo>,
}

impl Sum {
    fn new(themes: usize) -> Self {
        Sum { masses: vec![0.0; themes], touched: Vec::new() }
    }

    fn add(&mut self, theme: ThemeNo, mass: f32) {
        let sum = &mut self.masses[theme as usize];
        if *sum == 0.0 {
            self.touched.push(theme);
        }
        *sum += mass;
    }

    /// The largest masses; then there are none.
    fn take_most(&mut self) -> Masses {
        let mut most = Masses::default();
        for theme in self.touched.drain(..) {
            most.offer(theme, std::mem::take(&mut self.masses[theme as usize]));
        }
        most
    }
}

/// The largest masses of a node, by theme. A mass of 0 marks an unused place.
#[derive(Clone, Copy, Default)]
struct Masses([(ThemeNo, f32); KEPT]);

impl Masses {
    fn iter(&self) -> impl Iterator<Item = (ThemeNo, f32)> + '_ {
        self.0.iter().copied().take_while(|(_, mass)| *mass > 0.0)
    }

    /// Takes a theme's mass in where it belongs, if it does. Of equal ones the older theme comes first.
    fn offer(&mut self, theme: ThemeNo, mass: f32) {
        let at = self.0.partition_point(|(t, m)| *m > mass || (*m == mass && *t < theme));
        if at < KEPT {
            self.0.copy_within(at..KEPT - 1, at + 1);
            self.0[at] = (theme, mass);
        }
    }

    /// The theme with most mass when so much of the other masses is added.
    fn winner(&self, other: &Masses, weight: f32) -> Option<ThemeNo> {
        let of = |masses: &Masses, theme| masses.iter().find(|(t, _)| *t == theme).map_or(0.0, |(_, mass)| mass);
        let themes = self.iter().chain(other.iter()).map(|(theme, _)| theme);
        let masses = themes.map(|theme| (theme, of(self, theme) + weight * of(other, theme)));
        let best = masses.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        best.filter(|(_, mass)| *mass > 0.0).map(|(theme, _)| theme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rings of ten that touch once, and an item by itself.
    fn rings() -> Vec<(u32, u32, f32)> {
        let ring = |first: u32| (0..10).map(move |n| (first + n, first + (n + 1) % 10, 1.0));
        ring(0).chain(ring(10)).chain([(0, 10, 0.1)]).collect()
    }

    #[test]
    fn a_decision_reaches_what_hangs_together() {
        let graph = Neighbourhood::new(21, &rings());
        let decided = graph.decided([Placed { node: 2, theme: 7 }, Placed { node: 12, theme: 8 }].iter());
        let themes: Vec<_> = decided.iter().map(|masses| masses.winner(&Masses::default(), 1.0)).collect();
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
        // The open items are another copy of the rings that hangs on the first.
        let copy = rings.iter().map(|(a, b, weight)| (a + 20, b + 20, *weight));
        let edges: Vec<_> = rings.iter().copied().chain(copy).chain((0..20).map(|n| (n, n + 20, 0.5))).collect();
        let (one, right): (Vec<ThemeNo>, Vec<ThemeNo>) = (0..40).map(|node| (0, 7 + node % 20 / 10)).unzip();
        assert_eq!(taught(&one, &edges, &by_ring).as_ref(), Some(&right));
        assert_eq!(taught(&right, &edges, &by_ring), None, "the engine was right already");
        assert_eq!(taught(&one, &edges, &placed(|node| node + 1)), None, "they predict nothing");
        assert_eq!(taught(&one, &edges, &by_ring[..ENOUGH - 1]), None, "too few to judge");
    }
}
