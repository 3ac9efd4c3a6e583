//! Parsing of times of day, time zones and weekdays in Korean, Japanese, Chinese and English notations.

use chrono::{NaiveTime, Weekday};
use unicode_normalization::UnicodeNormalization;

use super::zones::Zone;

/// A time of day and a zone, as far as they are given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::outside) struct Clock {
    pub(in crate::outside) time: Option<NaiveTime>,
    pub(in crate::outside) zone: Option<Zone>,
}

const WEEKDAYS: [(Weekday, [&str; 5]); 7] = [
    (Weekday::Mon, ["monday", "월요일", "월", "月曜日", "月"]),
    (Weekday::Tue, ["tuesday", "화요일", "화", "火曜日", "火"]),
    (Weekday::Wed, ["wednesday", "수요일", "수", "水曜日", "水"]),
    (Weekday::Thu, ["thursday", "목요일", "목", "木曜日", "木"]),
    (Weekday::Fri, ["friday", "금요일", "금", "金曜日", "金"]),
    (Weekday::Sat, ["saturday", "토요일", "토", "土曜日", "土"]),
    (Weekday::Sun, ["sunday", "일요일", "일", "日曜日", "日"]),
];

/// Letters for year, month, day and so on after a number: `2024년 3월 12일` becomes `2024-3-12`.
const UNITS: &[(char, &str)] = &[
    ('년', "-"),
    ('年', "-"),
    ('월', "-"),
    ('月', "-"),
    ('일', " "),
    ('日', " "),
    ('시', ":"),
    ('時', ":"),
    ('时', ":"),
    ('분', ":"),
    ('分', ":"),
    ('초', " "),
    ('秒', " "),
];

const HALVES: &[(&str, &str)] = &[
    ("오전", " AM "),
    ("오후", " PM "),
    ("午前", " AM "),
    ("午後", " PM "),
    ("上午", " AM "),
    ("下午", " PM "),
    ("a.m.", " AM "),
    ("p.m.", " PM "),
];

/// Normalises a text: full-width characters become ASCII, and letters after a number become the marks they stand for.
pub(in crate::outside) fn plain(text: &str) -> String {
    let mut text: String = text.nfkc().collect();
    for (theirs, ours) in HALVES {
        text = text.replace(theirs, ours);
    }
    let (mut plain, mut after_digit) = (String::with_capacity(text.len()), false);
    for c in text.chars() {
        match UNITS.iter().find(|(unit, _)| *unit == c && after_digit) {
            Some((_, mark)) => plain.push_str(mark),
            None => plain.push(c),
        }
        after_digit = c.is_ascii_digit();
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let plain = words.join(" ").replace("- ", "-").replace(": ", ":");
    plain.trim_end_matches([' ', '-', ':', ',']).to_owned()
}

/// The words of a text: only letters, without brackets.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

fn as_weekday(word: &str) -> Option<Weekday> {
    let word = word.to_lowercase();
    let english = |name: &str| word.len() >= 3 && word.is_ascii() && name.starts_with(&word);
    let is = |names: &[&str; 5]| english(names[0]) || names[1..].contains(&word.as_str());
    WEEKDAYS.iter().find(|(_, names)| is(names)).map(|(day, _)| *day)
}

/// The weekday in a text.
pub(in crate::outside) fn weekday(plain: &str) -> Option<Weekday> {
    words(plain).find_map(as_weekday)
}

/// The text without a weekday at its start: `Tue Mar 12`, `화 2024-3-12`.
pub(in crate::outside) fn without_weekday(plain: &str) -> &str {
    let length = plain.find(|c: char| !c.is_alphabetic()).unwrap_or(plain.len());
    match as_weekday(&plain[..length]) {
        Some(_) => plain[length..].trim_start_matches([' ', ',', '.']),
        None => plain,
    }
}

/// Parses the text after a date: `T09:41:00.5Z`, `(화) 오후 2:05`, ` 9:41 PM KST`, or nothing.
pub(in crate::outside) fn read(text: &str) -> Option<Clock> {
    let text = text.trim_start_matches(['T', ' ', '-', ',', '_', '.']);
    let (mut clock, mut half) = (Clock::default(), None);
    for word in text.split([' ']).filter(|word| !word.is_empty()) {
        let bare = word.trim_matches(['(', ')', '.', ',', '[', ']']);
        if bare.is_empty() || as_weekday(bare).is_some() {
            continue;
        }
        match bare {
            "AM" | "am" | "Am" => half = Some(0),
            "PM" | "pm" | "Pm" => half = Some(12),
            _ if clock.time.is_none() && bare.starts_with(|c: char| c.is_ascii_digit()) => {
                let (time, rest) = time_of_day(bare)?;
                clock.time = Some(time);
                match rest {
                    "" => {}
                    "AM" | "am" => half = Some(0),
                    "PM" | "pm" => half = Some(12),
                    zone => clock.zone = Some(Zone::named(zone)?),
                }
            }
            _ if clock.zone.is_none() => clock.zone = Some(Zone::named(bare)?),
            _ => return None,
        }
    }
    match (half, clock.time) {
        (Some(half), Some(time)) => clock.time = Some(at_half(time, half)?),
        (Some(_), None) => return None,
        (None, _) => {}
    }
    Some(clock)
}

/// Applies AM or PM: 12 AM is midnight, 12 PM is noon. Some programs write `PM 15:05`.
fn at_half(time: NaiveTime, half: u32) -> Option<NaiveTime> {
    use chrono::Timelike;
    let hour = match time.hour() {
        12 => half,
        hour @ 0..12 => hour + half,
        hour if half == 12 => hour,
        _ => return None,
    };
    time.with_hour(hour)
}

/// Parses `9:41`, `09:41:00.250` or `9:` (only an hour); returns the rest of the text too.
fn time_of_day(text: &str) -> Option<(NaiveTime, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (time, rest) = text.split_at(end);
    let (time, fraction) = time.split_once(['.', ',']).unwrap_or((time, ""));
    let mut parts = time.split(':');
    let mut next = |or: Option<u32>| match parts.next() {
        Some("") | None => or,
        Some(part) => part.parse().ok().filter(|_| part.len() <= 2),
    };
    // A number alone is not a time of day, but a number with AM, PM or a letter for "hour" is.
    let named = time.contains(':') || matches!(rest, "AM" | "PM" | "am" | "pm") || text.len() <= 2;
    let (hour, minute, second) = (next(None).filter(|_| named)?, next(Some(0))?, next(Some(0))?);
    let nanos: u32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    // A leap second becomes the last second of its minute.
    Some((NaiveTime::from_hms_nano_opt(hour, minute, second.min(59), nanos)?, rest)).filter(|_| second <= 60)
}
