//! Calendar arithmetic in UTC: dates, days of the week and working days.

use super::Time;
use crate::domain::team::Weekday;

impl Time {
    /// The start of the day.
    pub fn start_of_day(self) -> Time {
        Time(self.0.div_euclid(Time::DAY) * Time::DAY)
    }

    /// The date, `2026-11-22`.
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        // The first day of 1970 was a Thursday.
        let index = (self.0.div_euclid(Time::DAY) + 3).rem_euclid(7);
        Weekday::ALL.get(index as usize).copied().unwrap_or(Weekday::Monday)
    }

    /// Whether the day is Monday to Friday. Public holidays count as working days, because they differ by country.
    pub fn is_working_day(self) -> bool {
        self.weekday() <= Weekday::Friday
    }

    /// The same time of day, `days` working days later. The day of `self` is not counted.
    pub fn plus_working_days(self, days: i32) -> Time {
        let mut time = self;
        let mut left = days;
        while left > 0 {
            time = time.plus(Time::DAY);
            if time.is_working_day() {
                left -= 1;
            }
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn a_promise_of_five_working_days_is_a_week() {
        // A Monday, a Friday, a Saturday, a Sunday.
        for (from, days, to) in [
            ("2026-11-23T09:30:00Z", 5, "2026-11-30T09:30:00Z"),
            ("2026-11-27T09:30:00Z", 1, "2026-11-30T09:30:00Z"),
            ("2026-11-28T09:30:00Z", 1, "2026-11-30T09:30:00Z"),
            ("2026-11-29T09:30:00Z", 5, "2026-12-04T09:30:00Z"),
            ("2026-11-28T09:30:00Z", 0, "2026-11-28T09:30:00Z"),
        ] {
            assert_eq!(at(from).plus_working_days(days), at(to), "{from} + {days}");
        }
        assert_eq!(at("2026-11-23T00:00:00Z").weekday(), Weekday::Monday);
        assert_eq!(at("1969-12-31T23:59:59Z").weekday(), Weekday::Wednesday);
        assert_eq!(at("2026-11-23T23:59:59Z").date(), "2026-11-23");
    }

    proptest! {
        #[test]
        fn exactly_the_working_days_are_counted(second in -2_000_000_000i64..8_000_000_000, days in 1..40i32) {
            let from = Time(second * Time::SECOND);
            let to = from.plus_working_days(days);
            prop_assert!(to.is_working_day());
            prop_assert_eq!((to.0 - from.0) % Time::DAY, 0, "the time of day stays");
            let between = (to.0 - from.0) / Time::DAY;
            let counted = (1..=between).filter(|n| from.plus(n * Time::DAY).is_working_day()).count();
            prop_assert_eq!(counted as i32, days);
        }

        #[test]
        fn a_later_start_never_promises_an_earlier_answer(second in 0..8_000_000_000i64, more in 0..2_000_000i64, days in 0..40i32) {
            let (early, late) = (Time(second * Time::SECOND), Time((second + more) * Time::SECOND));
            // Both deadlines of a weekend count from the same Monday, so only the days are compared.
            let end = |from: Time| from.plus_working_days(days).start_of_day();
            prop_assert!(end(early) <= end(late) || days == 0);
            prop_assert!(early.plus_working_days(days) <= early.plus_working_days(days + 1));
        }

        #[test]
        fn a_week_has_seven_days(second in -2_000_000_000i64..8_000_000_000) {
            let time = Time(second * Time::SECOND);
            let week: std::collections::BTreeSet<Weekday> = (0..7).map(|n| time.plus(n * Time::DAY).weekday()).collect();
            prop_assert_eq!(week.len(), 7);
            prop_assert_eq!(time.weekday(), time.plus(7 * Time::DAY).weekday());
            prop_assert_eq!(time.start_of_day().weekday(), time.weekday());
        }
    }
}
