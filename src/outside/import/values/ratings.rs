//! Parsing of ratings in common notations: `4.5`, `5/5`, `★★★★☆`, `4 out of 5`, `10 - Extremely likely`. The scale of
//! bare numbers is decided per column.

use std::collections::HashMap;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::outside::import::formats::record::text;

/// The longest text that can be a rating.
const MAX_LENGTH: usize = 80;

/// At most one in this many ratings may exceed the scale of the others; it counts as a typing error.
const ONE_IN: u64 = 50;

/// A parsed rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) struct WrittenRating {
    pub(in crate::outside) value: f64,
    /// The highest possible value, where the text gives it.
    pub(in crate::outside) of: Option<f64>,
}

/// What may stand between a rating and the highest value.
const OUT_OF: &[&str] = &["/", "out of", "of", "von", "sur", "de", "su", "stars out of", "star out of", "∕", "⁄"];

/// What may stand before a rating.
const BEFORE: &[&str] = &[
    "", "rated", "rating", "rating:", "score", "score:", "stars:", "별점", "평점", "별점:", "평점:", "별", "★", "⭐",
    "점수", "점수:",
];

/// Parses a rating; `None` where the text is something else, or has more than one number that could be the rating.
pub(in crate::outside) fn read(value: &Value) -> Option<WrittenRating> {
    if let Some(number) = value.as_f64() {
        return Some(WrittenRating { value: number, of: None });
    }
    let written = text(value)?;
    if written.len() > MAX_LENGTH {
        return None;
    }
    if let Some(stars) = stars(&written) {
        return Some(stars);
    }
    let written: String = written.nfkc().collect::<String>().to_lowercase();
    let (before, value, after) = number(&written)?;
    if !BEFORE.contains(&before.trim()) {
        return None;
    }
    let percent = after.starts_with('%').then_some(100.0);
    if let Some((between, of, _)) = number(after) {
        // In "5점 만점에 4점" the highest value comes first.
        if between.contains("만점") {
            return Some(WrittenRating { value: of, of: Some(value) });
        }
        let between = between.trim().trim_start_matches("stars").trim_start_matches("점").trim();
        let label = between.starts_with(['-', ':', '(', '–', '—']);
        return match OUT_OF.contains(&between) {
            true if of >= value && of > 0.0 => Some(WrittenRating { value, of: Some(of) }),
            false if label => Some(WrittenRating { value, of: None }),
            _ => None,
        };
    }
    Some(WrittenRating { value, of: percent })
}

/// The first number of a text, with the text before and after it. Negative numbers are not ratings.
fn number(text: &str) -> Option<(&str, f64, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    if text[..start].ends_with('-') {
        return None;
    }
    let rest = &text[start..];
    let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = whole;
    if rest[whole..].starts_with(['.', ',']) {
        let decimals = rest[whole + 1..].bytes().take_while(u8::is_ascii_digit).count();
        end = if decimals > 0 { whole + 1 + decimals } else { whole };
    }
    let value: f64 = rest[..end].replace(',', ".").parse().ok()?;
    Some((&text[..start], value, &rest[end..]))
}

/// Parses stars: `★★★★`, `★★★☆☆`, `⭐⭐⭐½`.
fn stars(text: &str) -> Option<WrittenRating> {
    let (mut full, mut empty, mut half) = (0u32, 0u32, 0.0);
    for c in text.chars() {
        match c {
            '★' | '⭐' | '✭' | '✮' | '🌟' | '✯' | '❤' | '♥' => full += 1,
            '☆' | '✩' | '✰' | '♡' => empty += 1,
            '½' | '⯪' | '⯨' => half = 0.5,
            '\u{FE0E}' | '\u{FE0F}' | ' ' | '\u{200D}' | '\u{A0}' => {}
            _ => return None,
        }
    }
    let value = f64::from(full) + half;
    let of = f64::from(full + empty) + half.ceil();
    (full + empty > 0).then_some(WrittenRating { value, of: Some(if empty > 0 { of } else { of.max(5.0) }) })
}

/// The evidence of the bare numbers in one column.
#[derive(Clone, Debug, Default)]
struct RatingEvidence {
    bare: u64,
    above: [u64; 3],
    best: f64,
}

/// The scale of a column's bare numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) enum Scale {
    Of(f64),
    /// Nothing in the file shows it.
    Unknown,
}

/// The evidence in a file, by column.
#[derive(Default)]
pub(in crate::outside) struct Scales(HashMap<String, RatingEvidence>);

impl Scales {
    /// Adds a value of a rating column.
    pub(in crate::outside) fn feed(&mut self, column: &str, value: &Value) {
        let Some(WrittenRating { value, of: None }) = read(value) else { return };
        let evidence = self.0.entry(column.to_owned()).or_default();
        evidence.bare += 1;
        for (n, best) in [5.0, 10.0, 100.0].iter().enumerate() {
            evidence.above[n] += u64::from(value > *best);
        }
        evidence.best = evidence.best.max(value);
    }

