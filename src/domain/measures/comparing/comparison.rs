//! Before and after: whether a number is lower or higher after a day than before it, honestly and simply.
//!
//! The two windows are equally many whole weeks, the day itself left out. Two guards decide together. The interval says
//! what chance alone explains within the windows. The placebo rank says how often a change of that size came at days when
//! nothing was released: numbers that hang together from day to day make every interval too narrow, and the rank then
//! overrules it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::chance::{Random, even_split, median, share_interval};

/// Weeks of each window, at the most and at the least.
pub const MOST_WEEKS: i64 = 4;
pub const LEAST_WEEKS: i64 = 2;
/// How many days back placebo days are looked for.
pub const PLACEBO_DAYS: i64 = 180;
/// Fewer placebo days say nothing: the release can't be among the rarest twenty-fifth of them.
pub const LEAST_PLACEBOS: usize = 25;
/// Draws of the bootstrap, and the days of a block.
const DRAWS: usize = 2000;
const BLOCK: usize = 7;
/// Fewer pairs of days with values say nothing.
const LEAST_PAIRS: usize = 10;

/// A number a day, by the number of the day; a day without an entry has no value.
pub type Daily = BTreeMap<i64, f64>;

crate::domain::names! {
    /// What is said about the time after a release beside the time before it. It never says that the release caused it.
    pub enum EffectVerdict { Fell "fell", Rose "rose", CannotTell "cannot_tell" }
}

/// Two windows of whole weeks around a day, which is in neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    pub day: i64,
    pub weeks: i64,
}

impl Windows {
    /// The windows around `day` that touch neither of the bounds: days that no window may have.
    pub fn around(day: i64, before: Option<i64>, after: i64) -> Self {
        let room = |days: i64| (days - 1).max(0) / 7;
        let left = before.map_or(MOST_WEEKS, |bound| room(day - bound));
        Self { day, weeks: MOST_WEEKS.min(left).min(room(after - day)) }
    }

    /// Days of each window.
    pub fn days(self) -> i64 {
        self.weeks * 7
    }

    /// The days before.
    pub fn before(self) -> std::ops::Range<i64> {
        self.day - self.days()..self.day
    }

    /// The days after.
    pub fn after(self) -> std::ops::Range<i64> {
        self.day + 1..self.day + 1 + self.days()
    }

    /// Pairs of a day before and a day after that are the same day of the week.
    fn pairs(self) -> impl Iterator<Item = (i64, i64)> {
        // The last day after is the weekday of the release, and so is the first day before.
        self.after().map(move |after| {
            let before = after - self.days();
            (if before == self.day { self.day - self.days() } else { before }, after)
        })
    }

    /// Whether they are long enough to say something.
    pub fn are_enough(self) -> bool {
        self.weeks >= LEAST_WEEKS
    }
}

/// How two windows of counts differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountChange {
    pub before: f64,
    pub after: f64,
    /// The ratio of the rates; `None` where nothing was before.
    pub ratio: Option<f64>,
    /// The interval of the ratio at 95%; no upper end where nothing was before.
    pub low: f64,
    pub high: Option<f64>,
    /// The exact probability of a split at least as uneven by chance alone.
    pub p: f64,
    /// How much more the days scatter than counts by chance do; 1 at the least.
    pub phi: f64,
}

/// Compares the counts of two windows. A day without an entry has none.
pub fn compare_counts(daily: &Daily, windows: Windows) -> CountChange {
    let own = |days: std::ops::Range<i64>| -> Vec<f64> {
        days.map(|day| daily.get(&day).copied().unwrap_or_default()).collect()
    };
    let (before, after) = (own(windows.before()), own(windows.after()));
    let (x1, x2): (f64, f64) = (before.iter().sum(), after.iter().sum());
    let phi = scatter(&before, &after);
    let (low, high) = widened(x1, x2, phi);
    let ratio = (x1 > 0.0).then(|| x2 / x1);
    CountChange { before: x1, after: x2, ratio, low, high, p: even_split(x1 as u64, x2 as u64), phi }
}

