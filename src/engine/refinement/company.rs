//! Texts without company: what is near nothing belongs to no theme.
//!
//! A community takes in whatever has an edge to it, however weak. So after the communities are found, each text is asked
//! how firmly its community holds it: the sum of its edges inside, each with the cosine in parts of what is usual for
//! the *other* text. For a text that is far from all others this is small, and so it is for a text whose neighbours are
//! in many communities. (A text's own usual nearness would hide the former: compare the local outlier factor, Breunig et
//! al. 2000.)
//!
//! The bar is set by the stream: a small part of what its texts usually have. At most a small share of all texts is
//! left out, because among the texts with the least company there are real ones too. On labelled streams of English
//! and Korean in which 3% to 36% of the texts are noise, a text that is left out is noise 3 to 12 times as often as
//! another text; neither this measure nor any other one tried (distance to the nearest, local outlier factor,
//! agreement of the neighbours, distance to the centre) finds most of the noise without losing many real texts.
//!
//! A text that is left out is alone in its theme. As soon as texts like it arrive, they join it or it joins them.

/// A text is left out if it is held by less than this part of the median.
const LEAST_HELD: f32 = 0.15;
/// At most one in this many texts is left out.
const MOST_LEFT_OUT: usize = 34;

/// An edge: two nodes and its weight.
type Edge = (u32, u32, f32);

/// Gives each text without company a community of its own. `usual` is the usual nearness of each node, and `may_leave` says
/// which nodes may be left out.
pub(in crate::engine) fn leave_out(
    edges: &[Edge],
    usual: impl Fn(u32) -> f32,
    may_leave: impl Fn(u32) -> bool,
    communities: &mut [u32],
) {
    let held = held(edges, usual, communities);
    let mut sorted = held.clone();
    let middle = sorted.len() / 2;
    if middle == 0 {
        return;
    }
    let median = *sorted.select_nth_unstable_by(middle, f32::total_cmp).1;
    let mut lonely: Vec<u32> =
        (0..held.len() as u32).filter(|node| held[*node as usize] < LEAST_HELD * median && may_leave(*node)).collect();
    lonely.sort_by(|a, b| held[*a as usize].total_cmp(&held[*b as usize]).then(a.cmp(b)));
    lonely.truncate(held.len() / MOST_LEFT_OUT);
    let first = communities.iter().max().map_or(0, |max| max + 1);
    for (node, community) in lonely.into_iter().zip(first..) {
        communities[node as usize] = community;
    }
}

/// How firmly each node is held by its community.
fn held(edges: &[Edge], usual: impl Fn(u32) -> f32, communities: &[u32]) -> Vec<f32> {
    let mut held = vec![0.0; communities.len()];
    for (a, b, weight) in edges {
        if communities[*a as usize] == communities[*b as usize] {
            // The weight has the cosine in parts of what is usual for both.
            let for_other = (usual(*a) / usual(*b)).powf(1.5);
            held[*a as usize] += weight * for_other;
            held[*b as usize] += weight / for_other;
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two cliques of 40, and a node that hangs on one of them by a thin edge.
    fn edges() -> Vec<Edge> {
        let mut edges = Vec::new();
        for first in [0, 40] {
            for a in first..first + 40 {
                edges.extend((a + 1..first + 40).map(|b| (a, b, 1.0)));
            }
        }
        edges.push((80, 3, 0.4));
        edges
    }

    fn left_out(may_leave: impl Fn(u32) -> bool, communities: &[u32]) -> Vec<u32> {
        let mut found = communities.to_vec();
        leave_out(&edges(), |_| 0.5, may_leave, &mut found);
        let alone = |node: &u32| found.iter().filter(|other| **other == found[*node as usize]).count() == 1;
        (0..81).filter(alone).collect()
    }

    #[test]
    fn what_is_hardly_held_is_left_out_and_nothing_else() {
        let together: Vec<u32> = (0..81).map(|node| node / 40 % 2).collect();
        assert_eq!(left_out(|_| true, &together), [80]);
        assert!(left_out(|node| node != 80, &together).is_empty(), "unless it must stay");
    }

    #[test]
    fn few_are_left_out_however_many_are_hardly_held() {
        // Half of the nodes are in a community with which they share no edge.
        let scattered: Vec<u32> =
            (0..81).map(|node| if node % 4 == 0 { 1 - node / 40 % 2 } else { node / 40 % 2 }).collect();
        assert!(left_out(|_| true, &scattered).len() <= 81 / MOST_LEFT_OUT);
        let mut none: Vec<u32> = Vec::new();
        leave_out(&[], |_| 0.5, |_| true, &mut none);
        assert!(none.is_empty());
    }
}
