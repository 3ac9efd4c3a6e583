//! Amounts of money in common notations: `1.200,50 EUR`, `$12,000`, `₩5,000,000`, `500만원`. The decimal mark (point or
//! comma) is detected from the amount itself where possible, else from its column.

use std::collections::HashMap;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::domain::base::money;
use crate::outside::import::formats::record::text;

/// The decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1,200.50`
    Point,
    /// `1.200,50`
    Comma,
}

impl DecimalMark {
    /// Both marks.
    pub const ALL: &'static [Self] = &[Self::Point, Self::Comma];

    /// The names of both marks.
    pub const NAMES: &'static [&'static str] = &["point", "comma"];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    fn of(c: char) -> Self {
        if c == ',' { Self::Comma } else { Self::Point }
    }
}

crate::outside::import::by_name!(DecimalMark);

/// Currency signs with one meaning; longer signs first.
const SIGNS: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("CA$", "CAD"),
    ("AU$", "AUD"),
    ("HK$", "HKD"),
    ("NT$", "TWD"),
    ("NZ$", "NZD"),
    ("MX$", "MXN"),
    ("R$", "BRL"),
    ("C$", "CAD"),
    ("A$", "AUD"),
    ("S$", "SGD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₩", "KRW"),
    ("원", "KRW"),
    ("円", "JPY"),
    ("元", "CNY"),
    ("RMB", "CNY"),
    ("₹", "INR"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₪", "ILS"),
    ("₱", "PHP"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
];

/// Currency signs that several currencies share. The product's currency is assumed where it is one of them.
const SHARED: &[(&str, &[&str])] = &[
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "ARS", "COP"]),
    ("¥", &["JPY", "CNY"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
];

/// Words for large numbers, which follow a number.
const FACTORS: &[(&str, u64)] =
    &[("억", 100_000_000), ("만", 10_000), ("천", 1_000), ("万", 10_000), ("k", 1_000), ("K", 1_000)];

/// The parts of an amount.
#[derive(Clone, Debug, PartialEq)]
struct WrittenAmount {
    /// Digits with the marks between them.
    digits: String,
    factor: u64,
    currency: Currency,
}

/// The currency in an amount.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::outside) enum Currency {
    Named(String),
    /// One of these currencies.
    OneOf(&'static [&'static str]),
    Unknown,
}

/// A parsed amount.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::outside) struct Amount {
    /// Digits, with a point before the decimals.
    pub(in crate::outside) number: String,
    pub(in crate::outside) currency: Currency,
}

fn take_apart(value: &Value) -> Option<WrittenAmount> {
    let written: String = text(value)?.nfkc().collect();
    let written = written.trim();
    if written.len() > 60 {
        return None;
    }
    let start = written.find(|c: char| c.is_ascii_digit())?;
    let end = written.rfind(|c: char| c.is_ascii_digit())? + 1;
    let digits: String = written[start..end].chars().filter(|c| !matches!(c, ' ' | '\'' | '’')).collect();
    if !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let (mut before, mut after) = (written[..start].trim(), written[end..].trim());
    let factor = FACTORS.iter().find(|(word, _)| after.starts_with(word)).filter(|_| currency_of(after).is_none());
    if let Some((word, _)) = factor {
        after = after[word.len()..].trim();
    }
    let mut currency = Currency::Unknown;
    for side in [&mut before, &mut after] {
        if let Some(found) = currency_of(side) {
            if currency != Currency::Unknown && currency != found {
                return None;
            }
            currency = found;
        } else if !side.is_empty() {
            return None;
        }
    }
    Some(WrittenAmount { digits, factor: factor.map_or(1, |(_, factor)| *factor), currency })
}

fn currency_of(word: &str) -> Option<Currency> {
    let upper = word.to_uppercase();
    if money::exponent(&upper).is_some() {
        return Some(Currency::Named(upper));
    }
    let named = SIGNS.iter().find(|(sign, _)| *sign == word).map(|(_, code)| Currency::Named((*code).to_owned()));
    named.or_else(|| SHARED.iter().find(|(sign, _)| *sign == word).map(|(_, codes)| Currency::OneOf(codes)))
}