/// Pearson's chi-square of the daily counts against the mean of their window, by its degrees of freedom; 1 at the least.
fn scatter(before: &[f64], after: &[f64]) -> f64 {
    let chi = |counts: &[f64]| {
        let mean = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
        if mean > 0.0 { counts.iter().map(|count| (count - mean).powi(2) / mean).sum() } else { 0.0 }
    };
    let freedom = (before.len() + after.len()).saturating_sub(2).max(1) as f64;
    ((chi(before) + chi(after)) / freedom).max(1.0)
}

/// The exact interval of the ratio of two counts over equal times, widened by the root of `phi` on the scale of
/// logarithms. Where one count is 0 the counts are divided by `phi` instead, since 0 has no logarithm.
fn widened(x1: f64, x2: f64, phi: f64) -> (f64, Option<f64>) {
    let odds = |share: f64| if share < 1.0 { Some(share / (1.0 - share)) } else { None };
    if x1 == 0.0 || x2 == 0.0 {
        let (low, high) = share_interval(x1 / phi, x2 / phi);
        return (odds(low).unwrap_or_default(), odds(high));
    }
    let (low, high) = share_interval(x1, x2);
    let center = (x2 / x1).ln();
    let widen = |end: f64| (center + (end.ln() - center) * phi.sqrt()).exp();
    (odds(low).map_or(0.0, widen), odds(high).map(widen))
}

/// How the values of two windows differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueChange {
    /// The medians of the daily values.
    pub before: f64,
    pub after: f64,
    /// Their difference, with its interval at 95%.
    pub difference: f64,
    pub low: f64,
    pub high: f64,
    /// Pairs of the same day of the week with values on both sides.
    pub pairs: usize,
}

/// Compares the daily values of two windows: the difference of the medians, with an interval by a bootstrap of blocks of
/// seven days, which keeps what hangs together from day to day. `None` where too few days have values on both sides.
pub fn compare_values(daily: &Daily, windows: Windows, seed: u64) -> Option<ValueChange> {
    let pairs = pairs(daily, windows);
    let (before, after, difference) = difference(&pairs)?;
    let mut random = Random(seed);
    let starts = pairs.len() - BLOCK + 1;
    let mut drawn = Vec::with_capacity(pairs.len() + BLOCK);
    let mut differences: Vec<f64> = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        drawn.clear();
        while drawn.len() < pairs.len() {
            let start = random.below(starts);
            drawn.extend_from_slice(&pairs[start..start + BLOCK]);
        }
        drawn.truncate(pairs.len());
        differences.extend(self::difference(&drawn).map(|(.., difference)| difference));
    }
    differences.sort_by(f64::total_cmp);
    let at = |share: f64| differences[((DRAWS - 1) as f64 * share).round() as usize];
    Some(ValueChange { before, after, difference, low: at(0.025), high: at(0.975), pairs: pairs.len() })
}

/// The values of pairs of the same day of the week.
fn pairs(daily: &Daily, windows: Windows) -> Vec<[f64; 2]> {
    windows.pairs().filter_map(|(one, other)| Some([*daily.get(&one)?, *daily.get(&other)?])).collect()
}

/// The medians of both sides and their difference; `None` of too few pairs.
fn difference(pairs: &[[f64; 2]]) -> Option<(f64, f64, f64)> {
    if pairs.len() < LEAST_PAIRS {
        return None;
    }
    let side = |at: usize| median(&mut pairs.iter().map(|pair| pair[at]).collect::<Vec<_>>());
    let (before, after) = (side(0)?, side(1)?);
    Some((before, after, after - before))
}

/// How rare the change at the release is among those at days without a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placebo {
    /// The release's place by the size of the change, 1 for the largest.
    pub rank: usize,
    /// The days compared, the release among them.
    pub of: usize,
}

