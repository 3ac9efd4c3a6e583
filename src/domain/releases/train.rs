//! Release trains: the regular dates on which a product's releases leave.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ReleaseState;
use crate::domain::base::{Id, Time};
use crate::domain::team::Train;

impl Train {
    /// The first departure: the first such weekday on or after `starts_on`, at the start of the day; `None` where
    /// `starts_on` is not a date.
    pub fn first(&self) -> Option<Time> {
        let date = NaiveDate::parse_from_str(&self.starts_on, "%Y-%m-%d").ok()?;
        let start = Time::from(date.and_hms_opt(0, 0, 0)?.and_utc());
        (0..7).map(|n| start.plus(n * Time::DAY)).find(|day| day.weekday() == self.weekday)
    }

    /// All departures after a time, an infinite sequence; none where `starts_on` is not a date.
    pub fn after(&self, time: Time) -> impl Iterator<Item = Time> + use<> {
        let step = i64::from(self.every_weeks.max(1)) * 7 * Time::DAY;
        let next = self.first().map(|first| match time < first {
            true => first,
            false => first.plus(((time.0 - first.0).div_euclid(step) + 1) * step),
        });
        std::iter::successors(next, move |day| Some(day.plus(step)))
    }

    /// Whether a train leaves at exactly this time.
    pub fn leaves_at(&self, time: Time) -> bool {
        self.after(time.plus(-1)).next() == Some(time)
    }
}

/// A departure of a product's train.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Departure {
    /// The start of the day. Stories that are not ready by then take the next train.
    pub leaves_at: Time,
    /// The release for this departure; `null` until there is one.
    pub release: Option<DepartingRelease>,
}

/// The release for a departure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DepartingRelease {
    pub id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    pub state: ReleaseState,
}

/// How many departures to show.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepartureQuery {
    #[param(minimum = 1, maximum = 200, default = 10)]
    pub limit: Option<i64>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::team::Weekday;

    fn train(every_weeks: i32, weekday: Weekday, starts_on: &str) -> Train {
        Train { every_weeks, weekday, starts_on: starts_on.to_owned() }
    }

    #[test]
    fn every_second_tuesday() {
        let train = train(2, Weekday::Tuesday, "2026-01-05");
        let dates =
            |after: &str| -> Vec<String> { train.after(Time::parse(after).unwrap()).take(3).map(Time::date).collect() };
        assert_eq!(dates("2025-06-01T00:00:00Z"), ["2026-01-06", "2026-01-20", "2026-02-03"]);
        assert_eq!(dates("2026-01-05T23:59:59Z"), ["2026-01-06", "2026-01-20", "2026-02-03"]);
        assert_eq!(dates("2026-01-06T00:00:00Z"), ["2026-01-20", "2026-02-03", "2026-02-17"]);
        assert!(train.leaves_at(Time::parse("2026-02-03T00:00:00Z").unwrap()));
        assert!(!train.leaves_at(Time::parse("2026-01-27T00:00:00Z").unwrap()), "a Tuesday without a train");
        assert!(!train.leaves_at(Time::parse("2026-02-03T00:00:01Z").unwrap()));
    }

    #[test]
    fn what_is_no_date_has_no_departures() {
        let train = train(2, Weekday::Tuesday, "2026-02-30");
        assert_eq!(train.first(), None);
        assert_eq!(train.after(Time(0)).next(), None);
    }

    proptest! {
        #[test]
        fn departures_keep_their_rhythm(
            weeks in 1..27i32, day in 0..7usize, start in 0..20_000i64, now in -1_000_000_000i64..3_000_000_000,
        ) {
            let weekday = Weekday::ALL[day];
            let starts = Time(start * Time::DAY);
            let train = train(weeks, weekday, &starts.date());
            let now = Time(now * Time::SECOND);
            let first = train.first().unwrap();
            prop_assert!(first >= starts && first < starts.plus(7 * Time::DAY));
            let next: Vec<Time> = train.after(now).take(4).collect();
            prop_assert!(next[0] > now && (next[0] == first || next[0].0 - now.0 <= i64::from(weeks) * 7 * Time::DAY));
            for (n, leaves) in next.iter().enumerate() {
                prop_assert_eq!(leaves.weekday(), weekday);
                prop_assert_eq!(*leaves, leaves.start_of_day());
                prop_assert_eq!((leaves.0 - first.0) % (i64::from(weeks) * 7 * Time::DAY), 0);
                prop_assert!(train.leaves_at(*leaves));
                prop_assert_eq!(next.get(n + 1).copied().unwrap_or_else(|| train.after(*leaves).next().unwrap()),
                    leaves.plus(i64::from(weeks) * 7 * Time::DAY));
            }
        }
    }
}
