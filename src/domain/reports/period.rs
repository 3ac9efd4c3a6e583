//! Periods of reports, and when subscribers get them. All of it is computed in local time: days of the product, hours of
//! the subscriber.

use chrono::{Datelike, Months, NaiveDate, NaiveTime};

use super::report::{ReportKind, ReportPeriod};
use crate::domain::base::calendar::{Weekday, parse_date, plus_days, weekday};
use crate::domain::base::{Calendar, Time};
use crate::refusal::{FieldError, Refusal, Result};

/// The longest period, in days.
const LONGEST: i64 = 400;

/// The period `[from, to)` of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Time,
    pub to: Time,
}

impl Span {
    /// The span of the same length before it.
    pub fn before(self) -> Self {
        Self { from: Time(self.from.0 - (self.to.0 - self.from.0)), to: self.from }
    }

    /// Whether a time is in it.
    pub fn has(self, time: Time) -> bool {
        self.from <= time && time < self.to
    }
}

/// The days before today: seven, or a month back to the same day, or to the last day of a shorter month.
pub fn usual(kind: ReportKind, calendar: &Calendar, now: Time) -> Span {
    let today = calendar.day(now);
    let first = match kind {
        ReportKind::Weekly | ReportKind::Release => plus_days(today, -7),
        ReportKind::Monthly => today.checked_sub_months(Months::new(1)).unwrap_or(today),
    };
    Span { from: calendar.start_of(first), to: calendar.start_of(today) }
}

/// The period that somebody asked for.
///
/// # Errors
/// 422 with every wrong field.
pub fn asked(period: &ReportPeriod, calendar: &Calendar, now: Time) -> Result<Span> {
    let mut wrong = Vec::new();
    let mut read = |name: &str, text: &str| {
        let found = parse_date(text).map(|day| calendar.start_of(day)).or_else(|| Time::parse(text));
        if found.is_none() {
            let detail = "must be a date such as 2026-11-23, or a time such as 2026-11-23T00:00:00Z";
            wrong.push(FieldError::new(format!("/period/{name}"), "format", detail));
        }
        found
    };
    let (from, to) = (read("from", &period.from), read("to", &period.to));
    if let (Some(from), Some(to)) = (from, to) {
        // Today is a day whose end is still to come.
        let last = calendar.start_of(plus_days(calendar.day(now), 1));
        if from >= to {
            wrong.push(FieldError::new("/period/from", "range", "must be before `to`"));
        } else if to.0 - from.0 > LONGEST * Time::DAY {
            wrong.push(FieldError::new("/period/from", "range", format!("must be at most {LONGEST} days before `to`")));
        }
        if to > last {
            wrong.push(FieldError::new("/period/to", "range", "must not be in the future"));
        }
        if wrong.is_empty() {
            return Ok(Span { from, to });
        }
    }
    Err(Refusal::invalid(wrong))
}

/// On which day a subscriber gets a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportDay {
    Weekly(Weekday),
    /// The day of the month; a shorter month ends with its last day.
    Monthly(u32),
}

/// When a subscriber gets reports: a day and an hour in their time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub day: ReportDay,
    /// 0 to 23.
    pub hour: u32,
    /// Their time zone; it has no days off.
    pub calendar: Calendar,
}

impl Schedule {
    /// The next time after this one. An hour that summer time skips is the moment at which the clock jumps; one that
    /// comes twice is its first occurrence. So each local day has exactly one time.
    pub fn next_after(&self, time: Time) -> Time {
        let mut day = self.on_or_after(self.calendar.day(time));
        loop {
            let at = self.calendar.at(day, self.clock());
            if at > time {
                return at;
            }
            day = self.on_or_after(plus_days(day, 1));
        }
    }

    /// The last time before this one.
    pub fn last_before(&self, time: Time) -> Time {
        let mut day = self.on_or_before(self.calendar.day(time));
        loop {
            let at = self.calendar.at(day, self.clock());
            if at < time {
                return at;
            }
            day = self.on_or_before(plus_days(day, -1));
        }
    }

    fn clock(&self) -> NaiveTime {
        NaiveTime::from_hms_opt(self.hour.min(23), 0, 0).unwrap_or_default()
    }

    fn on_or_after(&self, from: NaiveDate) -> NaiveDate {
        let mut day = from;
        while !self.is_on(day) {
            day = plus_days(day, 1);
        }
        day
    }

    fn on_or_before(&self, from: NaiveDate) -> NaiveDate {
        let mut day = from;
        while !self.is_on(day) {
            day = plus_days(day, -1);
        }
        day
    }