impl Placebo {
    /// Whether there are enough days to say something.
    pub fn says_something(self) -> bool {
        self.of >= LEAST_PLACEBOS
    }

    /// Whether the change is among the largest twenty-fifth. Changes of neighbouring days hang together, so a twentieth would be too many.
    pub fn is_rare(self) -> bool {
        self.rank * 25 <= self.of
    }
}

/// What the daily numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// How many there were; none where nothing is said.
    Counts,
    /// Values, with gaps.
    Values,
}

/// Compares the change at the release with the changes at each earlier day of the last 180 that is no release, with
/// windows as long, within the days from `first`.
pub fn placebo(daily: &Daily, measured: Measured, windows: Windows, first: i64, releases: &[i64]) -> Option<Placebo> {
    let size = |day: i64| size_of_change(daily, measured, Windows { day, ..windows });
    let own = size(windows.day)?;
    // Their windows end before the release.
    let from = (windows.day - PLACEBO_DAYS).max(first + windows.days());
    let days = (from..windows.day - windows.days()).filter(|day| !releases.contains(day));
    let sizes: Vec<f64> = days.filter_map(size).collect();
    let larger = sizes.iter().filter(|size| **size >= own).count();
    Some(Placebo { rank: larger + 1, of: sizes.len() + 1 })
}

fn size_of_change(daily: &Daily, measured: Measured, windows: Windows) -> Option<f64> {
    match measured {
        Measured::Counts => {
            let sum = |days| daily.range::<i64, std::ops::Range<i64>>(days).map(|(_, count)| *count).sum::<f64>();
            Some(((sum(windows.after()) + 0.5) / (sum(windows.before()) + 0.5)).ln().abs())
        }
        Measured::Values => difference(&pairs(daily, windows)).map(|(.., difference)| difference.abs()),
    }
}

/// What can be said: where the interval leaves out "no change" on this side, and the placebo rank does not disagree.
fn verdict(side: Ordering, placebo: Option<Placebo>) -> EffectVerdict {
    let is_ordinary = placebo.is_some_and(|placebo| placebo.says_something() && !placebo.is_rare());
    match side {
        Ordering::Less if !is_ordinary => EffectVerdict::Fell,
        Ordering::Greater if !is_ordinary => EffectVerdict::Rose,
        _ => EffectVerdict::CannotTell,
    }
}

