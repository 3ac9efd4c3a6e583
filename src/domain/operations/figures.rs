//! Figures of incidents: how long they take, and how often they are passed around.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

/// The query parameters of the figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncidentFiguresQuery {
    /// Key or id of the product; the default product where absent.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Incidents opened at or after this time; 90 days before `to` where absent.
    #[param(inline)]
    pub from: Option<Time>,
    /// Incidents opened before this time; now where absent.
    #[param(inline)]
    pub to: Option<Time>,
}

/// The figures of the incidents that were opened in a period, without those merged into others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentFigures {
    pub product_id: Id,
    pub from: Time,
    pub to: Time,
    /// How many incidents were opened.
    pub incidents: i64,
    /// The finger-pointing index: `bounces` for each incident; `null` without incidents.
    pub finger_pointing_index: Option<f64>,
    /// How often an incident was passed on because of what it is about: offers that were accepted, declined, or not
    /// accepted in time. Planned hand-overs at the end of a shift and escalations are not counted.
    pub bounces: i64,
    /// Accepted hand-offs back to a member who had owned the incident before; part of `bounces`.
    pub ping_pongs: i64,
    /// Hours between the offer and its acceptance, of accepted bounces.
    pub hours_to_acceptance: Spread,
    /// The teams between which incidents bounced, most often first.
    pub pairs: Vec<TeamPair>,
    /// Hand-overs at the end of a shift.
    pub shift_hand_overs: i64,
    pub escalations: i64,
    /// From the opening to the first acknowledgement, in minutes.
    pub time_to_own: Spread,
    /// From the opening to the first confirmed cause, in minutes.
    pub time_to_diagnose: Spread,
    /// From the opening to the mitigation, in minutes.
    pub time_to_mitigate: Spread,
    /// From the opening to the deployment that fixed it, in minutes.
    pub time_to_fix: Spread,
    /// How many customers were told.
    pub customers_told: i64,
}

/// Two teams between which incidents bounced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamPair {
    #[schema(example = "payments")]
    pub from: String,
    #[schema(example = "platform")]
    pub to: String,
    pub bounces: i64,
}

/// How numbers are spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Spread {
    /// How many there are.
    pub n: usize,
    /// The mean of the two in the middle where their number is even.
    pub median: Option<f64>,
    pub mean: Option<f64>,
    pub max: Option<f64>,
}

impl Spread {
    /// The spread of these numbers.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let n = values.len();
        if n == 0 {
            return Self::default();
        }
        let median = (values[(n - 1) / 2] + values[n / 2]) / 2.0;
        let mean = values.iter().sum::<f64>() / n as f64;
        Self { n, median: Some(median), mean: Some(mean), max: values.last().copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle() {
        let spread = Spread::of(vec![4.0, 1.0, 3.0, 10.0]);
        assert_eq!(spread, Spread { n: 4, median: Some(3.5), mean: Some(4.5), max: Some(10.0) });
        assert_eq!(Spread::of(Vec::new()), Spread::default());
        assert_eq!(Spread::of(vec![2.0]).median, Some(2.0));
    }
}
