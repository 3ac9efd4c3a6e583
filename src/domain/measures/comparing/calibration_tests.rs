//! Calibration: how often simulated series without an effect are said to have one, and how often an effect is found.
#![cfg(test)]

use super::chance::Random;
use super::comparison::{
    Daily, EffectVerdict, Measured, Windows, compare_counts, compare_values, placebo, verdict_of_counts,
    verdict_of_values,
};

const FULL: Windows = Windows { day: 1000, weeks: 4 };

/// A Poisson number (Knuth).
fn poisson(random: &mut Random, mean: f64) -> f64 {
    let (limit, mut product, mut count) = ((-mean).exp(), 1.0, 0.0);
    loop {
        product *= (random.number() >> 11) as f64 / (1u64 << 53) as f64;
        if product <= limit {
            return count;
        }
        count += 1.0;
    }
}

/// A normal number (the sum of twelve uniform ones).
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| (random.number() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0
}

/// In how many of `runs` simulated series something is said.
fn said(runs: u64, measured: Measured, mut series: impl FnMut(&mut Random) -> Daily) -> f64 {
    let mut told = 0;
    for run in 0..runs {
        let daily = series(&mut Random(run * 7919 + 13));
        let rank = placebo(&daily, measured, FULL, 790, &[]);
        let says = match measured {
            Measured::Counts => verdict_of_counts(&compare_counts(&daily, FULL), rank),
            // The bootstrap costs most of the time, and only what the rank leaves needs it.
            Measured::Values if rank.is_some_and(|rank| !rank.is_rare()) => EffectVerdict::CannotTell,
            Measured::Values => {
                compare_values(&daily, FULL, run).map_or(EffectVerdict::CannotTell, |c| verdict_of_values(&c, rank))
            }
        };
        told += u64::from(says != EffectVerdict::CannotTell);
    }
    told as f64 / runs as f64
}

#[test]
fn series_without_an_effect_are_rarely_said_to_have_one() {
    let days = 790..1029;
    for mean in [2.0, 20.0] {
        let share =
            said(1000, Measured::Counts, |random| days.clone().map(|day| (day, poisson(random, mean))).collect());
        assert!(share <= 0.06, "Poisson {mean}: {share}");
    }
    for (keeps, season) in [(0.0, 0.0), (0.5, 0.0), (0.5, 2.0)] {
        let share = said(1000, Measured::Values, |random| {
            let mut level = 0.0;
            let mut next = |day: i64| {
                level = keeps * level + normal(random);
                (day, 50.0 + level + if day % 7 < 2 { season } else { 0.0 })
            };
            days.clone().map(&mut next).collect()
        });
        assert!(share <= 0.06, "AR {keeps}, season {season}: {share}");
    }
}

#[test]
fn a_rate_of_two_a_day_that_halves_is_mostly_found() {
    let share = said(1000, Measured::Counts, |random| {
        (790..1029).map(|day| (day, poisson(random, if day > 1000 { 1.0 } else { 2.0 }))).collect()
    });
    assert!(share >= 0.8, "{share}");
}
