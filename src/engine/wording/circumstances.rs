//! Circumstances that a text names: versions, platforms, devices, browsers, amounts, durations. They have the same value
//! in every language, so that customers of several languages are counted together.

use crate::domain::base::language::Language;
use crate::domain::words;
use crate::engine::READ_LIMIT;
use crate::engine::text::words::is_hangul;

/// The kind of a circumstance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CircumstanceKind {
    Version,
    Platform,
    Device,
    Browser,
    Step,
    Amount,
    Time,
}

/// A circumstance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Circumstance {
    pub kind: CircumstanceKind,
    /// `4.2`, `iPhone`; for a duration the number and the unit: `3 day`.
    pub value: String,
}

const TABLET: &str = "tablet";
/// The step of a customer who has updated.
const UPDATE: &str = "update";

impl Circumstance {
    /// The value for readers of this language.
    pub fn shown(&self, language: Language) -> String {
        match self.kind {
            CircumstanceKind::Step => words::circumstance_update(language),
            CircumstanceKind::Device if self.value == TABLET => words::circumstance_tablet(language),
            CircumstanceKind::Time => match self.value.split_once(' ') {
                Some((number, unit)) => {
                    let number = number.parse::<u16>().unwrap_or_default();
                    match unit {
                        "minute" => words::circumstance_minutes(language, number),
                        "hour" => words::circumstance_hours(language, number),
                        "day" => words::circumstance_days(language, number),
                        "week" => words::circumstance_weeks(language, number),
                        _ => words::circumstance_months(language, number),
                    }
                }
                None => self.value.clone(),
            },
            _ => self.value.clone(),
        }
    }

    /// The circumstance as the condition of a criterion; `None` for a kind that is only a fact.
    pub fn condition(&self, language: Language) -> Option<String> {
        let value = self.shown(language);
        match self.kind {
            CircumstanceKind::Version => Some(words::circumstance_version(language, value)),
            CircumstanceKind::Platform | CircumstanceKind::Device => Some(words::circumstance_on(language, value)),
            CircumstanceKind::Browser => Some(words::circumstance_in(language, value)),
            CircumstanceKind::Step | CircumstanceKind::Amount | CircumstanceKind::Time => None,
        }
    }

    /// Whether a title names it already.
    pub fn is_in(&self, title: &str) -> bool {
        let title = title.to_lowercase();
        let names = ALIASES.iter().filter(|alias| alias.value == self.value).map(|alias| alias.word);
        let update = (self.kind == CircumstanceKind::Step).then_some(["update", "업데이트", "upgrade"]);
        let own = self.value.to_lowercase();
        names.chain(update.into_iter().flatten()).chain([own.as_str()]).any(|name| title.contains(name))
    }
}

/// A word for a value.
struct Alias {
    word: &'static str,
    kind: CircumstanceKind,
    value: &'static str,
    /// Whether the word also means something else, so that it counts only with a capital letter inside a sentence.
    capital: bool,
}

const fn alias(word: &'static str, kind: CircumstanceKind, value: &'static str) -> Alias {
    Alias { word, kind, value, capital: false }
}

const fn ambiguous(word: &'static str, kind: CircumstanceKind, value: &'static str) -> Alias {
    Alias { word, kind, value, capital: true }
}

use CircumstanceKind::{Browser, Device, Platform};

#[rustfmt::skip]
const ALIASES: &[Alias] = &[
    alias("ios", Platform, "iOS"), alias("android", Platform, "Android"), alias("안드로이드", Platform, "Android"),
    ambiguous("windows", Platform, "Windows"), alias("윈도우", Platform, "Windows"), alias("윈도10", Platform, "Windows"),
    alias("macos", Platform, "macOS"), alias("맥os", Platform, "macOS"), alias("linux", Platform, "Linux"),
    alias("리눅스", Platform, "Linux"),
    alias("iphone", Device, "iPhone"), alias("아이폰", Device, "iPhone"), alias("ipad", Device, "iPad"),
    alias("아이패드", Device, "iPad"), ambiguous("galaxy", Device, "Galaxy"), alias("갤럭시", Device, "Galaxy"),
    ambiguous("pixel", Device, "Pixel"), alias("macbook", Device, "MacBook"), alias("맥북", Device, "MacBook"),
    alias("애플워치", Device, "Apple Watch"), alias("tablet", Device, TABLET), alias("태블릿", Device, TABLET), alias("chromebook", Device, "Chromebook"),
    alias("chrome", Browser, "Chrome"), alias("크롬", Browser, "Chrome"), ambiguous("safari", Browser, "Safari"),
    alias("사파리", Browser, "Safari"), alias("firefox", Browser, "Firefox"), alias("파이어폭스", Browser, "Firefox"),
    ambiguous("edge", Browser, "Edge"), alias("엣지", Browser, "Edge"), alias("웨일", Browser, "Whale"),
];

