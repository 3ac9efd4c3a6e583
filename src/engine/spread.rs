//! What people decided about some items, spread over the neighbour graph to the items around them (label spreading with
//! local and global consistency: F = a S F + (1 - a) Y, Zhou et al. 2004), and how far it can be trusted: judged on the
//! decisions themselves, each part of them predicted from the others.

use std::collections::HashMap;

use super::items::ThemeNo;

/// a: how much of an item's mass comes from its neighbours.
const FROM_NEIGHBOURS: f32 = 0.9;
const ROUNDS: usize = 20;
/// An item keeps the mass of so many themes.
const KEPT: usize = 8;
/// The decisions are split into parts, to predict each from the others: as many as keep the work bounded.
const PARTS: [usize; 2] = [5, 20];
const PART_WORK: usize = 400_000;
/// Fewer decisions say too little of how far they can be trusted.
pub(super) const ENOUGH: usize = 20;
/// How sure a prediction must be: the candidates, as its share of the item's mass.
const BARS: [f32; 7] = [0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6];

/// An item that a person placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub node: u32,
    pub theme: ThemeNo,
    /// The theme that the engine would have put it into by itself.
    pub by_itself: Option<ThemeNo>,
}

impl Placed {
    /// What it would gain or lose if it went where a prediction puts it: 1, 0 or -1.
    pub fn gain(&self, predicted: ThemeNo) -> i32 {
        i32::from(predicted == self.theme) - i32::from(self.by_itself == Some(self.theme))
    }
}

/// The theme that decisions ask for, for each node for which they can be trusted.
pub(super) fn taught(nodes: usize, edges: &[(u32, u32, f32)], placed: &[Placed]) -> Vec<Option<ThemeNo>> {
    let graph = Neighbourhood::new(nodes, edges);
    let Some(bar) = trusted_from(&graph, placed) else { return vec![None; nodes] };
    let said = graph.spread(placed.iter());
    said.into_iter().map(|said| said.filter(|(_, share)| *share >= bar).map(|(theme, _)| theme)).collect()
}

/// The bar above which predictions are right more often than the engine by itself; `None` where there is none.
fn trusted_from(graph: &Neighbourhood, placed: &[Placed]) -> Option<f32> {
    if placed.len() < ENOUGH {
        return None;
    }
    let parts = (PART_WORK / graph.len()).clamp(PARTS[0], PARTS[1]);
    let mut gains = [0; BARS.len()];
    for part in 0..parts {
        let others = placed.iter().enumerate().filter(|(i, _)| i % parts != part).map(|(_, placed)| placed);
        let said = graph.spread(others);
        for placed in placed.iter().skip(part).step_by(parts) {
            let Some((theme, share)) = said[placed.node as usize] else { continue };
            let gain = placed.gain(theme);
            gains.iter_mut().zip(BARS).filter(|(_, bar)| share >= *bar).for_each(|(sum, _)| *sum += gain);
        }
    }
    let best = gains.iter().zip(BARS).rev().max_by_key(|(gain, _)| **gain);
    best.filter(|(gain, _)| **gain > 0).map(|(_, bar)| bar)
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

    /// The theme with most mass of each node, and its share of the node's mass.
    fn spread<'a>(&self, placed: impl Iterator<Item = &'a Placed>) -> Vec<Option<(ThemeNo, f32)>> {
        let nodes = self.len();
        let mut seeds: Vec<Option<(ThemeNo, f32)>> = vec![None; nodes];
        let mut counts: HashMap<ThemeNo, f32> = HashMap::new();
        for p in placed {
            seeds[p.node as usize] = Some((p.theme, 1.0));
            *counts.entry(p.theme).or_default() += 1.0;
        }
        // A theme with many examples would drown the others.
        for (theme, mass) in seeds.iter_mut().flatten() {
            *mass = (1.0 - FROM_NEIGHBOURS) / counts[theme].sqrt();
        }
        let mut masses: Vec<Masses> = vec![Masses::default(); nodes];
        let mut sum: Vec<(ThemeNo, f32)> = Vec::new();
        for _ in 0..ROUNDS {
            let next = (0..nodes).map(|node| {
                sum.clear();
                sum.extend(seeds[node]);
                for (other, share) in &self.ends[self.starts[node]..self.starts[node + 1]] {
                    sum.extend(
                        masses[*other as usize].iter().map(|(theme, mass)| (theme, FROM_NEIGHBOURS * share * mass)),
                    );
                }
                Masses::most(&mut sum)
            });
            masses = next.collect();
        }
        masses.iter().map(Masses::winner).collect()
    }
}

/// The largest masses of a node, by theme. A mass of 0 marks an unused place.
#[derive(Clone, Copy, Default)]
struct Masses([(ThemeNo, f32); KEPT]);

impl Masses {
    fn iter(&self) -> impl Iterator<Item = (ThemeNo, f32)> + '_ {
        self.0.iter().copied().take_while(|(_, mass)| *mass > 0.0)
    }

    fn most(sum: &mut Vec<(ThemeNo, f32)>) -> Masses {
        sum.sort_unstable_by_key(|(theme, _)| *theme);
        sum.dedup_by(|next, sum| {
            let same = next.0 == sum.0;
            if same {
                sum.1 += next.1;
            }
            same
        });
        sum.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut most = Masses::default();
        most.0.iter_mut().zip(sum.iter()).for_each(|(place, mass)| *place = *mass);
        most
    }

    fn winner(&self) -> Option<(ThemeNo, f32)> {
        let all: f32 = self.iter().map(|(_, mass)| mass).sum();
        self.iter().next().map(|(theme, mass)| (theme, mass / all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rings of ten that touch once.
    fn rings() -> Vec<(u32, u32, f32)> {
        let ring = |first: u32| (0..10).map(move |n| (first + n, first + (n + 1) % 10, 1.0));
        ring(0).chain(ring(10)).chain([(0, 10, 0.1)]).collect()
    }

    fn placed(node: u32, theme: ThemeNo, by_itself: ThemeNo) -> Placed {
        Placed { node, theme, by_itself: Some(by_itself) }
    }

    #[test]
    fn a_decision_reaches_what_hangs_together() {
        let graph = Neighbourhood::new(21, &rings());
        let said = graph.spread([placed(2, 7, 0), placed(12, 8, 0)].iter());
        let themes: Vec<_> = said.iter().map(|said| said.map(|(theme, _)| theme)).collect();
        assert_eq!(themes[..10], [Some(7); 10]);
        assert_eq!(themes[10..20], [Some(8); 10]);
        assert_eq!(themes[20], None, "nothing reaches an item without neighbours");
    }

    #[test]
    fn decisions_are_trusted_where_they_predict_each_other_better_than_the_engine_did() {
        let all = |by_itself: ThemeNo| -> Vec<Placed> {
            (0..20).map(|node| placed(node, 7 + node / 10, if by_itself == 0 { 0 } else { 7 + node / 10 })).collect()
        };
        let themes = taught(20, &rings(), &all(0));
        assert!(themes.iter().zip(0..).all(|(theme, node)| *theme == Some(7 + node / 10)), "{themes:?}");
        assert!(taught(20, &rings(), &all(1)).iter().all(Option::is_none), "the engine was right already");
        let each_its_own: Vec<Placed> = (0..20).map(|node| placed(node, node, 99)).collect();
        assert!(taught(20, &rings(), &each_its_own).iter().all(Option::is_none), "they predict nothing");
        assert!(taught(20, &rings(), &all(0)[..ENOUGH - 1]).iter().all(Option::is_none), "too few to judge");
    }
}
