//! How alike the texts of themes are, by the meaning of their words.

use super::cooccurrence::Row;
use crate::engine::text::vector::{inverse_length, value};

/// The coherence of themes: the mean cosine of two texts of a theme, where a text that is alone counts 0. And their
/// separation: coherence minus the mean cosine of a theme's texts with those of its nearest other theme.
pub(in crate::engine) fn likeness<'a>(
    edges: &[(u32, u32, f32)],
    meaning: &dyn Fn(usize) -> &'a Row,
    communities: &[u32],
    sizes: &[usize],
) -> (f32, f32) {
    let mut sums = vec![[0.0f32; size_of::<Row>()]; sizes.len()];
    let mut squares = vec![0.0f32; sizes.len()];
    for (node, community) in communities.iter().enumerate() {
        let row = meaning(node);
        let inverse = inverse_length(row);
        squares[*community as usize] += if inverse > 0.0 { 1.0 } else { 0.0 };
        for (sum, byte) in sums[*community as usize].iter_mut().zip(row) {
            *sum += f32::from(value(*byte)) * inverse;
        }
    }
    let dot = |a: usize, b: usize| sums[a].iter().zip(&sums[b]).map(|(x, y)| x * y).sum::<f32>();
    let inside = |at: usize| (dot(at, at) - squares[at]) / (sizes[at] as f32 - 1.0);
    let inside: f32 = (0..sizes.len()).filter(|at| sizes[*at] > 1).map(inside).sum();
    let mut nearest = vec![0.0f32; sizes.len()];
    for (a, b) in linked_themes(edges, communities) {
        let (a, b) = (a as usize, b as usize);
        let cosine = dot(a, b) / (sizes[a] * sizes[b]) as f32;
        (nearest[a], nearest[b]) = (nearest[a].max(cosine), nearest[b].max(cosine));
    }
    let outside: f32 = nearest.iter().zip(sizes).map(|(cosine, size)| cosine * *size as f32).sum();
    let texts = communities.len().max(1) as f32;
    (inside / texts, (inside - outside) / texts)
}

/// The pairs of communities that have an edge between them; each once.
fn linked_themes(edges: &[(u32, u32, f32)], communities: &[u32]) -> Vec<(u32, u32)> {
    let ends = edges.iter().map(|(a, b, _)| (communities[*a as usize], communities[*b as usize]));
    let mut pairs: Vec<(u32, u32)> = ends.filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
