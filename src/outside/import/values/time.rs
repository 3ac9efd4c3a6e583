//! Parsing of times in common notations. `dates.rs` decides the order of day and month for a column; here a single text
//! is parsed, and then interpreted with that decision.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc, Weekday};
use serde_json::Value;

use super::clock::{self, Clock};
use super::zones::Zone;

/// The order of the parts of a numeric date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// Year, month, day.
    YearFirst,
    /// Month, day, year.
    MonthFirst,
    /// Day, month, year.
    DayFirst,
}

impl DateOrder {
    /// Every order.
    pub const ALL: &'static [Self] = &[Self::YearFirst, Self::MonthFirst, Self::DayFirst];

    /// The names of all orders.
    pub const NAMES: &'static [&'static str] = &["year_first", "month_first", "day_first"];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::YearFirst => "year_first",
            Self::MonthFirst => "month_first",
            Self::DayFirst => "day_first",
        }
    }
}

crate::outside::import::by_name!(DateOrder);

/// How the times of a column are interpreted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) struct Style {
    /// The order of numeric dates; `None` where the column has no ambiguous ones.
    pub(in crate::outside) order: Option<DateOrder>,
    /// The time zone of times without one.
    pub(in crate::outside) zone: Zone,
}

impl Default for Style {
    fn default() -> Self {
        Self { order: None, zone: Zone::utc() }
    }
}

/// A parsed time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) enum When {
    /// A complete point in time.
    At(DateTime<Utc>),
    /// A date, and possibly a time of day.
    On(Date, Clock),
}

/// A parsed date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) enum Date {
    Day(NaiveDate),
    /// Three numbers in an order that the text does not show.
    Numbers([u32; 3]),
}

impl Date {
    /// The day for an order, if there is such a day.
    pub(in crate::outside) fn under(self, order: DateOrder) -> Option<NaiveDate> {
        let [a, b, c] = match self {
            Self::Day(day) => return Some(day),
            Self::Numbers(numbers) => numbers,
        };
        let (year, month, day) = match order {
            DateOrder::YearFirst => (a, b, c),
            DateOrder::MonthFirst => (c, a, b),
            DateOrder::DayFirst => (c, b, a),
        };
        let year = match year {
            0..70 => 2000 + year,
            70..100 => 1900 + year,
            year => year,
        };
        NaiveDate::from_ymd_opt(year as i32, month, day).filter(|day| is_sane(day.year()))
    }
}

/// Parses a time and formats it as RFC 3339 in UTC; `None` where it is not a time, is not between 1900 and 2200, or is
/// a date that the style leaves ambiguous.
pub(in crate::outside) fn read(value: &Value, style: &Style) -> Option<String> {
    let time = match take_apart(value)? {
        When::At(time) => time,
        When::On(date, clock) => {
            let day = match (date, style.order) {
                (Date::Day(day), _) => day,
                (date, Some(order)) => date.under(order)?,
                (date, None) => only_one(date)?,
            };
            let zone = clock.zone.unwrap_or(style.zone);
            zone.at(day.and_time(clock.time.unwrap_or(NaiveTime::MIN)))?
        }
    };
    is_sane(time.year()).then(|| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// The day of three numbers, if it is the same in every order in which it is valid.
fn only_one(date: Date) -> Option<NaiveDate> {
    let mut days = DateOrder::ALL.iter().filter_map(|order| date.under(*order));
    let first = days.next()?;
    days.all(|day| day == first).then_some(first)
}

/// Parses a value; `None` where it is not a time.
pub(in crate::outside) fn take_apart(value: &Value) -> Option<When> {
    match value {
        Value::Number(number) => number_of(number.as_f64()?),
        Value::String(text) => parse(text.trim()),
        // The notation of MongoDB in JSON.
        Value::Object(fields) => fields.get("$date").or_else(|| fields.get("$numberLong")).and_then(take_apart),
        _ => None,
    }
}

fn parse(text: &str) -> Option<When> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(When::At(time.to_utc()));
    }
    if text.is_empty() || text.len() > 80 {
        return None;
    }
    // The notation of .NET in JSON.
    if let Some(number) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return number_of(number.split(['+', '-']).next()?.parse().ok()?);
    }
    if let Some((date, time)) = text.split_once('T').filter(|(date, _)| date.len() == 8) {
        return compact(&format!("{date}{}", time.trim_end_matches('Z')));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.matches('.').count() < 2 {
        return compact(text).or_else(|| number_of(text.parse().ok()?));
    }
    let text = clock::plain(text);
    let text = clock::without_weekday(&text);
    match numbers(text) {
        Some((date, rest)) => Some(When::On(date, clock::read(rest)?)),
        None => in_words(text),
    }
}

