//! Clustering metrics: agreement of found themes with given labels.

use std::collections::HashMap;
use std::hash::Hash;

/// For a larger table of labels x themes, no accuracy is computed: the optimal matching would take too long.
const LARGEST_TABLE: usize = 40_000_000;

/// The metrics of a grouping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Normalised mutual information (arithmetic mean), 0 to 1. It favours many small themes, so read it together with
    /// `ari`.
    pub nmi: f64,
    /// Adjusted Rand index: 0 for a random grouping, 1 for an identical one.
    pub ari: f64,
    /// Accuracy: the share of items in the theme of their label, for the best one-to-one matching of labels and themes;
    /// NaN where there are too many of both.
    pub accuracy: f64,
    /// B-cubed precision: for each item, the share of its theme that has its label; the mean over all items.
    pub bcubed_precision: f64,
    /// B-cubed recall: for each item, the share of its label that is in its theme; the mean over all items.
    pub bcubed_recall: f64,
    /// The number of items.
    pub items: usize,
    /// The number of labels.
    pub labels: usize,
    /// The number of themes.
    pub themes: usize,
}

impl Scores {
    /// Harmonic mean of B-cubed precision and recall.
    pub fn bcubed_f1(&self) -> f64 {
        let (p, r) = (self.bcubed_precision, self.bcubed_recall);
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

/// The contingency table of labels and themes.
struct Table {
    cells: Vec<((usize, usize), f64)>,
    labels: Vec<f64>,
    themes: Vec<f64>,
    items: f64,
}

impl Table {
    fn new<L: Eq + Hash + Copy, T: Eq + Hash + Copy>(pairs: &[(L, T)]) -> Self {
        let (mut label_numbers, mut theme_numbers) = (HashMap::new(), HashMap::new());
        let mut cells: HashMap<(usize, usize), f64> = HashMap::new();
        for (label, theme) in pairs {
            let next = label_numbers.len();
            let label = *label_numbers.entry(*label).or_insert(next);
            let next = theme_numbers.len();
            let theme = *theme_numbers.entry(*theme).or_insert(next);
            *cells.entry((label, theme)).or_default() += 1.0;
        }
        let (mut labels, mut themes) = (vec![0.0; label_numbers.len()], vec![0.0; theme_numbers.len()]);
        let mut cells: Vec<((usize, usize), f64)> = cells.into_iter().collect();
        cells.sort_unstable_by_key(|(cell, _)| *cell); // Sorted, so that the floating-point sums are always the same.
        for ((label, theme), count) in &cells {
            labels[*label] += count;
            themes[*theme] += count;
        }
        Table { cells, labels, themes, items: pairs.len() as f64 }
    }

    fn nmi(&self) -> f64 {
        let n = self.items;
        let entropy = |sizes: &[f64]| -> f64 { -sizes.iter().map(|s| s / n * (s / n).ln()).sum::<f64>() };
        let both = entropy(&self.labels) + entropy(&self.themes);
        let shared: f64 =
            self.cells.iter().map(|((l, t), v)| v / n * (v * n / (self.labels[*l] * self.themes[*t])).ln()).sum();
        if both > 0.0 { 2.0 * shared / both } else { 1.0 }
    }

    fn ari(&self) -> f64 {
        let pairs = |v: f64| v * (v - 1.0) / 2.0;
        let together: f64 = self.cells.iter().map(|(_, v)| pairs(*v)).sum();
        let of_labels: f64 = self.labels.iter().map(|v| pairs(*v)).sum();
        let of_themes: f64 = self.themes.iter().map(|v| pairs(*v)).sum();
        let by_chance = of_labels * of_themes / pairs(self.items).max(1.0);
        let most = (of_labels + of_themes) / 2.0;
        if most == by_chance { 1.0 } else { (together - by_chance) / (most - by_chance) }
    }

    fn bcubed(&self, sizes: &[f64], of: impl Fn(&(usize, usize)) -> usize) -> f64 {
        self.cells.iter().map(|(cell, v)| v * v / sizes[of(cell)]).sum::<f64>() / self.items
    }

    /// The number of items in the best one-to-one matching of labels and themes.
    fn matched(&self) -> f64 {
        let (labels, themes) = (self.labels.len(), self.themes.len());
        let flip = labels > themes;
        let (rows, columns) = if flip { (themes, labels) } else { (labels, themes) };
        let mut gain = vec![0.0; rows * columns];
        for ((label, theme), v) in &self.cells {
            let (row, column) = if flip { (theme, label) } else { (label, theme) };
            gain[row * columns + column] = *v;
        }
        best_matching(&gain, rows, columns)
    }
}

/// The largest sum of cells with one per row and at most one per column (Kuhn-Munkres by shortest augmenting paths);
/// requires `rows <= columns`.
fn best_matching(gain: &[f64], rows: usize, columns: usize) -> f64 {
    // Rows and columns count from 1; 0 means "none".
    let (mut row_price, mut column_price) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    let mut row_of = vec![0; columns + 1];
    let mut came_from = vec![0; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut column = 0;
        let mut slack = vec![f64::INFINITY; columns + 1];
        let mut visited = vec![false; columns + 1];
        while row_of[column] != 0 {
            visited[column] = true;
            let at = row_of[column];
            let (mut least, mut next) = (f64::INFINITY, 0);
            for c in (1..=columns).filter(|c| !visited[*c]) {
                let cost = -gain[(at - 1) * columns + c - 1] - row_price[at] - column_price[c];
                if cost < slack[c] {
                    (slack[c], came_from[c]) = (cost, column);
                }
                if slack[c] < least {
                    (least, next) = (slack[c], c);
                }
            }
            for c in 0..=columns {
                if visited[c] {
                    row_price[row_of[c]] += least;
                    column_price[c] -= least;
                } else {
                    slack[c] -= least;
                }
            }
            column = next;
        }
        while column != 0 {
            let before = came_from[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    (1..=columns).filter(|c| row_of[*c] > 0).map(|c| gain[(row_of[c] - 1) * columns + c - 1]).sum()
}

/// The metrics of a grouping, given the label and the theme of each item.
pub fn score<L: Eq + Hash + Copy, T: Eq + Hash + Copy>(pairs: &[(L, T)]) -> Scores {
    let table = Table::new(pairs);
    let (labels, themes) = (table.labels.len(), table.themes.len());
    let small = labels * themes <= LARGEST_TABLE;
    let none = pairs.is_empty();
    Scores {
        nmi: table.nmi(),
        ari: table.ari(),
        accuracy: if small && !none { table.matched() / table.items } else { f64::NAN },
        bcubed_precision: if none { f64::NAN } else { table.bcubed(&table.themes, |cell| cell.1) },
        bcubed_recall: if none { f64::NAN } else { table.bcubed(&table.labels, |cell| cell.0) },
        items: pairs.len(),
        labels,
        themes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_groupings_score_one_whatever_the_names() {
        let pairs: Vec<(usize, char)> = (0..30).map(|i| (i % 3, ['x', 'y', 'z'][i % 3])).collect();
        let s = score(&pairs);
        for value in [s.nmi, s.ari, s.accuracy, s.bcubed_f1()] {
            assert!((value - 1.0).abs() < 1e-9, "{s:?}");
        }
        assert_eq!((s.items, s.labels, s.themes), (30, 3, 3));
    }

    #[test]
    fn a_small_example_by_hand() {
        // Labels aaabbb; the first theme has aab, the second abb.
        let s = score(&[('a', 1), ('a', 1), ('a', 2), ('b', 1), ('b', 2), ('b', 2)]);
        assert!((s.accuracy - 4.0 / 6.0).abs() < 1e-9);
        assert!((s.bcubed_precision - 5.0 / 9.0).abs() < 1e-9 && (s.bcubed_recall - 5.0 / 9.0).abs() < 1e-9);
        assert!((s.ari - (2.0 - 2.4) / (6.0 - 2.4)).abs() < 1e-9, "{}", s.ari);
    }

    #[test]
    fn the_matching_is_the_best_one_not_the_greedy_one() {
        // A greedy matching takes 10 and then 0; the best is 9 + 9.
        assert_eq!(best_matching(&[10.0, 9.0, 9.0, 0.0], 2, 2), 18.0);
        assert_eq!(best_matching(&[1.0, 5.0, 2.0], 1, 3), 5.0);
    }

    #[test]
    fn one_theme_for_everything_is_worth_nothing() {
        let s = score(&(0..20).map(|i| (i % 4, 0)).collect::<Vec<_>>());
        assert!(s.nmi.abs() < 1e-9 && s.ari.abs() < 1e-9);
        assert!(score::<u8, u8>(&[]).accuracy.is_nan());
    }
}