/// On which side of "no change" an interval lies; `Equal` where it includes it.
fn side(low: f64, high: Option<f64>, no_change: f64) -> Ordering {
    match high {
        Some(high) if high < no_change => Ordering::Less,
        _ if low > no_change => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// What can be said of counts.
pub fn verdict_of_counts(change: &CountChange, placebo: Option<Placebo>) -> EffectVerdict {
    verdict(side(change.low, change.high, 1.0), placebo)
}

/// What can be said of values.
pub fn verdict_of_values(change: &ValueChange, placebo: Option<Placebo>) -> EffectVerdict {
    verdict(side(change.low, Some(change.high), 0.0), placebo)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Windows = Windows { day: 1000, weeks: 4 };

    /// Daily counts with these sums before and after, spread over the days as evenly as possible.
    fn counts(before: usize, after: usize) -> Daily {
        let mut daily = Daily::new();
        for (days, count) in [(FULL.before(), before), (FULL.after(), after)] {
            for n in 0..count {
                *daily.entry(days.start + (n * 28 / count) as i64).or_default() += 1.0;
            }
        }
        daily
    }

    fn close(value: f64, to: f64, places: i32) -> bool {
        (value - to).abs() <= 0.5 * 10f64.powi(-places) * 1.000_001
    }

    #[test]
    fn counts_are_compared_as_computed_by_hand() {
        let rows = [
            ((40, 20), Some(0.5), (0.277, Some(0.876)), 0.0135, EffectVerdict::Fell),
            ((12, 6), Some(0.5), (0.154, Some(1.439)), 0.238, EffectVerdict::CannotTell),
            ((100, 90), Some(0.9), (0.669, Some(1.209)), 0.5, EffectVerdict::CannotTell),
            ((3, 0), Some(0.0), (0.0, Some(2.42)), 0.25, EffectVerdict::CannotTell),
            ((0, 5), None, (0.916, None), 0.0625, EffectVerdict::CannotTell),
        ];
        for ((before, after), ratio, (low, high), p, says) in rows {
            let change = compare_counts(&counts(before, after), FULL);
            assert_eq!((change.before, change.after, change.ratio), (before as f64, after as f64, ratio));
            assert_eq!(change.phi, 1.0, "{change:?}");
            assert!(close(change.low, low, 3), "{change:?}");
            match (change.high, high) {
                (Some(high), Some(is)) => assert!(close(high, is, if is > 2.0 { 2 } else { 3 }), "{change:?}"),
                (high, is) => assert_eq!(high, is),
            }
            assert!((change.p - p).abs() < if p == 0.5 { 0.05 } else { 5e-4 }, "{change:?}");
            assert_eq!(verdict_of_counts(&change, None), says, "{change:?}");
        }
    }

    #[test]
    fn days_that_scatter_widen_the_interval_by_the_root_of_phi() {
        // The example's Wald interval .174 to .608 becomes .154 to .687 at phi 1.43, around the same middle.
        let center = (0.174f64.ln() + 0.608f64.ln()) / 2.0;
        let widen = |end: f64| (center + (end.ln() - center) * 1.43f64.sqrt()).exp();
        assert!(close(widen(0.174), 0.154, 3) && close(widen(0.608), 0.687, 3));
        // The same is done to the exact interval.
        let mut scattered = counts(40, 20);
        *scattered.entry(FULL.day - 1).or_default() += 12.0;
        let change = compare_counts(&scattered, FULL);
        let exact = widened(change.before, change.after, 1.0);
        assert!(change.phi > 1.4 && change.low < exact.0 && change.high > exact.1, "{change:?} {exact:?}");
        let middle = change.ratio.unwrap_or_default().ln();
        let (wide, narrow) = (middle - change.low.ln(), middle - exact.0.ln());
        assert!((wide / narrow - change.phi.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn windows_are_whole_weeks_that_touch_no_neighbour() {
        assert_eq!(Windows::around(100, None, 200).weeks, 4);
        assert_eq!(Windows::around(100, Some(71), 129).weeks, 4);
        assert_eq!(Windows::around(100, Some(72), 129).weeks, 3);
        assert_eq!(Windows::around(100, None, 115).weeks, 2);
        assert!(!Windows::around(100, None, 114).are_enough());
        assert_eq!(Windows::around(100, Some(100), 200).weeks, 0);
        for (before, after) in FULL.pairs() {
            assert_eq!((after - before) % 7, 0);
            assert!(FULL.before().contains(&before) && FULL.after().contains(&after));
        }
    }

    #[test]
    fn values_are_compared_by_their_medians_and_repeat() {
        let mut random = Random(1);
        let noise = |random: &mut Random| random.below(1000) as f64 / 1000.0;
        let daily: Daily = (800..1030)
            .map(|day| (day, if day > 1000 { 8.0 } else { 10.0 } + (day % 7) as f64 / 10.0 + noise(&mut random)))
            .collect();
        let change = compare_values(&daily, FULL, 7).unwrap();
        assert!(change.low < change.difference && change.difference < change.high, "{change:?}");
        assert_eq!(compare_values(&daily, FULL, 7), Some(change));
        let placebo = placebo(&daily, Measured::Values, FULL, 800, &[]);
        assert_eq!(verdict_of_values(&change, placebo), EffectVerdict::Fell, "{change:?} {placebo:?}");
        let few: Daily = daily.into_iter().filter(|(day, _)| day % 5 == 0).collect();
        assert_eq!(compare_values(&few, FULL, 7), None);
    }
}
