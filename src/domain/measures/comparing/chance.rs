//! Chance: exact intervals of counts, and random numbers that are the same each time.

/// The natural logarithm of the gamma function, by Lanczos' approximation (g = 7, nine terms); exact to 14 digits.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = TERMS.iter().enumerate().skip(1).fold(TERMS[0], |sum, (n, term)| sum + term / (x + n as f64));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// The regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22) in Lentz's way.
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side only; the other side is its complement (DLMF 8.17.4).
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp() / a;
    front * beta_fraction(a, b, x)
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let least = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / least(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / least(1.0 + term * d);
            c = least(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// The x at which I_x(a, b) is `p`, by bisection.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if incomplete_beta(a, b, middle) < p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The exact interval (Clopper and Pearson 1934) of the share of `second` in `first + second`, at 95%.
pub fn share_interval(first: f64, second: f64) -> (f64, f64) {
    let low = if second > 0.0 { beta_quantile(0.025, second, first + 1.0) } else { 0.0 };
    let high = if first > 0.0 { beta_quantile(0.975, second + 1.0, first) } else { 1.0 };
    (low, high)
}

/// How likely a split at least as uneven is where both are equally frequent: twice the smaller tail of the binomial
/// distribution.
pub fn even_split(first: u64, second: u64) -> f64 {
    let (fewer, all) = (first.min(second) as f64, (first + second) as f64);
    if all == 0.0 || first == second {
        return 1.0;
    }
    // P(X <= k) = I_(1/2)(n - k, k + 1).
    (2.0 * incomplete_beta(all - fewer, fewer + 1.0, 0.5)).min(1.0)
}

/// Random numbers that depend on their seed only (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        ((u128::from(self.number()) * most as u128) >> 64) as usize
    }
}

/// The median: the mean of the two in the middle where their number is even. `None` of nothing.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let half = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let middle = *middle;
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(before) if is_even => Some(0.5 * (before + middle)),
        _ => Some(middle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_function_has_its_known_values() {
        // I_x(1, b) = 1 - (1-x)^b, and I_(1/2)(a, a) = 1/2.
        for (a, b, x, is) in [
            (1.0, 3.0, 0.2, 1.0 - 0.8f64.powi(3)),
            (2.0, 1.0, 0.3, 0.09),
            (7.5, 7.5, 0.5, 0.5),
            (200.0, 200.0, 0.5, 0.5),
            (5.0, 2.0, 0.0, 0.0),
            (5.0, 2.0, 1.0, 1.0),
        ] {
            assert!((incomplete_beta(a, b, x) - is).abs() < 1e-12, "{a} {b} {x}");
        }
    }

    #[test]
    fn uneven_splits_have_the_probabilities_of_the_binomial_distribution() {
        for (first, second, is) in [(0, 5, 0.0625), (6, 12, 0.2379), (20, 40, 0.0135), (3, 3, 1.0), (0, 0, 1.0)] {
            assert!((even_split(first, second) - is).abs() < 5e-5, "{first} {second}: {}", even_split(first, second));
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut []), None);
    }
}
