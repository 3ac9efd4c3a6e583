//! Series of a metric as they are read: points in one resolution.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::selector::Labels;
use crate::domain::base::{Id, Time};

/// The most points of one series in an answer.
pub const MOST_POINTS: i64 = 2000;

/// The query parameters of the series of a metric.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeriesQuery {
    /// Key or id of the product; needed where several products have a metric with the key.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The first moment; 28 days before `to` where absent.
    #[param(inline)]
    pub from: Option<Time>,
    /// The first moment after; now where absent.
    #[param(inline)]
    pub to: Option<Time>,
    /// The length of a point: `5m`, `15m`, `1h`, `6h`, `1d`. Where absent, the finest with at most 400 points.
    #[param(max_length = 10, example = "1h")]
    pub step: Option<String>,
    /// Only series with these labels: `region="eu",host!="a"`.
    #[param(max_length = 2000)]
    pub labels: Option<String>,
}

/// The series of a metric in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MetricSeries {
    pub metric_id: Id,
    #[schema(example = "signups")]
    pub key: String,
    pub unit: Option<String>,
    pub from: Time,
    pub to: Time,
    /// The length of a point in the answer. It is longer than the one asked for where the period reaches back beyond
    /// what is kept in that resolution: 14 days for `5m`, 100 days for `1h`, 5 years for `1d`.
    #[schema(example = "1h")]
    pub step: String,
    /// Whether `step` is longer than the one asked for.
    pub coarser: bool,
    /// The time zone of days.
    #[schema(example = "UTC")]
    pub time_zone: String,
    pub series: Vec<OneSeries>,
}

/// A series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OneSeries {
    #[schema(additional_properties, value_type = std::collections::HashMap<String, String>)]
    pub labels: Labels,
    /// Its points in order. A time without samples has none: it is a gap.
    pub points: Vec<Point>,
}

/// What is known of the samples of a while. `mean` is `sum / count`. Of a counter, `sum` is how much it grew.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Point {
    pub at: Time,
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    pub last: f64,
    pub mean: f64,
}

/// The length of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesStep {
    /// Some times five minutes.
    Minutes(i64),
    /// Some hours.
    Hours(i64),
    /// A day in the product's time zone, of 23 to 25 hours.
    Day,
}

impl SeriesStep {
    /// The steps that are chosen where none is asked for.
    pub const USUAL: [SeriesStep; 5] =
        [SeriesStep::Minutes(5), SeriesStep::Minutes(15), SeriesStep::Hours(1), SeriesStep::Hours(6), SeriesStep::Day];

    /// Reads a step.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let says = "must be some times 5m up to 30m, 1h to 12h, or 1d";
        let number = |text: &str| text.parse::<i64>().ok().filter(|n| *n > 0);
        if text == "1d" || text == "24h" {
            return Ok(Self::Day);
        }
        if let Some(minutes) = text.strip_suffix('m').and_then(number) {
            return match minutes {
                60 => Ok(Self::Hours(1)),
                _ if minutes % 5 == 0 && 60 % minutes == 0 => Ok(Self::Minutes(minutes)),
                _ => Err(says.to_owned()),
            };
        }
        match text.strip_suffix('h').and_then(number) {
            Some(hours) if 24 % hours == 0 => Ok(Self::Hours(hours)),
            _ => Err(says.to_owned()),
        }
    }

    /// Its length in seconds; a day has about as many.
    pub const fn seconds(self) -> i64 {
        match self {
            SeriesStep::Minutes(minutes) => minutes * 60,
            SeriesStep::Hours(hours) => hours * 3600,
            SeriesStep::Day => 86_400,
        }
    }

    /// For how many days back there are points of this length.
    pub const fn days_kept(self) -> i64 {
        match self {
            SeriesStep::Minutes(_) => 14,
            SeriesStep::Hours(_) => 100,
            SeriesStep::Day => 5 * 366,
        }
    }

    /// The shortest usual step that is kept for this age and gives at most this number of points.
    pub fn for_period(seconds: i64, days_back: i64, points: i64) -> Self {
        let fits = |step: &SeriesStep| seconds <= points * step.seconds() && days_back <= step.days_kept();
        Self::USUAL.into_iter().find(fits).unwrap_or(SeriesStep::Day)
    }

    /// This step, or the finest longer one that reaches this far back.
    pub fn reaching(self, days_back: i64) -> Self {
        match self {
            Self::Minutes(_) if days_back > self.days_kept() => Self::Hours(1).reaching(days_back),
            Self::Hours(_) if days_back > self.days_kept() => Self::Day,
            step => step,
        }
    }
}

impl std::fmt::Display for SeriesStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SeriesStep::Minutes(minutes) => write!(f, "{minutes}m"),
            SeriesStep::Hours(hours) => write!(f, "{hours}h"),
            SeriesStep::Day => write!(f, "1d"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_and_written() {
        for text in ["5m", "15m", "30m", "1h", "6h", "12h", "1d"] {
            assert_eq!(SeriesStep::parse(text).unwrap().to_string(), text);
        }
        for text in ["7m", "0m", "25m", "5h", "2d", "", "m", "-5m", "5"] {
            assert!(SeriesStep::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_period_beyond_what_is_kept_is_answered_in_longer_steps() {
        assert_eq!(SeriesStep::Minutes(5).reaching(13), SeriesStep::Minutes(5));
        assert_eq!(SeriesStep::Minutes(5).reaching(20), SeriesStep::Hours(1));
        assert_eq!(SeriesStep::Minutes(5).reaching(200), SeriesStep::Day);
        assert_eq!(SeriesStep::for_period(86_400, 1, 400), SeriesStep::Minutes(5));
        assert_eq!(SeriesStep::for_period(28 * 86_400, 28, 400), SeriesStep::Hours(6));
        assert_eq!(SeriesStep::for_period(300 * 86_400, 300, 400), SeriesStep::Day);
    }
}
