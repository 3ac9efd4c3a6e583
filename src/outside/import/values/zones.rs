//! Time zones of imported times: a fixed offset from UTC, or a region with daylight saving time.

use std::fmt;

use chrono::{DateTime, Duration, FixedOffset, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// Abbreviations with the same meaning everywhere, with their offset in minutes. Others, such as `EST` or `CST`, mean
/// different zones in different countries and are not accepted.
const ABBREVIATIONS: &[(&str, i32)] = &[("Z", 0), ("UTC", 0), ("GMT", 0), ("KST", 540), ("JST", 540)];

/// The zone of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A fixed offset from UTC.
    Fixed(FixedOffset),
    /// A region of the tz database.
    Region(Tz),
}

impl Zone {
    /// The default zone.
    pub fn utc() -> Self {
        Zone::Fixed(Utc.fix())
    }

    /// A zone by its name or its offset from UTC: `Europe/Berlin`, `KST`, `+09:00`, `GMT+0900`, `UTC-5`.
    pub fn named(text: &str) -> Option<Self> {
        if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return FixedOffset::east_opt(minutes * 60).map(Zone::Fixed);
        }
        if text.contains('/') {
            return Tz::from_str_insensitive(text).ok().map(Zone::Region);
        }
        offset(text).map(Zone::Fixed)
    }

    /// Converts a local time of the zone to UTC. A local time that occurs twice, at the end of summer time, means the
    /// first. A local time that is skipped, at the start of summer time, is converted with the offset before the
    /// change.
    pub fn at(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self {
            Zone::Fixed(offset) => offset.from_local_datetime(&local).single().map(|time| time.to_utc()),
            Zone::Region(region) => match region.from_local_datetime(&local) {
                LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
                LocalResult::None => {
                    // No change of the clocks is longer than a day.
                    let before = region.from_local_datetime(&(local - Duration::days(1))).earliest()?;
                    Some((before.to_utc()) + Duration::days(1))
                }
            },
        }
    }
}

/// The name of the region, or else the offset.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Fixed(offset) if *offset == Utc.fix() => f.write_str("UTC"),
            Zone::Fixed(offset) => offset.fmt(f),
            Zone::Region(region) => f.write_str(region.name()),
        }
    }
}

/// Parses an offset from UTC: `+09:00`, `GMT+0900`, `UTC-5`.
fn offset(text: &str) -> Option<FixedOffset> {
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '\u{2212}' => -1,
        _ => return None,
    };
    let digits = text.trim_start_matches(['+', '-', '\u{2212}']).replace(':', "");
    let number: i32 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    let minutes = match digits.len() {
        1 | 2 => number * 60,
        3 | 4 => number / 100 * 60 + number % 100,
        _ => return None,
    };
    (minutes <= 14 * 60).then(|| FixedOffset::east_opt(sign * minutes * 60))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, local: &str) -> String {
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
        Zone::named(zone).unwrap().at(local).unwrap().format("%H:%M").to_string()
    }

    #[test]
    fn clocks_of_a_region_change_in_summer() {
        assert_eq!(at("Europe/Berlin", "2024-01-15 12:00"), "11:00");
        assert_eq!(at("europe/berlin", "2024-07-15 12:00"), "10:00");
        assert_eq!(at("America/New_York", "2024-07-15 12:00"), "16:00");
        assert_eq!(at("Asia/Seoul", "2024-07-15 12:00"), "03:00");
        assert_eq!(at("Australia/Sydney", "2024-01-15 12:00"), "01:00");
    }

    #[test]
    fn hours_that_come_twice_or_never_have_a_time_nevertheless() {
        // 27 October 2024: 02:30 occurs at 00:30 and at 01:30 UTC.
        assert_eq!(at("Europe/Berlin", "2024-10-27 02:30"), "00:30");
        // 31 March 2024: the clocks change from 02:00 to 03:00, at 01:00 UTC.
        assert_eq!(at("Europe/Berlin", "2024-03-31 02:30"), "01:30");
        assert_eq!(at("Europe/Berlin", "2024-03-31 03:30"), "01:30");
    }

    #[test]
    fn names_that_mean_several_zones_are_none() {
        for text in ["EST", "CST", "PST", "Mars/Base", "Seoul", "+15", ""] {
            assert_eq!(Zone::named(text), None, "{text}");
        }
        assert_eq!(Zone::named("+0900").unwrap().to_string(), "+09:00");
        assert_eq!(Zone::named("Asia/Seoul").unwrap().to_string(), "Asia/Seoul");
        assert_eq!(Zone::named("gmt").unwrap().to_string(), "UTC");
    }
}
