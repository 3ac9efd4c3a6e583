//! Leiden community detection (Traag, Waltman, van Eck 2019) on Q = sum[w_ij - g k_i k_j / 2m] d(c_i, c_j). It is
//! deterministic: nodes are visited in order, and the best move is taken.

use std::collections::VecDeque;

/// A weighted undirected graph; each edge is stored at both of its ends.
pub(in crate::engine) struct Graph {
    starts: Vec<usize>,
    edges: Vec<(u32, f32)>,
    /// k_i: the sum of the weights at a node; a loop counts twice.
    strengths: Vec<f64>,
}

impl Graph {
    /// From undirected edges; the weights of repeated edges are added.
    pub fn new<'a>(nodes: usize, undirected: impl IntoIterator<Item = &'a (u32, u32, f32), IntoIter: Clone>) -> Self {
        let undirected = undirected.into_iter().copied();
        let mut loops = vec![0.0; nodes];
        undirected.clone().filter(|(a, b, _)| a == b).for_each(|(a, _, weight)| loops[a as usize] += f64::from(weight));
        let others = undirected.filter(|(a, b, _)| a != b);
        Graph::from_directed(others.flat_map(|(a, b, weight)| [(a, b, weight), (b, a, weight)]), &loops)
    }

    /// From directed edges, two per undirected edge. The edges are iterated twice, because a list of them would need
    /// more memory than the graph.
    fn from_directed(directed: impl Iterator<Item = (u32, u32, f32)> + Clone, loops: &[f64]) -> Self {
        let mut starts = vec![0; loops.len() + 1];
        directed.clone().for_each(|(from, _, _)| starts[from as usize + 1] += 1);
        (0..loops.len()).for_each(|node| starts[node + 1] += starts[node]);
        let mut edges = vec![(0, 0.0); starts[loops.len()]];
        let mut next = starts.clone();
        for (from, to, weight) in directed {
            edges[next[from as usize]] = (to, weight);
            next[from as usize] += 1;
        }
        // Merges repeated edges, adding the lighter one first, and closes the gaps.
        let (mut start, mut kept) = (0, 0);
        let mut strengths = Vec::with_capacity(loops.len());
        for (node, own_loop) in loops.iter().enumerate() {
            let (end, first) = (starts[node + 1], kept);
            edges[start..end].sort_unstable_by_key(|(to, weight)| (*to, weight.to_bits()));
            for at in start..end {
                let (to, weight) = edges[at];
                if kept > first && edges[kept - 1].0 == to {
                    edges[kept - 1].1 += weight;
                } else {
                    edges[kept] = (to, weight);
                    kept += 1;
                }
            }
            let outward: f64 = edges[first..kept].iter().map(|(_, weight)| f64::from(*weight)).sum();
            strengths.push(outward + 2.0 * own_loop);
            starts[node + 1] = kept;
            start = end;
        }
        edges.truncate(kept);
        edges.shrink_to_fit();
        Graph { starts, edges, strengths }
    }

    /// The graph without the edges between communities. Nodes keep their strength, so the gain of a move stays the
    /// same.
    pub fn within(&self, community: &[u32]) -> Graph {
        let mut graph = Graph { starts: vec![0], edges: Vec::new(), strengths: self.strengths.clone() };
        for node in 0..self.len() {
            let inside = |(other, _): &&(u32, f32)| community[*other as usize] == community[node];
            graph.edges.extend(self.edges(node).iter().filter(inside));
            graph.starts.push(graph.edges.len());
        }
        graph
    }

    fn len(&self) -> usize {
        self.strengths.len()
    }

    fn edges(&self, node: usize) -> &[(u32, f32)] {
        &self.edges[self.starts[node]..self.starts[node + 1]]
    }

    /// The sum of the weights to other nodes.
    fn outward(&self, node: usize) -> f64 {
        self.edges(node).iter().map(|(_, weight)| f64::from(*weight)).sum()
    }

    /// The aggregated graph, in which each community is one node.
    fn aggregate(&self, community: &[u32], communities: usize) -> Graph {
        let mut loops = vec![0.0; communities];
        for node in 0..self.len() {
            let own = community[node] as usize;
            loops[own] += (self.strengths[node] - self.outward(node)) / 2.0;
            for (_, weight) in self.edges(node).iter().filter(|(other, _)| community[*other as usize] as usize == own) {
                loops[own] += f64::from(*weight) / 2.0; // Each edge is met from both ends.
            }
        }
        let lifted = |node: usize| {
            let edges = self.edges(node).iter();
            edges.map(move |(other, weight)| (community[node], community[*other as usize], *weight))
        };
        let directed = (0..self.len()).flat_map(lifted).filter(|(from, to, _)| from != to);
        Graph::from_directed(directed, &loops)
    }
}

