//! Conversion of a column's values to the types of our fields.

use serde_json::{Value, json};
use validator::ValidateEmail;

use super::amounts::{self, Currency};
use super::ratings::{self, Scale};
use super::time;
use crate::domain::base::money;
use crate::outside::import::fields::FieldKind;
use crate::outside::import::formats::record::{Record, pick, text};
use crate::outside::import::formats::row::RowWarning;
use crate::outside::import::mapping::Rule;
use crate::outside::import::plan::Plan;

/// A converted value.
pub(in crate::outside) struct Converted {
    pub(in crate::outside) value: Value,
    /// Whether the conversion lost nothing.
    pub(in crate::outside) exact: bool,
    /// A warning about the conversion.
    pub(in crate::outside) note: Option<RowWarning>,
}

fn exactly(value: impl Into<Value>) -> Result<Converted, RowWarning> {
    Ok(Converted { value: value.into(), exact: true, note: None })
}

fn left_out(code: &'static str, column: &str, why: &str) -> RowWarning {
    RowWarning::new("", code, format!("left out: the column {column:?} {why}"))
}

impl Plan {
    /// Converts a value to the type of the rule's field.
    ///
    /// # Errors
    /// A warning where it can't be converted: the field is omitted, and the row is accepted without it.
    pub(in crate::outside) fn convert(
        &self,
        rule: &Rule,
        value: &Value,
        record: &Record,
    ) -> Result<Converted, RowWarning> {
        let column = &*rule.theirs;
        let words = || text(value).ok_or_else(|| left_out("unreadable_text", column, "holds no text"));
        match rule.kind() {
            FieldKind::Free => exactly(value.clone()),
            FieldKind::Verbatim => exactly(words()?),
            FieldKind::Text | FieldKind::Product => exactly(words()?.trim()),
            FieldKind::Word(known) => word(known, words()?.trim(), column),
            FieldKind::Language => language(words()?.trim(), column),
            FieldKind::Tags => exactly(tags(value)),
            FieldKind::Email => email(&words()?, column),
            FieldKind::Stars => self.stars(rule, value),
            FieldKind::Tens => tens(value, column),
            FieldKind::Number => {
                exactly(number(value).ok_or_else(|| left_out("unreadable_number", column, "holds no number"))?)
            }
            FieldKind::Money => self.money(value, column, record),
            FieldKind::Currency => currency(&words()?, column),
            FieldKind::Time => self.time(value, column),
        }
    }

    fn time(&self, value: &Value, column: &str) -> Result<Converted, RowWarning> {
        let style = self.style(column);
        let time = time::read(value, &style).map(exactly);
        time.ok_or_else(|| left_out("unreadable_time", column, "holds no time that could be read"))?
    }

    fn stars(&self, rule: &Rule, value: &Value) -> Result<Converted, RowWarning> {
        let column = &*rule.theirs;
        let scale = if rule.reads() { self.scale(column) } else { Scale::Of(5.0) };
        let written = ratings::read(value).ok_or_else(|| left_out("unreadable_number", column, "holds no rating"))?;
        match ratings::in_stars(written, scale) {
            Some((stars, exact)) => Ok(Converted { value: stars.into(), exact, note: None }),
            None if scale == Scale::Unknown => {
                let why = "does not show what its ratings are out of; the option `rating_scale` says it";
                Err(left_out("unknown_scale", column, why))
            }
            None => Err(left_out("out_of_range", column, "holds a number beyond its scale, or 0")),
        }
    }

    /// Converts an amount, in one column or in two. A missing currency is added later, where the product is known.
    fn money(&self, value: &Value, column: &str, record: &Record) -> Result<Converted, RowWarning> {
        if value.get("amount_minor").is_some() {
            return exactly(value.clone());
        }
        let beside = self.currency_columns().find_map(|column| pick(record, column).and_then(text));
        let beside = beside.map(|code| code.trim().to_uppercase()).filter(|code| money::exponent(code).is_some());
        let usual = beside.as_deref().or(self.currency.as_deref());
        let amount = self.amounts.read(column, value, usual.or(self.usual_currency.as_deref()));
        let why = "holds no amount of money that could be read; the options `decimal_mark` and `currency` may say more";
        let amount = amount.ok_or_else(|| left_out("unreadable_money", column, why))?;
        let mut read = json!({ "amount": amount.number });
        match (amount.currency, usual) {
            (Currency::Named(code), _) => read["currency"] = code.into(),
            (Currency::OneOf(codes), Some(code)) if codes.contains(&code) => read["currency"] = code.into(),
            (Currency::OneOf(codes), _) => read["one_of"] = json!(codes),
            (Currency::Unknown, Some(code)) => read["currency"] = code.into(),
            (Currency::Unknown, None) => {}
        }
        exactly(read)
    }
}

fn word(known: &[&str], text: &str, column: &str) -> Result<Converted, RowWarning> {
    let text = text.to_lowercase();
    let is_known = known.contains(&text.as_str());
    is_known
        .then(|| exactly(text))
        .ok_or_else(|| left_out("not_one_of", column, &format!("holds none of {}", known.join(", "))))?
}