/// Parses numeric dates: `2024-03-12`, `12/3/24`, `24. 3. 12.`, `12-Mar-2024`; also a year and a month alone. Returns
/// the rest of the text too.
fn numbers(text: &str) -> Option<(Date, &str)> {
    let (a, rest) = digits(text)?;
    let (mark, rest) = separator(rest, None)?;
    let (b, rest) = match digits(rest) {
        Some((b, rest)) => (DatePart::Number(b), rest),
        None => month(rest).map(|(month, rest)| (DatePart::Month(month), rest))?,
    };
    let third = separator(rest, Some(mark)).and_then(|(_, rest)| digits(rest));
    let Some((c, rest)) = third else {
        let (DatePart::Number(month), "") = (b, rest.trim_end_matches(['.', '-', ' '])) else { return None };
        return (a.1 == 4).then(|| NaiveDate::from_ymd_opt(a.0 as i32, month.0, 1))?.map(|day| (Date::Day(day), ""));
    };
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let years = [Some(a), Some(c), if let DatePart::Number(b) = b { Some(b) } else { None }];
    if years.iter().flatten().any(|(number, length)| *length == 4 && !is_sane(*number as i32)) {
        return None;
    }
    let date = match b {
        DatePart::Month(month) => {
            let (day, year) = if a.1 == 4 { (c.0, a) } else { (a.0, c) };
            Date::Day(Date::Numbers([year.0, month, day]).under(DateOrder::YearFirst)?)
        }
        DatePart::Number(b) if a.1 == 4 => Date::Day(Date::Numbers([a.0, b.0, c.0]).under(DateOrder::YearFirst)?),
        DatePart::Number(b) => Date::Numbers([a.0, b.0, c.0]),
    };
    Some((date, rest))
}

#[derive(Clone, Copy)]
enum DatePart {
    Number((u32, usize)),
    Month(u32),
}

/// A number of up to four digits, and how many digits it has.
fn digits(text: &str) -> Option<((u32, usize), &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = (1..=4).contains(&length).then(|| text[..length].parse().ok())??;
    Some(((number, length), &text[length..]))
}

/// The separator between the parts of a date, with surrounding spaces; both separators must be the same.
fn separator(text: &str, wanted: Option<char>) -> Option<(char, &str)> {
    let rest = text.trim_start();
    let mark = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    (wanted.is_none_or(|wanted| wanted == mark)).then(|| (mark, rest[1..].trim_start()))
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A month by its English name or abbreviation.
fn month(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = text[..length].to_ascii_lowercase();
    let word = if word == "sept" { "sep" } else { &word };
    let known = |name: &str| word.len() >= 3 && name.starts_with(word);
    let at = MONTHS.iter().position(|name| known(name))?;
    Some((at as u32 + 1, text[length..].strip_prefix('.').unwrap_or(&text[length..])))
}

/// Parses dates with month names: `Mar 12, 2024, 9:41 AM`, `12 March 2024`, and the notations of JavaScript, Java and
/// Twitter: `Wed May 13 2026 11:21:41 GMT+0000 (GMT)`, `Tue Mar 12 09:41:00 KST 2024`.
fn in_words(text: &str) -> Option<When> {
    let text = text.split(" (").next()?;
    let (mut numbers, mut found, mut rest) = (Vec::new(), None, Vec::new());
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        let number = word.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th");
        match digits(number.trim_end_matches('.')) {
            Some((number, "")) if numbers.len() < 2 => numbers.push(number),
            _ => match month(word) {
                Some((month, "")) if found.is_none() => found = Some(month),
                _ if matches!(word, "of" | "at") => {}
                _ => rest.push(word),
            },
        }
    }
    let (month, [first, second]) = (found?, numbers[..].try_into().ok()?);
    let ((day, _), (year, _)) = if first.1 == 4 { (second, first) } else { (first, second) };
    let day = Date::Numbers([year, month, day]).under(DateOrder::YearFirst)?;
    Some(When::On(Date::Day(day), clock::read(&rest.join(" "))?))
}

