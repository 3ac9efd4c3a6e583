//! Exact fractions, so that a tie is a tie.

use serde::Serialize;
use utoipa::ToSchema;

/// A fraction in lowest terms, with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    num: i128,
    den: i128,
}

fn divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs().max(1) } else { divisor(b, a % b) }
}

impl Ratio {
    /// The fraction of two numbers; `None` where the second is 0.
    pub fn of(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let by = divisor(num, den) * den.signum();
        Some(Self { num: num / by, den: den / by })
    }

    /// Its value, rounded to a floating-point number.
    pub fn value(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// Whether it is less than 0.
    pub fn is_negative(self) -> bool {
        self.num < 0
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self { num: self.num.abs(), den: self.den }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

/// A fraction in answers: exact as text, and as a number.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Exact {
    #[schema(example = "39/10")]
    pub exact: String,
    #[schema(example = 3.9)]
    pub value: f64,
}

impl From<Ratio> for Exact {
    fn from(ratio: Ratio) -> Self {
        Self { exact: ratio.to_string(), value: ratio.value() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_in_lowest_terms() {
        let shown = |num, den| Ratio::of(num, den).map(|ratio| ratio.to_string());
        assert_eq!(shown(390_000, 100_000), Some("39/10".to_owned()));
        assert_eq!(shown(-47, -12), Some("47/12".to_owned()));
        assert_eq!(shown(4, -2), Some("-2".to_owned()));
        assert_eq!((shown(0, 7), shown(1, 0)), (Some("0".to_owned()), None));
        assert!(Ratio::of(47, 12) < Ratio::of(4, 1) && Ratio::of(-1, 2) < Ratio::of(-1, 3));
    }
}
