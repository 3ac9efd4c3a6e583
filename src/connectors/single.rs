//! One JSON object, mended where its text was cut in the middle of a character.

use serde_json::Value;

use super::record::{Found, Raw, lossy};
use super::row::{RowError, RowWarning};

/// Parses one object. Half an emoji, as programs leave it that cut texts by the length of UTF-16, becomes U+FFFD.
pub(super) fn parse(bytes: &[u8]) -> Raw {
    let (text, warning) = lossy(bytes)?;
    let mut warnings: Vec<RowWarning> = warning.into_iter().collect();
    let parsed = serde_json::from_str(&text).or_else(|e| match without_halves(&text) {
        Some(mended) => {
            let detail = "half a character, cut off, stands as U+FFFD";
            warnings.push(RowWarning::new("", "half_character", detail));
            serde_json::from_str(&mended)
        }
        None => Err(e),
    });
    // The parser's own words say where, and never what.
    let value: Value = parsed.map_err(|e| RowError::malformed(format!("is not valid JSON: {e}")))?;
    if value.is_object() { Ok(Found { value, warnings }) } else { Err(RowError::malformed("is not a JSON object")) }
}

/// The text with `\\ufffd` for each half of a character that stands alone; `None` where none does.
fn without_halves(text: &str) -> Option<String> {
    let (mut out, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match half(rest) {
            Some(high) if high < 0xDC00 && half(&rest[6..]).is_some_and(|low| low >= 0xDC00) => 12,
            Some(_) => {
                found = true;
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // An escape is two characters at least: what it escapes begins no other.
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    found.then_some(out)
}

/// The half of a character that an escape at the start of the text stands for.
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
}
