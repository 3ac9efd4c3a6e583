//! Comparison of the grouping before and after a refinement.

use std::collections::HashMap;

use uuid::Uuid;

use super::refine::Move;
use crate::engine::grouping::alone::place_of;

/// The adjusted Rand index between the themes before (given by their sizes in items) and after some moves: 1 where
/// nothing changes, 0 where the agreement is no better than by chance. An item without a theme counts as a theme of its
/// own.
pub fn agreement(before: &HashMap<Uuid, usize>, moves: &[Move]) -> f64 {
    let mut before = before.clone();
    for m in moves.iter().filter(|m| m.from.is_none()) {
        before.insert(place_of(m.item), 1);
    }
    let mut after = before.clone();
    // The number of items for each pair of old and new theme. Items that stay go from a theme to itself.
    let mut cells: HashMap<(Uuid, Uuid), usize> =
        before.iter().map(|(theme, size)| ((*theme, *theme), *size)).collect();
    for m in moves {
        let (from, to) = (m.from.unwrap_or(place_of(m.item)), m.to.unwrap_or(place_of(m.item)));
        for (theme, more) in [(from, false), (to, true)] {
            let size = after.entry(theme).or_default();
            *size = if more { *size + 1 } else { size.saturating_sub(1) };
        }
        let stayed = cells.entry((from, from)).or_default();
        *stayed = stayed.saturating_sub(1);
        *cells.entry((from, to)).or_default() += 1;
    }
    let pairs = |size: &usize| *size as f64 * (*size as f64 - 1.0) / 2.0;
    let items: usize = before.values().sum();
    let together: f64 = cells.values().map(pairs).sum();
    let (of_before, of_after): (f64, f64) = (before.values().map(pairs).sum(), after.values().map(pairs).sum());
    let by_chance = of_before * of_after / pairs(&items).max(1.0);
    let most = (of_before + of_after) / 2.0;
    if most == by_chance { 1.0 } else { (together - by_chance) / (most - by_chance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_adjusted_rand_index_of_both_groupings() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let before = HashMap::from([(a, 6), (b, 4)]);
        assert_eq!(agreement(&before, &[]), 1.0);
        let moves: Vec<Move> = (0..4)
            .map(|i| Move { item: Uuid::from_u128(i), from: Some(a), to: Some(if i < 2 { b } else { c }) })
            .collect();
        let mut pairs: Vec<(Uuid, Uuid)> = moves.iter().filter_map(|m| Some((m.from?, m.to?))).collect();
        pairs.extend([(a, a), (a, a), (b, b), (b, b), (b, b), (b, b)]);
        let expected = crate::engine::measure::metrics::score(&pairs).ari;
        assert!((agreement(&before, &moves) - expected).abs() < 1e-9, "{} {expected}", agreement(&before, &moves));
        assert_eq!(agreement(&HashMap::new(), &[]), 1.0);
    }
}
