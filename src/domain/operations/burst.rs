//! Bursts of feedback: whether a theme gets more this week than its own past explains.
//!
//! The weeks of a theme are Poisson with a rate of their own, and the rate is Gamma: the next week is then negative
//! binomial. With the counts of `b` weeks and the prior 1/2, the shape is `r = sum + 1/2`, and each event is of the next
//! week with probability `1 / (b + 1)`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

/// Weeks of the past that a week is compared with.
pub const WEEKS: usize = 8;
/// Below this probability a theme is rising.
pub const RISING: f64 = 1e-3;
/// Below this probability an incident is proposed.
pub const PROPOSED: f64 = 1e-5;
/// Different customers that a proposal needs at least.
pub const CUSTOMERS: i64 = 5;

/// The probability of at least `count` in the next week, after these weeks.
pub fn tail(past: &[i64], count: i64) -> f64 {
    if count <= 0 {
        return 1.0;
    }
    let weeks = past.len() as f64;
    let shape = past.iter().sum::<i64>() as f64 + 0.5;
    // The probability of exactly k, as a logarithm, from that of k - 1.
    let mut log = shape * (weeks / (weeks + 1.0)).ln();
    for k in 1..=count {
        let k = k as f64;
        log += ((shape + k - 1.0) / k / (weeks + 1.0)).ln();
    }
    let (mut term, mut sum, mut k) = (log.exp(), 0.0, count as f64);
    // Beyond the mean the terms fall at least as fast as a geometric series.
    while term > sum * 1e-16 && term > 0.0 {
        sum += term;
        k += 1.0;
        term *= (shape + k - 1.0) / k / (weeks + 1.0);
    }
    sum.min(1.0)
}

/// The smallest count whose probability is below `level`, after these weeks.
pub fn limit(past: &[i64], level: f64) -> i64 {
    (1..).find(|count| tail(past, *count) < level).unwrap_or(i64::MAX)
}

crate::domain::names! {
    /// The state of a proposed incident.
    pub enum IncidentProposalState { Open "open", Accepted "accepted", Rejected "rejected" }
}

/// An incident that a burst of feedback proposes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IncidentProposal {
    pub id: Id,
    pub product_id: Id,
    pub theme_id: Id,
    /// Feedback of the last 7 days; what one customer says counts once, and imports don't count.
    pub items: i32,
    /// Different customers behind it.
    pub customers: i32,
    /// The same of the 8 weeks before, earliest first.
    pub past: Vec<i64>,
    /// How probable so much feedback is, by the theme's own past.
    pub probability: f64,
    #[schema(inline)]
    pub state: IncidentProposalState,
    /// The incident that was opened.
    pub incident_id: Option<Id>,
    pub ended_by: Option<Id>,
    pub ended_at: Option<Time>,
    pub created_at: Time,
}

/// How to accept a proposal.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"severity": 2}))]
pub struct AcceptProposal {
    /// The label of the theme where absent.
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: Option<String>,
    #[schema(minimum = 1, maximum = 5)]
    pub severity: Option<i32>,
}

/// The query parameters of the list of proposed incidents.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncidentProposalQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<IncidentProposalState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_computed_by_hand() {
        let limits = |past: &[i64]| [1e-3, 1e-4, 1e-5].map(|level| limit(past, level));
        let past = [3, 2, 4, 3, 3, 2, 4, 3];
        assert_eq!(limits(&past), [11, 13, 15]);
        assert!((tail(&past, 12) - 2.9e-4).abs() < 0.05e-4, "{}", tail(&past, 12));
        assert_eq!(limits(&[0; 8]), [3, 4, 5]);
        assert_eq!(limits(&[40, 38, 45, 41, 39, 44, 42, 40]), [65, 70, 75]);
    }

    #[test]
    fn the_probabilities_of_all_counts_are_one() {
        for past in [vec![0; 8], vec![3, 2, 4, 3, 3, 2, 4, 3], vec![500; 8]] {
            let tails: Vec<f64> = (0..900).map(|count| tail(&past, count)).collect();
            assert!((tails[0] - 1.0).abs() < 1e-12 && (tails[1] - 1.0).abs() < 1.0, "{tails:?}");
            assert!(tails.windows(2).all(|pair| pair[0] >= pair[1] - 1e-12), "it falls");
            assert!(tails.iter().all(|tail| tail.is_finite() && (0.0..=1.0).contains(tail)));
        }
    }
}