    /// The scale of a column's bare numbers.
    pub(in crate::outside) fn decide(&self, column: &str) -> Scale {
        let Some(evidence) = self.0.get(column) else { return Scale::Of(5.0) };
        let few = |n: usize| evidence.above[n] * ONE_IN < evidence.bare && evidence.bare >= ONE_IN;
        match evidence.best {
            best if best <= 5.0 || few(0) => Scale::Of(5.0),
            // Scales up to 6 and up to 7 exist too, so up to 7 the scale is ambiguous.
            best if best > 7.0 && (best <= 10.0 || few(1)) => Scale::Of(10.0),
            best if best > 50.0 && (best <= 100.0 || few(2)) => Scale::Of(100.0),
            _ => Scale::Unknown,
        }
    }
}

/// Converts a rating to stars, with whether the conversion is exact; `None` where the value is not on the scale. This
/// includes 0, which usually means that no rating was given.
pub(in crate::outside) fn in_stars(written: WrittenRating, scale: Scale) -> Option<(i64, bool)> {
    let best = match (written.of, scale) {
        (Some(best), _) | (None, Scale::Of(best)) => best,
        (None, Scale::Unknown) => return None,
    };
    if written.value <= 0.0 || written.value > best || best < 2.0 {
        return None;
    }
    let exact = written.value / best * 5.0;
    let stars = (exact + 0.5).floor().clamp(1.0, 5.0);
    Some((stars as i64, best == 5.0 && stars == exact))
}

/// A rating from 0 to 10.
pub(in crate::outside) fn in_tens(written: WrittenRating) -> Option<i64> {
    let fits = written.of.is_none_or(|of| of == 10.0) && written.value.fract() == 0.0;
    (fits && (0.0..=10.0).contains(&written.value)).then_some(written.value as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stars_of(text: &str) -> Option<(i64, bool)> {
        in_stars(read(&json!(text))?, Scale::Of(5.0))
    }

    #[test]
    fn ratings_are_read_as_people_write_them() {
        let exact = |n| Some((n, true));
        let about = |n| Some((n, false));
        let cases = [
            ("4", exact(4)),
            ("5/5", exact(5)),
            ("★★★★", exact(4)),
            ("★★★☆☆", exact(3)),
            ("⭐️⭐️", exact(2)),
            ("５", exact(5)),
            ("5점", exact(5)),
            ("4,0", exact(4)),
            ("4.0", exact(4)),
            ("Rated 4 out of 5 stars", exact(4)),
            ("4 stars", exact(4)),
            ("별점 4", exact(4)),
            ("5점 만점에 4점", exact(4)),
            ("3 of 5", exact(3)),
            ("5 - Very satisfied", exact(5)),
            ("4.5", about(5)),
            ("★★★½", about(4)),
            ("8/10", about(4)),
            ("80%", about(4)),
            ("1/10", about(1)),
            ("9", None),
            ("0", None),
            ("0/5", None),
            ("-3", None),
            ("6/5", None),
            ("none of the 3 options", None),
            ("3 4", None),
            ("good", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(stars_of(text), expected, "{text}");
        }
        let nps = |text: &str| read(&json!(text)).and_then(in_tens);
        assert_eq!(
            [nps("10 - Extremely likely"), nps("0 - Not at all likely"), nps("3")],
            [Some(10), Some(0), Some(3)]
        );
        assert_eq!([nps("11"), nps("7.5"), nps("4/5"), nps("likely")], [None; 4]);
    }

    #[test]
    fn the_scale_is_the_columns() {
        let scale = |values: &[f64]| {
            let mut scales = Scales::default();
            values.iter().for_each(|value| scales.feed("r", &json!(value)));
            scales.decide("r")
        };
        assert_eq!(scale(&[1.0, 4.5, 5.0]), Scale::Of(5.0));
        assert_eq!(scale(&[10.0, 8.0, 2.0]), Scale::Of(10.0));
        assert_eq!(scale(&[95.0, 80.0, 2.0]), Scale::Of(100.0));
        assert_eq!(scale(&[7.0, 2.0]), Scale::Unknown);
        assert_eq!(scale(&[20.0, 2.0]), Scale::Unknown);
        assert_eq!(scale(&[250.0]), Scale::Unknown);
        let mut slip = vec![4.0; 200];
        slip.push(44.0);
        assert_eq!(scale(&slip), Scale::Of(5.0));
        assert_eq!(in_stars(WrittenRating { value: 2.0, of: None }, Scale::Of(10.0)), Some((1, false)));
        assert_eq!(in_stars(WrittenRating { value: 2.0, of: None }, Scale::Unknown), None);
    }
}