/// Whether a word belongs to a circumstance, so that it names no need of its own.
pub(in crate::engine) fn is_circumstance(word: &str) -> bool {
    let word = word.to_lowercase();
    let named =
        ALIASES.iter().any(|alias| word.starts_with(alias.word) || alias.word.starts_with(&word) && word.len() > 3);
    named || word.contains(|c: char| c.is_ascii_digit()) || VERSION_WORDS.iter().any(|known| word.starts_with(known))
}

/// The circumstances of a text, each once.
pub(in crate::engine) fn circumstances(text: &str) -> Vec<Circumstance> {
    let text: String = text.chars().take(READ_LIMIT).collect();
    let written: Vec<&str> = text.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    let lower: Vec<String> = written.iter().map(|word| word.to_lowercase()).collect();
    let mut found = Vec::new();
    for at in 0..lower.len() {
        found.extend(version(&lower, at));
        found.extend(named(&written, &lower, at));
        found.extend(amount(&lower[at]));
        found.extend(duration(&lower, at));
        found.extend(update(&lower, at));
    }
    found.sort();
    found.dedup();
    found
}

fn bare(word: &str) -> &str {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric() && !"€%£".contains(c));
    word.trim_start_matches(|c: char| !c.is_alphanumeric() && !"$€£₩".contains(c))
}

fn of(kind: CircumstanceKind, value: impl Into<String>) -> Circumstance {
    Circumstance { kind, value: value.into() }
}

/// `4.2` near "version" or "update", `v4.2`, `4.2버전`, and "version 12".
fn version(words: &[String], at: usize) -> Option<Circumstance> {
    let word = words[at].as_str();
    let (marked, rest) = match word.strip_prefix("ver").or_else(|| word.strip_prefix('v')) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            (true, rest.trim_start_matches('.'))
        }
        _ => (false, word),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, tail) = rest.split_at(end);
    let number = number.trim_end_matches('.');
    let parts: Vec<&str> = number.split('.').collect();
    let is_number = parts.iter().all(|part| (1..=4).contains(&part.len()));
    if !is_number || parts.len() > 4 || !(tail.is_empty() || tail.starts_with(is_hangul)) {
        return None;
    }
    let is_word = |word: &str| {
        VERSION_WORDS.iter().any(|known| word == *known || word.starts_with(known) && known.starts_with(is_hangul))
    };
    let near =
        words[at.saturating_sub(3)..at].iter().chain(words.iter().skip(at + 1).take(1)).any(|word| is_word(word));
    let beside = at > 0 && ["version", "ver", "버전"].contains(&words[at - 1].as_str());
    let said = marked
        || is_word(tail)
        || beside
        || (parts.len() > 1 && near && !UNITS_AFTER.iter().any(|unit| tail.starts_with(unit)));
    said.then(|| of(CircumstanceKind::Version, number))
}

const VERSION_WORDS: &[&str] =
    &["version", "ver", "update", "updated", "upgrade", "upgraded", "release", "build", "버전", "업데이트", "업뎃"];
const UNITS_AFTER: &[&str] = &["원", "만", "점", "배", "시", "일", "분", "달러", "개", "명", "퍼"];

/// Platforms, devices and browsers by their names.
fn named(written: &[&str], words: &[String], at: usize) -> Option<Circumstance> {
    let word = words[at].as_str();
    let is = |alias: &&Alias| match alias.word.starts_with(is_hangul) {
        true => word.starts_with(alias.word),
        false => word
            .strip_prefix(alias.word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| is_hangul(c) || c.is_ascii_digit())),
    };
    let alias = ALIASES.iter().find(is)?;
    let capital =
        at > 0 && written[at].starts_with(char::is_uppercase) && written[at - 1] != written[at - 1].to_uppercase();
    let numbered = words.get(at + 1).is_some_and(|next| next.contains(|c: char| c.is_ascii_digit()));
    (!alias.capital || numbered || capital && !ends_sentence(written[at - 1])).then(|| of(alias.kind, alias.value))
}

fn ends_sentence(word: &str) -> bool {
    word.ends_with(['.', '!', '?'])
}

/// An amount of money with its currency.
fn amount(word: &str) -> Option<Circumstance> {
    let digits = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || ",.".contains(c))
    };
    let before = word.strip_prefix(['$', '€', '£', '₩']).is_some_and(digits);
    let after = word.strip_suffix(['€', '£']).is_some_and(digits);
    let won = word.find('원').map(|end| &word[..end]).filter(|rest| {
        let rest = rest.strip_suffix(['만', '천', '억']).unwrap_or(rest);
        digits(rest)
    });
    match won {
        Some(won) => Some(of(CircumstanceKind::Amount, format!("{won}원"))),
        None => (before || after).then(|| of(CircumstanceKind::Amount, word)),
    }
}