/// What the marks in a number show.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Marks {
    None,
    /// The decimal mark, with the number of decimals after it.
    Decimal(DecimalMark, usize),
    /// This mark separates thousands, so the other one is the decimal mark.
    Thousands(DecimalMark),
    /// One mark before three digits: ambiguous.
    Either(DecimalMark),
    /// Invalid: `1.2.34`.
    Wrong,
}

fn marks_of(digits: &str) -> Marks {
    let marks: Vec<(usize, char)> = digits.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some(&(at, last)) = marks.last() else { return Marks::None };
    let mark = DecimalMark::of(last);
    let behind = digits.len() - at - 1;
    let whole = &digits[..at];
    // Digits in groups of three, or in India in groups of two before the last three.
    let grouped = |text: &str| {
        let groups: Vec<&str> = text.split(['.', ',']).collect();
        let [first, middle @ .., last] = groups.as_slice() else { return true };
        (1..=3).contains(&first.len()) && middle.iter().all(|group| matches!(group.len(), 2 | 3)) && last.len() == 3
    };
    match marks[..] {
        [_] if behind == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') => Marks::Either(mark),
        [_] => Marks::Decimal(mark, behind),
        _ if marks.iter().all(|(_, c)| *c == last) && grouped(digits) => Marks::Thousands(mark),
        _ if marks[..marks.len() - 1].iter().all(|(_, c)| *c != last) && grouped(whole) => Marks::Decimal(mark, behind),
        _ => Marks::Wrong,
    }
}

/// The evidence in one column.
#[derive(Clone, Debug, Default)]
struct AmountEvidence {
    point: u64,
    comma: u64,
    /// How many amounts have three decimals after each mark.
    three: [u64; 2],
}

/// The evidence in a file, by column.
#[derive(Default)]
pub(in crate::outside) struct Amounts {
    /// The caller's option.
    option: Option<DecimalMark>,
    columns: HashMap<String, AmountEvidence>,
}

impl Amounts {
    /// No evidence yet; `option` is the caller's option.
    pub(in crate::outside) fn new(option: Option<DecimalMark>) -> Self {
        Self { option, ..Self::default() }
    }

    /// Adds a value of a money column.
    pub(in crate::outside) fn feed(&mut self, column: &str, value: &Value) {
        let Some(written) = take_apart(value) else { return };
        let evidence = self.columns.entry(column.to_owned()).or_default();
        match marks_of(&written.digits) {
            Marks::Decimal(mark, decimals) => {
                evidence.three[mark as usize] += u64::from(decimals == 3);
                *evidence.of(mark) += 1;
            }
            Marks::Thousands(DecimalMark::Comma) => evidence.point += 1,
            Marks::Thousands(DecimalMark::Point) => evidence.comma += 1,
            Marks::None | Marks::Either(_) | Marks::Wrong => {}
        }
    }

    /// The decimal mark of a column, where its amounts agree.
    pub(in crate::outside) fn decide(&self, column: &str) -> Option<DecimalMark> {
        let evidence = self.columns.get(column).cloned().unwrap_or_default();
        self.option.or(match (evidence.point, evidence.comma) {
            (0, 0) => None,
            (_, 0) => Some(DecimalMark::Point),
            (0, _) => Some(DecimalMark::Comma),
            _ => None,
        })
    }

    /// Parses an amount of a column; `None` where it is invalid or ambiguous.
    pub(in crate::outside) fn read(&self, column: &str, value: &Value, currency: Option<&str>) -> Option<Amount> {
        let written = take_apart(value)?;
        let code = match &written.currency {
            Currency::Named(code) => Some(code.as_str()),
            // No currency that shares a sign has three decimals.
            Currency::OneOf(codes) => codes.first().copied(),
            Currency::Unknown => currency,
        };
        let decimal = match marks_of(&written.digits) {
            Marks::None => None,
            Marks::Wrong => return None,
            Marks::Decimal(mark, _) if self.option.is_none_or(|option| option == mark) => Some(mark),
            Marks::Thousands(mark) if self.option.is_none_or(|option| option != mark) => None,
            Marks::Decimal(..) | Marks::Thousands(_) => return None,
            Marks::Either(mark) => self.either(column, mark, code)?.then_some(mark),
        };
        let keep = |c: char| match c {
            '.' | ',' => (decimal == Some(DecimalMark::of(c))).then_some('.'),
            digit => Some(digit),
        };
        let number: String = written.digits.chars().filter_map(keep).collect();
        Some(Amount { number: times(&number, written.factor)?, currency: written.currency })
    }