/// A number as a time: a year; a spreadsheet's day number from 1900; or Unix time in seconds, milliseconds,
/// microseconds or nanoseconds, whichever gives a time since 1973.
fn number_of(number: f64) -> Option<When> {
    // Day 0 of spreadsheets.
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    let scale = match number {
        n if n.fract() == 0.0 && (1900.0..=2200.0).contains(&n) => {
            return NaiveDate::from_ymd_opt(n as i32, 1, 1).map(|day| When::On(Date::Day(day), Clock::default()));
        }
        n if (20_000.0..80_000.0).contains(&n) => {
            let day = zero.checked_add_days(chrono::Days::new(n as u64))?;
            let time = chrono::TimeDelta::seconds((n.fract() * 86_400.0).round() as i64);
            let at = day.and_time(NaiveTime::MIN) + time;
            return Some(When::On(Date::Day(at.date()), Clock { time: Some(at.time()), ..Clock::default() }));
        }
        n if (1e8..1e11).contains(&n) => 1e3,
        n if (1e11..1e14).contains(&n) => 1.0,
        n if (1e14..1e17).contains(&n) => 1e-3,
        n if (1e17..1e20).contains(&n) => 1e-6,
        _ => return None,
    };
    Utc.timestamp_millis_opt((number * scale).round() as i64).single().map(When::At)
}

/// Parses `20240312`, `202403120941` and `20240312094100`.
fn compact(text: &str) -> Option<When> {
    let time = match text.len() {
        8 => NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_time(NaiveTime::MIN),
        12 => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M").ok()?,
        14 => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok()?,
        _ => return None,
    };
    let clock = Clock { time: Some(time.time()), ..Clock::default() };
    (1970..=2100).contains(&time.year()).then(|| When::On(Date::Day(time.date()), clock))
}

/// The weekday that a text gives with its date.
pub(in crate::outside) fn weekday_in(value: &Value) -> Option<Weekday> {
    clock::weekday(&clock::plain(value.as_str()?))
}

