//! Calendar arithmetic: dates, days of the week and working days, in the time zone of a product and with its days off.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Time;

/// The format of a date, `2026-11-22`.
pub const DATE: &str = "%Y-%m-%d";

crate::domain::names! {
    /// A day of the week.
    pub enum Weekday {
        Monday "monday", Tuesday "tuesday", Wednesday "wednesday", Thursday "thursday", Friday "friday",
        Saturday "saturday", Sunday "sunday",
    }
}

/// The calendar of a product: its time zone, and the dates on which its team does not work beside Saturdays and
/// Sundays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Tz,
    pub days_off: BTreeSet<NaiveDate>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { zone: Tz::UTC, days_off: BTreeSet::new() }
    }
}

impl Calendar {
    /// The local date and time of day.
    pub fn local(&self, time: Time) -> NaiveDateTime {
        let utc = DateTime::<Utc>::from_timestamp_micros(time.0).unwrap_or_default();
        utc.with_timezone(&self.zone).naive_local()
    }

    /// The local day.
    pub fn day(&self, time: Time) -> NaiveDate {
        self.local(time).date()
    }

    /// The local day as text, `2026-11-22`.
    pub fn date(&self, time: Time) -> String {
        self.day(time).format(DATE).to_string()
    }

    /// The local time as people write it in a text, with its time zone: `2026-11-29, 14:44 KST (Asia/Seoul)`. The
    /// abbreviation tells the two hours of the end of summer time apart.
    pub fn to_the_minute(&self, time: Time) -> String {
        let utc = DateTime::<Utc>::from_timestamp_micros(time.0).unwrap_or_default();
        let local = utc.with_timezone(&self.zone).format("%Y-%m-%d, %H:%M %Z").to_string();
        if self.zone == Tz::UTC { local } else { format!("{local} ({})", self.zone.name()) }
    }

    /// The local hour, 0 to 23.
    pub fn hour(&self, time: Time) -> u32 {
        chrono::Timelike::hour(&self.local(time))
    }

    /// The local day of the week.
    pub fn weekday(&self, time: Time) -> Weekday {
        weekday(self.day(time))
    }

    /// When the clock shows this time on this day. Of an hour that comes twice, as summer time ends, it is the first; of
    /// one that is skipped, as summer time begins, the moment at which the clock jumps.
    pub fn at(&self, day: NaiveDate, time: NaiveTime) -> Time {
        let local = day.and_time(time);
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => found.with_timezone(&Utc).into(),
            LocalResult::None => self.after_gap(local),
        }
    }

    /// The moment at which the clock jumps over this local time: the first whose local time is later.
    fn after_gap(&self, local: NaiveDateTime) -> Time {
        // No zone jumps over more than a day, so the moment lies between two days before and after.
        let guess = Time::from(local.and_utc());
        let (mut before, mut after) = (guess.plus(-2 * Time::DAY), guess.plus(2 * Time::DAY));
        while after.0 - before.0 > 1 {
            let middle = Time(before.0 + (after.0 - before.0) / 2);
            match self.local(middle) < local {
                true => before = middle,
                false => after = middle,
            }
        }
        after
    }

    /// The first moment of a day.
    pub fn start_of(&self, day: NaiveDate) -> Time {
        self.at(day, NaiveTime::MIN)
    }

    /// The first moment of the local day.
    pub fn start_of_day(&self, time: Time) -> Time {
        self.start_of(self.day(time))
    }

    /// Whether the team works on this day: Monday to Friday, except on its days off.
    pub fn works_on(&self, day: NaiveDate) -> bool {
        weekday(day) <= Weekday::Friday && !self.days_off.contains(&day)
    }

    /// Whether the local day is a working day.
    pub fn is_working_day(&self, time: Time) -> bool {
        self.works_on(self.day(time))
    }

    /// The same local time of day, `days` working days later. The day of `time` is not counted.
    pub fn plus_working_days(&self, time: Time, days: i32) -> Time {
        if days <= 0 {
            return time;
        }
        let local = self.local(time);
        let (mut day, mut left) = (local.date(), days);
        while left > 0 {
            let Some(next) = day.succ_opt() else { return time };
            day = next;
            left -= i32::from(self.works_on(day));
        }
        self.at(day, local.time())
    }

    /// How much of a span falls into the working hours `[opens, closes)` of working days, in microseconds. An hour that
    /// summer time skips is not counted, and one that comes twice is counted twice.
    pub fn working_time(&self, from: Time, to: Time, opens: NaiveTime, closes: NaiveTime) -> i64 {
        let (mut day, last) = (self.day(from), self.day(to));
        let mut sum = 0;
        while day <= last {
            if self.works_on(day) {
                let (start, end) = (self.at(day, opens).max(from), self.at(day, closes).min(to));
                sum += (end.0 - start.0).max(0);
            }
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        sum
    }
}