    /// Whether a mark before three digits is the decimal mark. In a currency without three decimals it is not, unless
    /// the column shows that it writes three decimals anyway.
    fn either(&self, column: &str, mark: DecimalMark, code: Option<&str>) -> Option<bool> {
        if let Some(option) = self.option {
            return Some(option == mark);
        }
        if self.columns.get(column).is_some_and(|evidence| evidence.three[mark as usize] > 0) {
            return Some(true);
        }
        match code.and_then(money::exponent) {
            Some(3) | None => self.decide(column).map(|decided| decided == mark),
            Some(_) => Some(false),
        }
    }
}

impl AmountEvidence {
    fn of(&mut self, mark: DecimalMark) -> &mut u64 {
        match mark {
            DecimalMark::Point => &mut self.point,
            DecimalMark::Comma => &mut self.comma,
        }
    }
}

/// A decimal number times a power of ten, exactly.
fn times(number: &str, factor: u64) -> Option<String> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let zeros = factor.checked_ilog10()? as usize;
    let padded = format!("{decimals:0<zeros$}");
    let (more, decimals) = padded.split_at(zeros);
    let whole = format!("{whole}{more}");
    Some(if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(values: &[&str], option: Option<DecimalMark>) -> Vec<String> {
        let mut amounts = Amounts::new(option);
        values.iter().for_each(|value| amounts.feed("v", &json!(value)));
        let show = |value: &&str| match amounts.read("v", &json!(value), Some("USD")) {
            Some(Amount { number, currency: Currency::Named(code) }) => format!("{number} {code}"),
            Some(Amount { number, currency: Currency::OneOf(codes) }) => format!("{number} {}?", codes[0]),
            Some(Amount { number, .. }) => number,
            None => "-".to_owned(),
        };
        values.iter().map(show).collect()
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let written = ["1.200,50 EUR", "$12,000", "₩5,000,000", "12,000", "US$ 1,200.5", "500만원", "12k", "CHF 1'200"];
        let expected =
            ["1200.50 EUR", "12000 USD?", "5000000 KRW", "12000", "1200.5 USD", "5000000 KRW", "12000", "1200 CHF"];
        assert_eq!(read_all(&written, None), expected);
        assert_eq!(
            read_all(&["1.5만 KRW", "about 5", "-5", "1.2.34", "EUR 5 USD", "0.5"], None),
            ["15000 KRW", "-", "-", "-", "-", "0.5"]
        );
    }

    #[test]
    fn a_mark_before_three_digits_is_decided_by_the_column_and_the_currency() {
        assert_eq!(read_all(&["1500.000", "12.000"], None), ["1500.000", "12.000"]);
        assert_eq!(read_all(&["12.000"], None), ["12000"]);
        assert_eq!(read_all(&["12.000"], Some(DecimalMark::Point)), ["12.000"]);
        assert_eq!(read_all(&["12.000", "1.200,5"], Some(DecimalMark::Point)), ["12.000", "-"]);
        assert_eq!(read_all(&["₹12,34,567.50"], None), ["1234567.50 INR"]);
        // The Kuwaiti dinar has three decimals, so only the column can decide.
        assert_eq!(read_all(&["12.000 KWD"], None), ["-"]);
        assert_eq!(read_all(&["12.000 KWD", "1.5 KWD"], None), ["12.000 KWD", "1.5 KWD"]);
        assert_eq!(read_all(&["12.000 KWD", "1,5 KWD"], None), ["12000 KWD", "1.5 KWD"]);
    }
}
