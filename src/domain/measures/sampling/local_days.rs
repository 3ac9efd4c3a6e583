//! Days in a time zone, numbered since 1970-01-01. A day has 23 or 25 hours where the clocks change.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1970, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// The number of the local day of a time in seconds since 1970.
pub fn day_of(zone: Tz, seconds: i64) -> i64 {
    let time = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default();
    (time.with_timezone(&zone).date_naive() - EPOCH).num_days()
}

/// The date of a local day.
pub fn date_of(day: i64) -> NaiveDate {
    let moved = if day < 0 {
        EPOCH.checked_sub_days(Days::new(day.unsigned_abs()))
    } else {
        EPOCH.checked_add_days(Days::new(day.unsigned_abs()))
    };
    moved.unwrap_or(EPOCH)
}

/// When a local day begins, in seconds since 1970. Where midnight is skipped, the day begins when the clocks go on; where
/// it occurs twice, at the first.
pub fn start_of(zone: Tz, day: i64) -> i64 {
    let midnight = date_of(day).and_hms_opt(0, 0, 0).unwrap_or_default();
    let mut tried: NaiveDateTime = midnight;
    for _ in 0..96 {
        match zone.from_local_datetime(&tried) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => return time.timestamp(),
            LocalResult::None => tried += chrono::Duration::minutes(15),
        }
    }
    midnight.and_utc().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_23_and_25_hours_where_the_clocks_change() {
        let hours = |zone: Tz, date: &str| {
            let day = (date.parse::<NaiveDate>().unwrap() - EPOCH).num_days();
            assert_eq!(date_of(day).to_string(), date);
            (start_of(zone, day + 1) - start_of(zone, day)) as f64 / 3600.0
        };
        assert_eq!(hours(Tz::Europe__Berlin, "2026-03-29"), 23.0);
        assert_eq!(hours(Tz::Europe__Berlin, "2026-10-25"), 25.0);
        assert_eq!(hours(Tz::Australia__Lord_Howe, "2026-04-05"), 24.5);
        assert_eq!(hours(Tz::Asia__Seoul, "2026-03-29"), 24.0);
        // Midnight is skipped in Beirut.
        assert_eq!(hours(Tz::Asia__Beirut, "2026-03-29"), 23.0);
    }

    #[test]
    fn each_moment_belongs_to_the_day_that_began_before_it() {
        for zone in [Tz::UTC, Tz::Asia__Seoul, Tz::America__Chicago, Tz::Australia__Lord_Howe, Tz::Asia__Beirut] {
            for day in 20_000..20_800 {
                let start = start_of(zone, day);
                assert_eq!((day_of(zone, start), day_of(zone, start - 1)), (day, day - 1), "{zone} {day}");
            }
        }
    }
}