/// A number of minutes to months: "3 days", "two weeks", `3일`, `일주일`.
fn duration(words: &[String], at: usize) -> Option<Circumstance> {
    let word = words[at].as_str();
    if let Some((_, value)) = KOREAN_DURATIONS.iter().find(|(name, _)| word.starts_with(name)) {
        return Some(of(CircumstanceKind::Time, *value));
    }
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let (digits, tail) = word.split_at(end);
    if digits.len() > 3 {
        return None;
    }
    if !digits.is_empty() && !tail.is_empty() {
        let unit = KOREAN_UNITS.iter().find(|(name, _)| tail.starts_with(name))?.1;
        let lasts = KOREAN_LASTS.iter().any(|end| tail.contains(end))
            || words.get(at + 1).is_some_and(|next| KOREAN_LASTS.iter().any(|end| next.starts_with(end)));
        return lasts.then(|| of(CircumstanceKind::Time, format!("{digits} {unit}")));
    }
    let number = match digits.is_empty() {
        true => (NUMBERS.iter().position(|number| *number == word)? + 1).to_string(),
        false => digits.to_owned(),
    };
    let next = words.get(at + 1).map(String::as_str).filter(|next| !matches!(*next, "business" | "working" | "full"));
    let next = next.or_else(|| words.get(at + 2).map(String::as_str))?;
    let unit = UNITS.iter().find(|unit| next.strip_prefix(**unit).is_some_and(|rest| matches!(rest, "" | "s")))?;
    Some(of(CircumstanceKind::Time, format!("{number} {unit}")))
}

const UNITS: &[&str] = &["minute", "hour", "day", "week", "month"];
const NUMBERS: &[&str] = &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const KOREAN_UNITS: &[(&str, &str)] = &[
    ("분", "minute"),
    ("시간", "hour"),
    ("영업일", "day"),
    ("일", "day"),
    ("주", "week"),
    ("개월", "month"),
    ("달", "month"),
];
const KOREAN_LASTS: &[&str] =
    &["째", "동안", "넘", "지났", "지나", "걸", "전", "이상", "만에", "내", "안에", "기다", "됐"];
const KOREAN_DURATIONS: &[(&str, &str)] = &[
    ("일주일", "1 week"),
    ("이틀", "2 day"),
    ("사흘", "3 day"),
    ("나흘", "4 day"),
    ("한달", "1 month"),
    ("보름", "15 day"),
];

/// "after the update", `업데이트 후`, `업데이트하고`.
fn update(words: &[String], at: usize) -> Option<Circumstance> {
    let word = words[at].as_str();
    let english = || {
        let is_update = ["update", "upgrade", "updating", "upgrading"].contains(&word);
        is_update && words[at.saturating_sub(4)..at].iter().any(|word| matches!(word.as_str(), "after" | "since"))
            || word == "updated"
                && words[at.saturating_sub(4)..at].iter().any(|word| matches!(word.as_str(), "after" | "since"))
    };
    let korean = || {
        let rest = ["업데이트", "업뎃"].iter().find_map(|name| word.strip_prefix(name));
        let next = words.get(at + 1).map_or("", String::as_str);
        let follows = |text: &str| {
            ["후", "이후", "뒤", "하고", "한", "하니", "했더니", "하자", "되고", "된"]
                .iter()
                .any(|end| text.starts_with(end))
        };
        rest.is_some_and(|rest| follows(rest) || (rest.is_empty() && follows(next)))
    };
    (english() || korean()).then(|| of(CircumstanceKind::Step, UPDATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        circumstances(text).iter().map(|found| found.shown(Language::English)).collect()
    }

    #[test]
    fn circumstances_have_one_value_in_both_languages() {
        assert_eq!(found("After the 4.2 update the app crashes on my iPhone 13"), ["4.2", "iPhone", "an update"]);
        assert_eq!(found("4.2 업데이트 이후 아이폰에서 튕겨요"), ["4.2", "iPhone", "an update"]);
        assert_eq!(found("버전 12에서 크롬으로 접속이 안 돼요"), ["12", "Chrome"]);
        assert_eq!(found("waited 5 business days for $129.90"), ["$129.90", "5 days"]);
        assert_eq!(found("5만원이 일주일째 안 들어와요"), ["5만원", "1 week"]);
    }

    #[test]
    fn words_with_another_meaning_are_no_circumstances() {
        assert!(found("clean my windows and the edge of the table; a safari tour at 4.2 stars").is_empty());
        assert_eq!(found("I use it on Windows 11 with Safari"), ["Windows", "Safari"]);
        assert!(found("평점 4.2점, 12일에 만나요").is_empty());
    }
}
