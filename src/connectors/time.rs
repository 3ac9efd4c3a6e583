//! Times as people's systems write them; a time without a zone is taken as UTC.

use chrono::format::{Parsed, StrftimeItems, parse_and_remainder};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use serde_json::Value;

/// Dates, the likeliest first. Month before day where both could be meant; day before month only where it must be.
const DATES: &[&str] = &[
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d/%B/%Y", "%d/%B/%y",
    "%d-%B-%Y", "%d-%B-%y", "%d %B %Y", "%B %d %Y", "%d.%m.%Y", "%d.%m.%y", "%m-%d-%Y", "%d-%m-%Y",
];

const TIMES: &[&str] = &["%I:%M:%S %p", "%I:%M %p", "%p %I:%M:%S", "%p %I:%M", "%H:%M:%S%.f", "%H:%M"];

/// The zones that have one meaning; others are written as offsets.
const ZONES: &[(&str, i32)] = &[("", 0), ("Z", 0), ("UTC", 0), ("GMT", 0), ("KST", 9), ("JST", 9)];

/// Reads a time and writes it as RFC 3339 in UTC; `None` where it is none, or not between 1900 and 2200.
pub(super) fn read(value: &Value) -> Option<String> {
    let time = match value {
        Value::Number(number) => unix(number.as_f64()?)?,
        Value::String(text) => parse(text.trim())?,
        _ => return None,
    };
    is_sane(time.year()).then(|| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(time.to_utc());
    }
    if text.len() > 64 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.matches('.').count() < 2 {
        return compact(text).or_else(|| unix(text.parse().ok()?));
    }
    let text = plain(text);
    DATES.iter().find_map(|format| {
        let (date, rest) = NaiveDate::parse_and_remainder(&text, format).ok()?;
        if !is_sane(date.year()) || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        clock(date, rest.trim_start_matches(['T', ' ', '-']))
    })
}

/// Unix time in seconds, milliseconds or microseconds, whichever gives a date in living memory.
fn unix(number: f64) -> Option<DateTime<Utc>> {
    let scale = match number.abs() {
        n if n < 1e11 => 1e3,
        n if n < 1e14 => 1.0,
        n if n < 1e17 => 1e-3,
        _ => return None,
    };
    Utc.timestamp_millis_opt((number * scale).round() as i64).single()
}

/// `20240312` and `20240312094100`.
fn compact(text: &str) -> Option<DateTime<Utc>> {
    let time = match text.len() {
        8 => NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_time(NaiveTime::MIN),
        14 => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok()?,
        _ => return None,
    };
    is_sane(time.year()).then(|| time.and_utc())
}

/// Korean writing and idle punctuation brought to one form: `2024. 3. 12. 오후 2:05` to `2024-3-12 PM 2:05`.
fn plain(text: &str) -> String {
    let mut text = text.replace("오전", "AM ").replace("오후", "PM ").replace(',', " ");
    for (theirs, ours) in [("년", "-"), ("월", "-"), ("일", " "), ("시", ":"), ("분", ":"), ("초", " ")] {
        text = text.replace(theirs, ours);
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let mut text = words.join(" ").replace(". ", "-").replace("- ", "-").replace(": ", ":");
    if let Some((date, time)) = text.split_once("-AM").or_else(|| text.split_once("-PM")) {
        let half = &text[date.len() + 1..date.len() + 3];
        text = format!("{date} {half}{time}");
    }
    text.trim_end_matches([' ', '.', '-', ':']).to_owned()
}

/// The time of day and the zone behind a date.
fn clock(date: NaiveDate, text: &str) -> Option<DateTime<Utc>> {
    if text.is_empty() {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    TIMES.iter().find_map(|format| {
        let mut parsed = Parsed::new();
        let rest = parse_and_remainder(&mut parsed, text, StrftimeItems::new(format)).ok()?;
        let offset = zone(rest.trim())?;
        let time = offset.from_local_datetime(&date.and_time(parsed.to_naive_time().ok()?)).single()?;
        Some(time.to_utc())
    })
}

fn zone(text: &str) -> Option<FixedOffset> {
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return FixedOffset::east_opt(hours * 3600);
    }
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = text[1..].replace(':', "");
    let number: i32 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    let minutes = match digits.len() {
        1 | 2 => number * 60,
        3 | 4 => number / 100 * 60 + number % 100,
        _ => return None,
    };
    FixedOffset::east_opt(sign * minutes * 60)
}

fn is_sane(year: i32) -> bool {
    (1900..=2200).contains(&year)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn usual_times_are_read() {
        let cases = [
            ("2024-03-12T09:41:00Z", "2024-03-12T09:41:00Z"),
            ("2024-03-12T18:41:00.250+09:00", "2024-03-12T09:41:00.250Z"),
            ("2024-03-12T18:41:00+0900", "2024-03-12T09:41:00Z"),
            ("2024-03-12 09:41:00", "2024-03-12T09:41:00Z"),
            ("2024-03-12 09:41:00 UTC", "2024-03-12T09:41:00Z"),
            ("2024-03-12 09:41:00 -0500", "2024-03-12T14:41:00Z"),
            ("2024-03-12T09:41:00.123456", "2024-03-12T09:41:00.123456Z"),
            ("2024-03-12", "2024-03-12T00:00:00Z"),
            ("20240312", "2024-03-12T00:00:00Z"),
            ("1710236460", "2024-03-12T09:41:00Z"),
            ("1710236460000", "2024-03-12T09:41:00Z"),
            ("12/Mar/24 9:41 AM", "2024-03-12T09:41:00Z"),
            ("12/Mar/24 12:05 AM", "2024-03-12T00:05:00Z"),
            ("12/Mar/2024 09:41", "2024-03-12T09:41:00Z"),
            ("3/12/2024 9:41:30 PM", "2024-03-12T21:41:30Z"),
            ("3/12/24", "2024-03-12T00:00:00Z"),
            ("13/03/2024 09:41", "2024-03-13T09:41:00Z"),
            ("Mar 12, 2024, 9:41 AM", "2024-03-12T09:41:00Z"),
            ("12 March 2024", "2024-03-12T00:00:00Z"),
            ("12.03.2024 09:41", "2024-03-12T09:41:00Z"),
            ("Tue, 12 Mar 2024 09:41:00 +0000", "2024-03-12T09:41:00Z"),
            ("2024. 3. 12.", "2024-03-12T00:00:00Z"),
            ("2024. 3. 12. 9:41", "2024-03-12T09:41:00Z"),
            ("2024. 3. 12. 오후 2:05:09", "2024-03-12T14:05:09Z"),
            ("2024년 3월 12일 오전 9시 41분", "2024-03-12T09:41:00Z"),
            ("2024년 3월 12일 (화) 21:41", ""),
            ("2024.03.12 09:41", "2024-03-12T09:41:00Z"),
            ("2024/03/12 09:41", "2024-03-12T09:41:00Z"),
            ("2024/03/12 09:41 KST", "2024-03-12T00:41:00Z"),
            ("soon", ""),
            ("2024-13-45", ""),
            ("2024-03-12 25:00", ""),
            ("0001-01-01", ""),
            ("2024-03-12 09:41 EST", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(read(&json!(text)).unwrap_or_default(), expected, "{text}");
        }
        assert_eq!(read(&json!(1_710_236_460)).as_deref(), Some("2024-03-12T09:41:00Z"));
        assert_eq!(read(&json!(1_710_236_460.5)).as_deref(), Some("2024-03-12T09:41:00.500Z"));
        assert_eq!(read(&json!(true)), None);
        assert_eq!(read(&json!(1e300)), None);
    }
}