/// Moves single nodes to where they clearly fit better; no community is merged or split. Used by warm refinements.
/// `stay` is how much more of a node's weights another community must have, as a share of all its weights.
pub(in crate::engine) fn adjust(graph: &Graph, g: f64, start: Vec<u32>, stay: f64) -> Vec<u32> {
    let total: f64 = graph.strengths.iter().sum();
    let mut community = start;
    move_nodes(graph, if total > 0.0 { g / total } else { 0.0 }, stay, &mut community);
    renumber(&mut community);
    community
}

/// The community of each node, numbered from 0 in order of appearance. Starts from `start`; `rounds` limits how often
/// the whole procedure is repeated on its own result.
pub(in crate::engine) fn leiden(graph: &Graph, g: f64, start: Vec<u32>, rounds: usize) -> Vec<u32> {
    let mut best = start;
    for _ in 0..rounds {
        let next = one_round(graph, g, best.clone());
        if next == best {
            break;
        }
        best = next;
    }
    best
}

fn one_round(graph: &Graph, g: f64, start: Vec<u32>) -> Vec<u32> {
    // g / 2m is the same on all levels. In a graph without edges no move has a gain.
    let total: f64 = graph.strengths.iter().sum();
    let g = if total > 0.0 { g / total } else { 0.0 };

    let mut node_of: Vec<u32> = (0..graph.len() as u32).collect(); // The node of each original node on the present level.
    let mut community = start;
    let mut level: Option<Graph> = None;
    loop {
        let graph = level.as_ref().unwrap_or(graph);
        move_nodes(graph, g, 0.0, &mut community);
        let found = renumber(&mut community);
        if found == graph.len() {
            break;
        }
        let mut part = refine(graph, g, &community);
        let parts = renumber(&mut part);
        if parts == graph.len() {
            break;
        }
        let aggregated = graph.aggregate(&part, parts);
        let mut above = vec![0; parts];
        part.iter().zip(&community).for_each(|(part, community)| above[*part as usize] = *community);
        node_of.iter_mut().for_each(|node| *node = part[*node as usize]);
        community = above;
        level = Some(aggregated);
    }
    let mut result: Vec<u32> = node_of.iter().map(|node| community[*node as usize]).collect();
    renumber(&mut result);
    result
}

/// Renumbers the communities from 0 in order of appearance; returns their number.
pub(in crate::engine) fn renumber(community: &mut [u32]) -> usize {
    let size = community.iter().max().map_or(0, |max| *max as usize + 1);
    let mut number = vec![u32::MAX; size];
    let mut next = 0;
    for c in community {
        let known = &mut number[*c as usize];
        if *known == u32::MAX {
            *known = next;
            next += 1;
        }
        *c = *known;
    }
    next as usize
}

/// Moves single nodes to the neighbouring community (or an empty one) with the largest gain, until no node gains.
fn move_nodes(graph: &Graph, g: f64, stay: f64, community: &mut [u32]) {
    let n = graph.len();
    let slots = n.max(community.iter().max().map_or(0, |max| *max as usize + 1)) + 1;
    let mut strength = vec![0.0; slots];
    let mut members = vec![0usize; slots];
    for (node, c) in community.iter().enumerate() {
        strength[*c as usize] += graph.strengths[node];
        members[*c as usize] += 1;
    }
    let mut empty: Vec<u32> = (0..slots as u32).rev().filter(|c| members[*c as usize] == 0).collect();
    let mut links = Links::new(slots);
    let mut queue: VecDeque<u32> = (0..n as u32).collect();
    let mut queued = vec![true; n];

    while let Some(node) = queue.pop_front() {
        let node = node as usize;
        queued[node] = false;
        let from = community[node];
        let k = graph.strengths[node];
        strength[from as usize] -= k;
        members[from as usize] -= 1;
        links.collect(graph.edges(node), |other| community[other]);

        // Ties are won by staying, so that every move is a gain and the loop ends.
        let mut to = from;
        let mut best = links.weight(from) - g * k * strength[from as usize] + stay * k + 1e-9;
        for c in links.touched() {
            let gain = links.weight(c) - g * k * strength[c as usize];
            if gain > best {
                (to, best) = (c, gain);
            }
        }
        if best < 0.0 && members[from as usize] > 0 {
            to = empty.pop().unwrap_or(from); // To be alone is better.
        }
        if members[from as usize] == 0 && to != from {
            empty.push(from);
        }
        strength[to as usize] += k;
        members[to as usize] += 1;
        if to != from {
            community[node] = to;
            for (other, _) in graph.edges(node) {
                let other = *other as usize;
                if community[other] != to && !queued[other] {
                    queued[other] = true;
                    queue.push_back(other as u32);
                }
            }
        }
    }
}

