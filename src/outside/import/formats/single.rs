//! Parser of one JSON object that repairs common defects, so that no customer's text is lost because of them.

use serde_json::Value;

use super::record::{Found, Raw, lossy};
use super::row::{RowError, RowWarning};

/// Parses one object. Half of a surrogate pair, which programs leave when they cut texts by UTF-16 length, becomes
/// U+FFFD. Python's `NaN` becomes null. Raw tabs and line breaks inside texts are accepted.
pub(in crate::outside) fn parse(bytes: &[u8]) -> Raw {
    let (text, warning) = lossy(bytes)?;
    let mut warnings: Vec<RowWarning> = warning.into_iter().collect();
    let parsed = serde_json::from_str(&text).or_else(|e| {
        let mended = Mended::of(&text);
        if mended.halves {
            let detail = "half a character, cut off, stands as U+FFFD";
            warnings.push(RowWarning::new("", "half_character", detail));
        }
        if mended.is_changed { serde_json::from_str(&mended.text) } else { Err(e) }
    });
    // The parser's message contains the position, but no content.
    let value: Value = parsed.map_err(|e| RowError::malformed(format!("is not valid JSON: {e}")))?;
    if value.is_object() { Ok(Found { value, warnings }) } else { Err(RowError::malformed("is not a JSON object")) }
}

/// A repaired text.
#[derive(Default)]
struct Mended {
    text: String,
    is_changed: bool,
    /// Whether it had unpaired surrogates.
    halves: bool,
}

/// What Python and JavaScript write for values that are not numbers.
const NO_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

impl Mended {
    fn of(text: &str) -> Self {
        let (mut mended, mut rest, mut in_string) = (Self::default(), text, false);
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\\' if in_string => mended.escape(rest),
                '"' => {
                    in_string = !in_string;
                    mended.keep(rest, 1)
                }
                c if in_string && c.is_control() && c.is_ascii() => mended.put(&format!("\\u{:04x}", c as u32), 1),
                'N' | '-' | 'I' if !in_string => match NO_NUMBERS.iter().find(|word| rest.starts_with(**word)) {
                    Some(word) => mended.put("null", word.len()),
                    None => mended.keep(rest, 1),
                },
                c => mended.keep(rest, c.len_utf8()),
            };
            rest = &rest[length..];
        }
        mended
    }

    fn keep(&mut self, rest: &str, length: usize) -> usize {
        self.text.push_str(&rest[..length]);
        length
    }

    fn put(&mut self, text: &str, length: usize) -> usize {
        self.text.push_str(text);
        self.is_changed = true;
        length
    }

    /// Copies an escape at the start of the text; an unpaired surrogate becomes U+FFFD.
    fn escape(&mut self, rest: &str) -> usize {
        match half(rest) {
            Some(high) if high < 0xDC00 && half(&rest[6..]).is_some_and(|low| low >= 0xDC00) => self.keep(rest, 12),
            Some(_) => {
                self.halves = true;
                self.put("\\ufffd", 6)
            }
            // An escape has at least two characters; the escaped character begins no other escape.
            None => self.keep(rest, 1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
        }
    }
}

/// The surrogate of an escape at the start of the text.
fn half(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xD800..0xE000).contains(unit))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn half_a_character_costs_itself_only() {
        let cases = [
            (r#"{"a": "cut \ud83d"}"#, "cut \u{FFFD}"),
            (r#"{"a": "\ude00 cut"}"#, "\u{FFFD} cut"),
            (r#"{"a": "\ud83d\ud83d\ude00"}"#, "\u{FFFD}😀"),
            (r#"{"a": "\\ud83d \uD83D x"}"#, "\\ud83d \u{FFFD} x"),
        ];
        for (text, expected) in cases {
            let found = parse(text.as_bytes()).unwrap();
            assert_eq!((found.value, found.warnings[0].code), (json!({"a": expected}), "half_character"), "{text}");
        }
        assert!(parse(br#"{"a": "\ud83d\ude00 whole"}"#).unwrap().warnings.is_empty());
        assert_eq!(parse(br#"{"a": "\ud83d}"#).unwrap_err().code, "malformed_row");
        assert_eq!(parse(b"[1]").unwrap_err().code, "malformed_row");
        let bad = parse(b"{\"a\": \"a long text with caf\xE9\"}").unwrap();
        assert_eq!(
            (bad.value, bad.warnings[0].code),
            (json!({"a": "a long text with caf\u{FFFD}"}), "invalid_encoding")
        );
    }

    #[test]
    fn what_programs_write_for_nothing_and_inside_texts_is_read() {
        let found = parse(b"{\"a\": NaN, \"b\": [-Infinity, -1], \"c\": \"NaN\tor\nnot\"}").unwrap();
        assert_eq!(found.value, json!({"a": null, "b": [null, -1], "c": "NaN\tor\nnot"}));
        assert_eq!(parse(b"{\"a\": Nan}").unwrap_err().code, "malformed_row");
    }
}