fn is_sane(year: i32) -> bool {
    (1900..=2200).contains(&year)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn under(order: Option<DateOrder>, text: &str) -> String {
        read(&json!(text), &Style { order, ..Style::default() }).unwrap_or_default()
    }

    #[test]
    fn times_that_can_mean_one_thing_are_read() {
        let cases = [
            ("2024-03-12T09:41:00Z", "2024-03-12T09:41:00Z"),
            ("2024-03-12T18:41:00.250+09:00", "2024-03-12T09:41:00.250Z"),
            ("2024-03-12T18:41:00+0900", "2024-03-12T09:41:00Z"),
            ("2024-03-12 09:41:00", "2024-03-12T09:41:00Z"),
            ("2024-03-12 09:41:00 UTC", "2024-03-12T09:41:00Z"),
            ("2024-03-12 09:41:00 -0500", "2024-03-12T14:41:00Z"),
            ("2024-03-12 09:41:00+00", "2024-03-12T09:41:00Z"),
            ("2024-03-12T09:41:00.123456", "2024-03-12T09:41:00.123456Z"),
            ("2024-03-12 09:41:00,250", "2024-03-12T09:41:00.250Z"),
            ("2024-03-12", "2024-03-12T00:00:00Z"),
            ("2024-03", "2024-03-01T00:00:00Z"),
            ("2024", "2024-01-01T00:00:00Z"),
            ("20240312", "2024-03-12T00:00:00Z"),
            ("202403120941", "2024-03-12T09:41:00Z"),
            ("20240312T094100Z", "2024-03-12T09:41:00Z"),
            ("/Date(1710236460000)/", "2024-03-12T09:41:00Z"),
            ("1710236460", "2024-03-12T09:41:00Z"),
            ("1710236460000", "2024-03-12T09:41:00Z"),
            ("45363.40347", "2024-03-12T09:41:00Z"),
            ("45364", "2024-03-13T00:00:00Z"),
            ("12/Mar/24 9:41 AM", "2024-03-12T09:41:00Z"),
            ("12/Mar/24 12:05 AM", "2024-03-12T00:05:00Z"),
            ("12/Mar/2024 09:41", "2024-03-12T09:41:00Z"),
            ("12-Mar-2024", "2024-03-12T00:00:00Z"),
            ("Mar 12, 2024, 9:41 AM", "2024-03-12T09:41:00Z"),
            ("March 12th, 2024 at 9:41 p.m.", "2024-03-12T21:41:00Z"),
            ("12 March 2024", "2024-03-12T00:00:00Z"),
            ("Tue, 12 Mar 2024 09:41:00 +0000", "2024-03-12T09:41:00Z"),
            ("Wed May 13 2026 11:21:41 GMT+0000 (GMT+00:00)", "2026-05-13T11:21:41Z"),
            ("Wed May 13 2026 20:21:41 GMT+0900 (Korean Standard Time)", "2026-05-13T11:21:41Z"),
            ("Tue Mar 12 18:41:00 KST 2024", "2024-03-12T09:41:00Z"),
            ("Tue Mar 12 09:41:00 +0000 2024", "2024-03-12T09:41:00Z"),
            ("2024. 3. 12.", "2024-03-12T00:00:00Z"),
            ("2024. 3. 12. 9:41", "2024-03-12T09:41:00Z"),
            ("2019.05.30. 15:11", "2019-05-30T15:11:00Z"),
            ("2024. 3. 12. 오후 2:05:09", "2024-03-12T14:05:09Z"),
            ("2024년 3월 12일 오전 9시 41분", "2024-03-12T09:41:00Z"),
            ("2024년 3월 12일 오후 3:05", "2024-03-12T15:05:00Z"),
            ("2024년 3월 12일 오후 3시", "2024-03-12T15:00:00Z"),
            ("2024년 3월 12일 (화) 21:41", "2024-03-12T21:41:00Z"),
            ("2024년 3월 12일 화요일", "2024-03-12T00:00:00Z"),
            ("2024年3月12日 09:41", "2024-03-12T09:41:00Z"),
            ("2024.03.12 09:41", "2024-03-12T09:41:00Z"),
            ("2024/03/12 09:41 KST", "2024-03-12T00:41:00Z"),
            ("13/03/2024 09:41", "2024-03-13T09:41:00Z"),
            ("3/13/2024 9:41:30 PM", "2024-03-13T21:41:30Z"),
            ("03/03/2024", "2024-03-03T00:00:00Z"),
            ("soon", ""),
            ("2024-13-45", ""),
            ("2024-03-12 25:00", ""),
            ("0001-01-01", ""),
            ("2024-03-12 09:41 EST", ""),
            ("12345", ""),
            ("3/12/2024", ""),
            ("7", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(under(None, text), expected, "{text}");
        }
        let number = |number: Value| read(&number, &Style::default()).unwrap_or_default();
        assert_eq!(number(json!(1_710_236_460)), "2024-03-12T09:41:00Z");
        assert_eq!(number(json!(1_710_236_460.5)), "2024-03-12T09:41:00.500Z");
        assert_eq!(number(json!(45_363.5)), "2024-03-12T12:00:00Z");
        assert_eq!(number(json!({"$date": {"$numberLong": "1710236460000"}})), "2024-03-12T09:41:00Z");
        assert_eq!(number(json!(true)), "");
        assert_eq!(number(json!(1e300)), "");
    }

    #[test]
    fn three_numbers_are_read_under_an_order() {
        use DateOrder::{DayFirst, MonthFirst, YearFirst};
        assert_eq!(under(Some(YearFirst), "15.08.25"), "2015-08-25T00:00:00Z");
        assert_eq!(under(Some(YearFirst), "24.10.6.일"), "2024-10-06T00:00:00Z");
        assert_eq!(under(Some(DayFirst), "03/01/2024 10:00"), "2024-01-03T10:00:00Z");
        assert_eq!(under(Some(MonthFirst), "03/12/2024 09:41:00 AM"), "2024-03-12T09:41:00Z");
        assert_eq!(under(Some(MonthFirst), "19/01/2024"), "");
        assert_eq!(under(Some(DayFirst), "12.03.99"), "1999-03-12T00:00:00Z");
    }

    #[test]
    fn a_time_without_a_zone_is_in_the_zone_of_the_file() {
        let style = Style { zone: Zone::named("+09:00").unwrap(), ..Style::default() };
        assert_eq!(read(&json!("2024-03-12 09:41"), &style).unwrap(), "2024-03-12T00:41:00Z");
        assert_eq!(read(&json!("2024-03-12 09:41 UTC"), &style).unwrap(), "2024-03-12T09:41:00Z");
        assert_eq!(read(&json!("2024-03-12T09:41:00Z"), &style).unwrap(), "2024-03-12T09:41:00Z");
    }
}
