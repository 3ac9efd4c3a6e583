//! The legal clocks of requests: how long the law of a country gives to answer a person.
//!
//! The day on which a request arrives is not counted, and a period ends with the last hour of its last day. A month ends on
//! the same date, or on the last day of a month that has no such date (Regulation 1182/71). Where a law lets a period
//! that ends on a holiday end later, the earlier day is kept here, so that an answer in time is in time in any case.

use chrono::{Months, NaiveDate};
use chrono_tz::Tz;

use super::PersonRequestKind;
use crate::domain::base::calendar::plus_days;
use crate::domain::base::{Calendar, Time};

/// The days in which a request is answered in Korea.
const KOREAN_DAYS: i64 = 10;
/// The states in which the General Data Protection Regulation, or the same text, holds.
const EUROPE: [&str; 32] = [
    "EU", "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

crate::domain::names! {
    /// The rule by which a request is due. `kr_10_days`: the Korean act on personal information. `eu_one_month`: article 12
    /// of the General Data Protection Regulation. `one_month`: Hearback knows no rule of this country, and takes one month.
    pub enum RequestRule { Korea "kr_10_days", Europe "eu_one_month", Unknown "one_month" }
}

impl RequestRule {
    /// The rule of a country.
    pub fn of(country: &str) -> Self {
        match country {
            "KR" => RequestRule::Korea,
            other if is_european(other) => RequestRule::Europe,
            _ => RequestRule::Unknown,
        }
    }
}

/// Whether the General Data Protection Regulation, or the same text, holds in a country.
pub fn is_european(country: &str) -> bool {
    EUROPE.contains(&country)
}

/// The zone in whose days a country counts. A country with several zones counts in that of its capital.
pub fn zone(country: &str) -> Tz {
    match country {
        "KR" => Tz::Asia__Seoul,
        "GB" => Tz::Europe__London,
        "IE" => Tz::Europe__Dublin,
        "PT" => Tz::Europe__Lisbon,
        "IS" => Tz::Atlantic__Reykjavik,
        "BG" => Tz::Europe__Sofia,
        "CY" => Tz::Asia__Nicosia,
        "EE" => Tz::Europe__Tallinn,
        "FI" => Tz::Europe__Helsinki,
        "GR" => Tz::Europe__Athens,
        "LT" => Tz::Europe__Vilnius,
        "LV" => Tz::Europe__Riga,
        "RO" => Tz::Europe__Bucharest,
        other if is_european(other) => Tz::Europe__Brussels,
        _ => Tz::UTC,
    }
}

/// The same date some months later; the last day of a month that has no such date.
pub fn plus_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The last second of the day until which a request must be answered.
pub fn due(country: &str, received: Time) -> Time {
    last_second(country, received, |day| match RequestRule::of(country) {
        RequestRule::Korea => plus_days(day, KOREAN_DAYS),
        RequestRule::Europe | RequestRule::Unknown => plus_months(day, 1),
    })
}

/// As [`due`], where the period is extended; `None` where the law knows no extension. In Europe two further months are
/// allowed. In Korea access may be put off for a good reason; the law names no length, and 10 more days are taken.
pub fn extended(kind: PersonRequestKind, country: &str, received: Time) -> Option<Time> {
    match RequestRule::of(country) {
        RequestRule::Korea if kind == PersonRequestKind::Access => {
            Some(last_second(country, received, |day| plus_days(day, 2 * KOREAN_DAYS)))
        }
        RequestRule::Korea => None,
        RequestRule::Europe | RequestRule::Unknown => Some(last_second(country, received, |day| plus_months(day, 3))),
    }
}

/// The calendar of a country, without its holidays.
pub fn calendar(country: &str) -> Calendar {
    Calendar { zone: zone(country), ..Calendar::default() }
}

fn last_second(country: &str, received: Time, last: impl Fn(NaiveDate) -> NaiveDate) -> Time {
    let calendar = calendar(country);
    calendar.start_of(plus_days(last(calendar.day(received)), 1)).plus(-Time::SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(country: &str, received: &str) -> String {
        calendar(country).date(due(country, Time::parse(received).unwrap()))
    }

    #[test]
    fn a_month_ends_on_the_same_date_or_on_the_last_day_of_a_shorter_month() {
        assert_eq!(on("EU", "2026-01-31T12:00:00Z"), "2026-02-28");
        assert_eq!(on("EU", "2028-01-31T12:00:00Z"), "2028-02-29");
        assert_eq!(on("DE", "2026-01-30T12:00:00Z"), "2026-02-28");
        assert_eq!(on("EU", "2026-02-28T12:00:00Z"), "2026-03-28");
        assert_eq!(on("EU", "2026-03-31T12:00:00Z"), "2026-04-30");
        assert_eq!(on("EU", "2026-12-31T12:00:00Z"), "2027-01-31");
        assert_eq!(on("US", "2026-08-31T12:00:00Z"), "2026-09-30");
    }

    #[test]
    fn korea_gives_ten_days_without_the_first_one() {
        assert_eq!(on("KR", "2026-09-11T00:00:00Z"), "2026-09-21");
        // It is the 12th in Seoul already.
        assert_eq!(on("KR", "2026-09-11T15:00:00Z"), "2026-09-22");
        assert_eq!(on("KR", "2026-12-25T00:00:00Z"), "2027-01-04");
    }

    #[test]
    fn the_last_day_counts_to_its_end_where_the_person_is() {
        let due_in = |country, received| due(country, Time::parse(received).unwrap()).to_string();
        assert_eq!(due_in("KR", "2026-09-11T00:00:00Z"), "2026-09-21T14:59:59Z");
        // Summer time begins between the two days.
        assert_eq!(due_in("EU", "2026-03-20T12:00:00Z"), "2026-04-20T21:59:59Z");
        assert_eq!(due_in("EU", "2026-01-31T12:00:00Z"), "2026-02-28T22:59:59Z");
        // 23:30 on the 30th in UTC is the 31st in Brussels.
        assert_eq!(on("EU", "2026-01-30T23:30:00Z"), "2026-02-28");
        assert_eq!(on("GB", "2026-01-30T23:30:00Z"), "2026-02-28");
    }

    #[test]
    fn two_months_more_are_counted_from_the_day_of_receipt() {
        let received = Time::parse("2026-01-31T12:00:00Z").unwrap();
        let last = |kind, country| extended(kind, country, received).map(|due| calendar(country).date(due));
        assert_eq!(last(PersonRequestKind::Erasure, "EU").as_deref(), Some("2026-04-30"));
        assert_eq!(last(PersonRequestKind::Access, "KR").as_deref(), Some("2026-02-20"));
        assert_eq!(last(PersonRequestKind::Erasure, "KR"), None);
    }
}
