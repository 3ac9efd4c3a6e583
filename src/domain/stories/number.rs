//! Story numbers as people write them: in branches, commits, pull requests and URLs.

use std::str::FromStr;

/// The number of a story: `HB-17`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryNumber {
    /// Key of the product, in upper case.
    pub key: String,
    /// Counts from 1 within each product.
    pub number: i32,
}

/// The longest product key, in characters.
const MAX_KEY: usize = 10;

impl StoryNumber {
    /// Every story number in a text, in upper or lower case: `feature/hb-17-refunds` names `HB-17`. The number must not
    /// be part of a longer word of Latin letters and digits: `HB-17을` names it, `XHB-17` and `HB-17b` don't. The story
    /// need not exist.
    pub fn all_in(text: &str) -> impl Iterator<Item = Self> {
        Self::spans_in(text).map(|(_, _, number)| number)
    }

    /// The same, with the start and end of each.
    pub fn spans_in(text: &str) -> impl Iterator<Item = (usize, usize, Self)> {
        text.match_indices('-').filter_map(|(dash, _)| {
            let number = around(text.as_bytes(), dash)?;
            let (start, end) = (dash - number.key.len(), dash + 1 + number.number.to_string().len());
            Some((start, end, number))
        })
    }
}

/// The number around this hyphen, if there is one.
fn around(text: &[u8], dash: usize) -> Option<StoryNumber> {
    let letters = text[..dash].iter().rev().take(MAX_KEY + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    let digits = text[dash + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let ends = !text.get(dash + 1 + digits).is_some_and(u8::is_ascii_alphanumeric);
    let key = str::from_utf8(&text[dash - letters..dash]).ok()?.to_ascii_uppercase();
    let number = str::from_utf8(&text[dash + 1..dash + 1 + digits]).ok()?;
    let is_key = letters <= MAX_KEY && key.starts_with(|c: char| c.is_ascii_uppercase());
    let is_number = ends && !number.starts_with('0');
    if !is_key || !is_number {
        return None;
    }
    Some(StoryNumber { key, number: number.parse().ok()? })
}

impl FromStr for StoryNumber {
    type Err = ();

    /// Parses a text that consists of one story number.
    fn from_str(text: &str) -> Result<Self, ()> {
        let number = text.find('-').and_then(|dash| around(text.as_bytes(), dash)).ok_or(())?;
        if number.to_string().len() == text.len() { Ok(number) } else { Err(()) }
    }
}

impl std::fmt::Display for StoryNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.key, self.number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(text: &str) -> Vec<String> {
        StoryNumber::all_in(text).map(|number| number.to_string()).collect()
    }

    #[test]
    fn numbers_are_found_where_people_write_them() {
        assert_eq!(named("feature/hb-17-refunds"), ["HB-17"]);
        assert_eq!(named("HB-17: refunds, see (PAY2-3)."), ["HB-17", "PAY2-3"]);
        assert_eq!(named("fix_hb-17_now"), ["HB-17"]);
        assert_eq!(named("HB-17을 고침, 환불HB-18"), ["HB-17", "HB-18"]);
        assert_eq!(named("2024-03-12 v1.2-3 HB-017 HB- -17 HB-17b ABCDEFGHIJK-1 HB-99999999999"), [""; 0]);
        assert_eq!(named("utf-8"), ["UTF-8"], "whether there is such a product is the database's to say");
    }

    #[test]
    fn an_address_is_a_number_and_nothing_else() {
        assert_eq!("hb-17".parse(), Ok(StoryNumber { key: "HB".to_owned(), number: 17 }));
        for text in ["HB-17 ", "x HB-17", "HB17", "", "-", "HB-17-2"] {
            assert_eq!(text.parse::<StoryNumber>(), Err(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            for number in StoryNumber::all_in(&text) {
                prop_assert_eq!(number.to_string().parse(), Ok(number));
            }
        }

        #[test]
        fn a_number_is_found_between_anything_that_is_no_letter(
            before in "[^A-Za-z0-9]{0,5}", key in "[A-Z][A-Z0-9]{0,9}", number in 1..i32::MAX, after in "[^A-Za-z0-9]{0,5}"
        ) {
            let (text, expected) = (format!("{before}{key}-{number}{after}"), format!("{key}-{number}"));
            prop_assert!(named(&text).contains(&expected));
        }
    }
}