    fn is_on(&self, day: NaiveDate) -> bool {
        match self.day {
            ReportDay::Weekly(wanted) => weekday(day) == wanted,
            ReportDay::Monthly(wanted) => day.day() == wanted || (day.day() < wanted && is_last_of_month(day)),
        }
    }
}

fn is_last_of_month(day: NaiveDate) -> bool {
    plus_days(day, 1).month() != day.month()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn schedule(day: ReportDay, hour: u32, zone: &str) -> Schedule {
        Schedule { day, hour, calendar: Calendar { zone: zone.parse().unwrap(), ..Calendar::default() } }
    }

    #[test]
    fn a_report_at_nine_is_at_nine_on_both_sides_of_summer_time() {
        let monday = schedule(ReportDay::Weekly(Weekday::Monday), 9, "America/Chicago");
        // 2026-03-08 is the day on which the clock is put forward.
        assert_eq!(monday.next_after(at("2026-03-01T00:00:00Z")), at("2026-03-02T15:00:00Z"));
        assert_eq!(monday.next_after(at("2026-03-02T15:00:00Z")), at("2026-03-09T14:00:00Z"));
        let sunday = |hour| schedule(ReportDay::Weekly(Weekday::Sunday), hour, "America/Chicago");
        assert_eq!(sunday(2).next_after(at("2026-03-07T00:00:00Z")), at("2026-03-08T08:00:00Z"), "2:00 is skipped");
        assert_eq!(sunday(1).next_after(at("2026-10-31T00:00:00Z")), at("2026-11-01T06:00:00Z"), "the first 1:00");
        assert_eq!(sunday(1).next_after(at("2026-11-01T06:00:00Z")), at("2026-11-08T07:00:00Z"), "not the second");
    }

    #[test]
    fn the_thirty_first_is_the_last_day_of_a_shorter_month() {
        let last = schedule(ReportDay::Monthly(31), 9, "Asia/Seoul");
        let mut time = at("2026-01-01T00:00:00Z");
        let mut days = Vec::new();
        for _ in 0..5 {
            time = last.next_after(time);
            days.push(time.date());
        }
        assert_eq!(days, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]);
        assert_eq!(last.last_before(at("2026-03-31T00:00:00Z")).date(), "2026-02-28");
    }

    #[test]
    fn a_month_goes_back_to_the_same_day() {
        let seoul = Calendar { zone: "Asia/Seoul".parse().unwrap(), ..Calendar::default() };
        let month = usual(ReportKind::Monthly, &seoul, at("2026-03-31T03:00:00Z"));
        assert_eq!((month.from, month.to), (at("2026-02-27T15:00:00Z"), at("2026-03-30T15:00:00Z")));
        let week = usual(ReportKind::Weekly, &seoul, at("2026-11-30T00:00:00Z"));
        assert_eq!((week.from, week.to), (at("2026-11-22T15:00:00Z"), at("2026-11-29T15:00:00Z")));
        assert_eq!(week.before().from, at("2026-11-15T15:00:00Z"));
    }

    #[test]
    fn a_period_that_makes_no_sense_is_refused_by_name() {
        let asked = |from: &str, to: &str| {
            let period = ReportPeriod { from: from.to_owned(), to: to.to_owned() };
            let asked = asked(&period, &Calendar::default(), at("2026-11-30T10:00:00Z"));
            asked.map_err(|e| e.fields.into_iter().map(|field| field.pointer).collect::<Vec<_>>())
        };
        assert!(asked("2026-11-23", "2026-12-01").is_ok(), "today counts");
        assert_eq!(asked("x", "y").unwrap_err(), ["/period/from", "/period/to"]);
        assert_eq!(asked("2026-11-23", "2026-11-23").unwrap_err(), ["/period/from"]);
        assert_eq!(asked("2020-01-01", "2026-12-02").unwrap_err(), ["/period/from", "/period/to"]);
    }

    proptest! {
        #[test]
        fn times_follow_each_other_and_none_is_twice(second in 0i64..4_000_000_000, hour in 0u32..24, day in 1u32..32, zone in 0..4usize) {
            let zone = ["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"][zone];
            for on in [ReportDay::Monthly(day), ReportDay::Weekly(Weekday::ALL[day as usize % 7])] {
                let schedule = schedule(on, hour, zone);
                let first = schedule.next_after(Time(second * Time::SECOND));
                let next = schedule.next_after(first);
                let most = if matches!(on, ReportDay::Weekly(_)) { 8 } else { 32 };
                prop_assert!(first < next && next.0 - first.0 < most * Time::DAY);
                prop_assert_eq!(schedule.last_before(next), first);
            }
        }
    }
}