/// The day of the week of a date.
pub fn weekday(day: NaiveDate) -> Weekday {
    Weekday::ALL.get(day.weekday().num_days_from_monday() as usize).copied().unwrap_or(Weekday::Monday)
}

/// A date that exists, `2026-11-22`.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, DATE).ok().filter(|day| day.format(DATE).to_string() == text)
}

/// A day some days later or, with a negative number, earlier; the last there is where the calendar ends.
pub fn plus_days(day: NaiveDate, days: i64) -> NaiveDate {
    Duration::try_days(days).and_then(|days| day.checked_add_signed(days)).unwrap_or(NaiveDate::MAX)
}

impl Time {
    /// The start of the day in UTC.
    pub fn start_of_day(self) -> Time {
        Time(self.0.div_euclid(Time::DAY) * Time::DAY)
    }

    /// The date in UTC, `2026-11-22`.
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    fn calendar(zone: &str, days_off: &[&str]) -> Calendar {
        Calendar { zone: zone.parse().unwrap(), days_off: days_off.iter().map(|text| day(text)).collect() }
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
            assert_eq!(Calendar::default().plus_working_days(at(from), days), at(to), "{from} + {days}");
        }
        assert_eq!(Calendar::default().weekday(at("1969-12-31T23:59:59Z")), Weekday::Wednesday);
        assert_eq!(at("2026-11-23T23:59:59Z").date(), "2026-11-23");
    }

    #[test]
    fn the_day_is_the_local_one() {
        let seoul = calendar("Asia/Seoul", &[]);
        // A Sunday evening in London is a Monday in Seoul.
        assert_eq!(seoul.date(at("2026-03-15T15:10:00Z")), "2026-03-16");
        assert_eq!(seoul.weekday(at("2026-03-15T15:10:00Z")), Weekday::Monday);
        assert_eq!(seoul.hour(at("2026-03-15T15:10:00Z")), 0);
        assert_eq!(seoul.start_of_day(at("2026-03-15T15:10:00Z")), at("2026-03-15T15:00:00Z"));
        assert_eq!(
            seoul.plus_working_days(at("2026-03-13T15:30:00Z"), 1),
            at("2026-03-15T15:30:00Z"),
            "Saturday 00:30"
        );
    }

    #[test]
    fn korean_days_off_are_no_working_days() {
        // Seollal 2026: Monday to Wednesday, 16 to 18 February.
        let seoul = calendar("Asia/Seoul", &["2026-02-16", "2026-02-17", "2026-02-18"]);
        assert_eq!(seoul.plus_working_days(at("2026-02-13T01:00:00Z"), 1), at("2026-02-19T01:00:00Z"));
        assert_eq!(seoul.plus_working_days(at("2026-02-13T01:00:00Z"), 5), at("2026-02-25T01:00:00Z"));
        // 01:00 in Seoul on the 19th is still the 18th in UTC.
        assert!(seoul.is_working_day(at("2026-02-18T16:00:00Z")));
        assert!(!Calendar { zone: Tz::UTC, ..seoul }.is_working_day(at("2026-02-18T16:00:00Z")));
    }

    #[test]
    fn a_promise_keeps_its_local_time_of_day_across_daylight_saving() {
        let berlin = calendar("Europe/Berlin", &[]);
        // Summer time begins on Sunday, 29 March 2026, and ends on Sunday, 25 October.
        assert_eq!(berlin.plus_working_days(at("2026-03-27T08:00:00Z"), 1), at("2026-03-30T07:00:00Z"));
        assert_eq!(berlin.plus_working_days(at("2026-10-23T07:00:00Z"), 1), at("2026-10-26T08:00:00Z"));
        assert_eq!(
            berlin.start_of(day("2026-03-30")).0 - berlin.start_of(day("2026-03-29")).0,
            23 * 3600 * Time::SECOND
        );
        assert_eq!(
            berlin.start_of(day("2026-10-26")).0 - berlin.start_of(day("2026-10-25")).0,
            25 * 3600 * Time::SECOND
        );
    }

    #[test]
    fn a_skipped_time_is_the_jump_and_one_that_comes_twice_the_first() {
        let new_york = calendar("America/New_York", &[]);
        let clock = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        assert_eq!(new_york.at(day("2026-03-08"), clock("02:30")), at("2026-03-08T07:00:00Z"));
        assert_eq!(new_york.at(day("2026-11-01"), clock("01:30")), at("2026-11-01T05:30:00Z"));
        // Midnight itself is skipped in Beirut: the day begins at 1.
        let beirut = calendar("Asia/Beirut", &[]);
        assert_eq!(beirut.start_of(day("2026-03-29")), at("2026-03-28T22:00:00Z"));
        // Samoa had no 30 December 2011.
        let apia = calendar("Pacific/Apia", &[]);
        assert_eq!(apia.start_of(day("2011-12-30")), apia.start_of(day("2011-12-31")));
    }

    #[test]
    fn a_date_must_exist_and_have_two_digits_each() {
        for wrong in ["2026-02-30", "2026-2-3", "26-02-03", "2026-02-03T00:00:00Z", "", "tomorrow", "+2026-02-03"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
        assert_eq!(parse_date("2028-02-29").map(|day| day.format(DATE).to_string()).as_deref(), Some("2028-02-29"));
    }

    #[test]
    fn working_time_counts_only_the_hours_of_working_days() {
        let calendar = calendar("Europe/Copenhagen", &[]);
        let clock = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        let local = |text: &str| {
            let (date, time) = text.split_once(' ').unwrap();
            calendar.at(day(date), clock(time))
        };
        for (from, to, minutes) in [
            ("2020-02-25 07:32", "2020-02-25 17:07", 7 * 60),
            ("2020-04-15 07:15", "2020-04-15 15:09", 5 * 60 + 9),
            ("2020-08-07 15:51", "2020-08-14 10:06", 29 * 60 + 15),
            ("2020-08-04 13:30", "2020-08-05 16:16", 9 * 60 + 46),
        ] {
            let counted = calendar.working_time(local(from), local(to), clock("10:00"), clock("17:00"));
            assert_eq!(counted / (60 * Time::SECOND), minutes, "{from} .. {to}");
        }
        assert_eq!(
            calendar.working_time(local("2020-02-25 17:07"), local("2020-02-25 07:32"), clock("10:00"), clock("17:00")),
            0
        );
    }

    const ZONES: [&str; 6] =
        ["UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"];

    proptest! {
        #[test]
        fn exactly_the_working_days_are_counted(second in 0i64..4_000_000_000, days in 1..40i32, zone in 0..6usize, off in 0..400i64) {
            let from = Time(second * Time::SECOND);
            let mut calendar = calendar(ZONES[zone], &[]);
            let first = calendar.day(from);
            calendar.days_off.extend([plus_days(first, off % 20), plus_days(first, off / 20)]);
            let to = calendar.day(calendar.plus_working_days(from, days));
            prop_assert!(calendar.works_on(to));
            let counted = (1..=(to - first).num_days()).filter(|n| calendar.works_on(plus_days(first, *n))).count();
            prop_assert_eq!(counted as i32, days);
        }

        #[test]
        fn a_later_start_never_promises_an_earlier_day(second in 0..4_000_000_000i64, more in 0..2_000_000i64, days in 0..40i32, zone in 0..6usize) {
            let (early, late) = (Time(second * Time::SECOND), Time((second + more) * Time::SECOND));
            let calendar = calendar(ZONES[zone], &[]);
            // Both deadlines of a weekend count from the same Monday, so only the days are compared.
            let end = |from: Time| calendar.day(calendar.plus_working_days(from, days));
            prop_assert!(end(early) <= end(late));
            prop_assert!(calendar.plus_working_days(early, days) <= calendar.plus_working_days(early, days + 1));
        }

        #[test]
        fn a_day_begins_where_the_one_before_ends(second in 0..4_000_000_000i64, zone in 0..6usize) {
            let calendar = calendar(ZONES[zone], &[]);
            let time = Time(second * Time::SECOND);
            let start = calendar.start_of_day(time);
            prop_assert!(start <= time && time < calendar.start_of(plus_days(calendar.day(time), 1)));
            prop_assert_eq!(calendar.day(start), calendar.day(time));
            prop_assert!(calendar.day(start.plus(-1)) < calendar.day(time));
        }
    }
}