/// Normalises a language code: `en_US` and `EN-us` become `en-US` and `en-us`.
fn language(text: &str, column: &str) -> Result<Converted, RowWarning> {
    let text = text.replace('_', "-");
    let text = match text.split_once('-') {
        Some((language, rest)) => format!("{}-{rest}", language.to_lowercase()),
        None => text.to_lowercase(),
    };
    if is_language(&text) { exactly(text) } else { Err(left_out("not_a_language", column, "holds no ISO 639 code")) }
}

/// Whether a text matches the API's `^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase()))
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn tens(value: &Value, column: &str) -> Result<Converted, RowWarning> {
    let written = ratings::read(value).ok_or_else(|| left_out("unreadable_number", column, "holds no number"))?;
    let answer = ratings::in_tens(written).map(exactly);
    answer.ok_or_else(|| left_out("out_of_range", column, "holds no answer from 0 to 10"))?
}

fn currency(text: &str, column: &str) -> Result<Converted, RowWarning> {
    let code = text.trim().to_uppercase();
    let known = money::exponent(&code).is_some();
    known.then(|| exactly(code)).ok_or_else(|| left_out("unknown_currency", column, "holds no ISO 4217 currency"))?
}

/// An e-mail address, without characters that copying leaves around it.
fn email(text: &str, column: &str) -> Result<Converted, RowWarning> {
    match clean_address(text) {
        Some((address, one_of_many)) => {
            let note = one_of_many.then(|| {
                RowWarning::new(
                    "",
                    "several_addresses",
                    format!("the column {column:?} holds several: the first is taken"),
                )
            });
            Ok(Converted { value: address.into(), exact: !one_of_many, note })
        }
        None => Err(left_out("invalid_email", column, "holds no address that mail can be sent to")),
    }
}

/// The address in a text, and whether there are more: `Kim <kim@example.com>.` gives `kim@example.com`.
fn clean_address(text: &str) -> Option<(String, bool)> {
    use unicode_normalization::UnicodeNormalization;
    let visible = text.nfkc().filter(|c| !crate::domain::base::text::is_invisible(*c) && !c.is_control());
    let text: String = visible.collect::<String>().trim().to_owned();
    let mut addresses =
        text.split([',', ';', ' ', '<', '>', '"', '(', ')']).map(bare).filter(|part| part.contains('@'));
    let first = addresses.next()?;
    let others = addresses.any(|other| other != first);
    let good = first.validate_email() && first.chars().count() <= 320;
    good.then(|| (first.to_owned(), others))
}

fn bare(part: &str) -> &str {
    let part = part.trim_matches(['.', '\'', '`', ':', '|', '[', ']']);
    part.strip_prefix("mailto:").or_else(|| part.strip_prefix("MAILTO:")).unwrap_or(part)
}

fn number(value: &Value) -> Option<Value> {
    if value.is_number() {
        return Some(value.clone());
    }
    let amount = amounts::Amounts::default().read("", value, Some("USD"))?;
    let number: f64 = amount.number.parse().ok().filter(|n: &f64| n.is_finite())?;
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    Some(if whole { json!(number as i64) } else { json!(number) })
}

/// Tags from a list, from the names of label objects, or from a text split at commas or else semicolons.
fn tags(value: &Value) -> Vec<String> {
    let mut all: Vec<String> = match value {
        Value::Array(items) => items.iter().flat_map(tags).collect(),
        Value::Object(label) => label.get("name").and_then(text).into_iter().collect(),
        _ => {
            let text = text(value).unwrap_or_default();
            let separator = if text.contains(',') { ',' } else { ';' };
            text.split(separator).map(str::to_owned).collect()
        }
    };
    let mut seen = std::collections::HashSet::new();
    all.iter_mut().for_each(|tag| *tag = tag.trim().to_owned());
    all.retain(|tag| !tag.is_empty() && seen.insert(tag.clone()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_freed_of_what_copying_leaves_around_them() {
        let address = |text: &str| clean_address(text).map(|(address, _)| address);
        for text in [
            "kim@example.com",
            "kim@example.com.",
            " \u{200b}kim@example.com ",
            "Kim <kim@example.com>",
            "mailto:kim@example.com",
            "'kim@example.com'",
            "kim＠example.com",
            "\u{202a}kim@example.com\u{202c}",
            "\"Kim, Min\" <kim@example.com>",
            "kim@example.com; kim@example.com",
        ] {
            assert_eq!(address(text).as_deref(), Some("kim@example.com"), "{text:?}");
        }
        assert_eq!(clean_address("a@example.com; b@example.com"), Some(("a@example.com".into(), true)));
        assert_eq!(address("kim@bücher.example").as_deref(), Some("kim@bücher.example"));
        assert_eq!([address("nobody"), address("oh@ex_ample.com"), address("김@회사.한국")], [None, None, None]);
    }
}