/// The refinement phase: splits each community into well-connected parts. The next level moves these parts, not the
/// communities.
fn refine(graph: &Graph, g: f64, community: &[u32]) -> Vec<u32> {
    let n = graph.len();
    let mut whole = vec![0.0; n]; // The strength of each community.
    for (node, c) in community.iter().enumerate() {
        whole[*c as usize] += graph.strengths[node];
    }
    let mut part: Vec<u32> = (0..n as u32).collect();
    let mut strength = graph.strengths.clone();
    let mut alone = vec![true; n];
    // The weight from each part to the rest of its community.
    let mut tied: Vec<f64> = (0..n)
        .map(|node| {
            let inside = graph.edges(node).iter().filter(|(other, _)| community[*other as usize] == community[node]);
            inside.map(|(_, weight)| f64::from(*weight)).sum()
        })
        .collect();
    let mut links = Links::new(n);
    for node in 0..n {
        let home = community[node];
        let rest = |strength: f64| g * strength * (whole[home as usize] - strength) - 1e-9;
        let k = graph.strengths[node];
        if !alone[node] || tied[node] < rest(k) {
            continue;
        }
        links.collect(graph.edges(node), |other| if community[other] == home { part[other] } else { part[node] });
        let (mut to, mut best) = (node as u32, 0.0);
        for c in links.touched().filter(|c| *c != node as u32) {
            let gain = links.weight(c) - g * k * strength[c as usize];
            if gain > best && tied[c as usize] >= rest(strength[c as usize]) {
                (to, best) = (c, gain);
            }
        }
        if to != node as u32 {
            let (from, to) = (node, to as usize);
            tied[to] += tied[from] - 2.0 * links.weight(to as u32);
            strength[to] += k;
            strength[from] = 0.0;
            tied[from] = 0.0;
            alone[to] = false;
            part[node] = to as u32;
        }
    }
    part
}

/// The weights from one node to the adjacent communities, in order of first appearance.
struct Links {
    weights: Vec<f64>,
    touched: Vec<u32>,
}

impl Links {
    fn new(communities: usize) -> Self {
        Links { weights: vec![0.0; communities], touched: Vec::new() }
    }

    fn collect(&mut self, edges: &[(u32, f32)], community: impl Fn(usize) -> u32) {
        self.touched.drain(..).for_each(|c| self.weights[c as usize] = 0.0);
        for (other, weight) in edges {
            let c = community(*other as usize);
            let known = &mut self.weights[c as usize];
            if *known == 0.0 {
                self.touched.push(c);
            }
            *known += f64::from(*weight);
        }
    }

    fn touched(&self) -> impl Iterator<Item = u32> + '_ {
        self.touched.iter().copied()
    }

    fn weight(&self, community: u32) -> f64 {
        self.weights[community as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rings of cliques, which every community detection must find.
    fn cliques(count: u32, size: u32) -> Graph {
        let mut edges = Vec::new();
        for c in 0..count {
            for a in 0..size {
                edges.extend((a + 1..size).map(|b| (c * size + a, c * size + b, 1.0)));
            }
            edges.push((c * size, (c + 1) % count * size + 1, 0.5));
        }
        Graph::new((count * size) as usize, &edges)
    }

    #[test]
    fn cliques_are_found_from_a_cold_and_from_a_wrong_start() {
        let graph = cliques(6, 5);
        let expected: Vec<u32> = (0..30).map(|i| i / 5).collect();
        assert_eq!(leiden(&graph, 1.0, (0..30).collect(), 3), expected);
        assert_eq!(leiden(&graph, 1.0, (0..30).map(|i| i % 2).collect(), 3), expected);
        assert_eq!(leiden(&graph, 1.0, vec![0; 30], 3), expected);
    }

    #[test]
    fn a_finer_setting_gives_more_communities() {
        let graph = cliques(12, 4);
        let count = |g| leiden(&graph, g, (0..48).collect(), 2).into_iter().max();
        assert!(count(0.1) < count(1.0) && count(1.0) < count(50.0));
    }

    #[test]
    fn a_graph_without_edges_stays_as_it_was() {
        assert_eq!(leiden(&Graph::new(3, &[]), 2.0, vec![0, 1, 2], 2), [0, 1, 2]);
        assert!(leiden(&Graph::new(0, &[]), 2.0, vec![], 2).is_empty());
    }
}
