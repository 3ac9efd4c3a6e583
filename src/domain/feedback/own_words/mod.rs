//! The customer's own words in a stored text: what the engine, labels, titles, keywords and drafts read.
//!
//! Feedback that comes by mail is wrapped: HTML, greetings, signatures, quoted replies, disclaimers, pasted logs. Equal
//! wrappers would make different requests look alike, and hold names and numbers. They are cut here, each only on evidence
//! of its form and place; a cut that would leave no words is not made. The stored text stays whole.

mod machine;
mod mail;
mod markup;
mod polite;
mod signature;

use std::borrow::Cow;

/// The longest text that is looked through; what comes after is not read by the engine in any case.
const READ: usize = 16_384;

/// The title and the customer's own words in the text: what the engine reads of a feedback.
pub fn own_words(title: Option<&str>, text: &str) -> String {
    let own = own_text(text);
    let title = title.map(|title| polite::without_reply_marks(title.trim())).unwrap_or_default();
    // Some systems make the title of the beginning of the text.
    let repeated = || own.get(..title.len()).is_some_and(|start| start.eq_ignore_ascii_case(title));
    if title.is_empty() || repeated() { own.into_owned() } else { format!("{title}\n{own}") }
}

/// The customer's own words in a text.
pub fn own_text(text: &str) -> Cow<'_, str> {
    let text = beginning(text.trim());
    let mut own = Cow::Borrowed(text);
    if markup::is_possible(text) {
        cut(&mut own, markup::without);
    }
    if own.contains('\n') {
        cut(&mut own, mail::without_quoted);
        cut(&mut own, signature::without);
    }
    cut(&mut own, machine::without);
    cut(&mut own, polite::without);
    own
}

/// So much of a text as is read.
fn beginning(text: &str) -> &str {
    if text.len() <= READ {
        return text;
    }
    let end = (0..=READ).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    &text[..end]
}

/// Takes what `without` leaves of a text, unless that has no words.
fn cut(own: &mut Cow<'_, str>, without: fn(&str) -> Option<String>) {
    if let Some(left) = without(own).filter(|left| has_words(left)) {
        *own = Cow::Owned(left.trim().to_owned());
    }
}

/// Whether there is anything to read: at least two letters.
fn has_words(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some()
}

/// A line as it is compared: trimmed, in lower case where it is ASCII, without marks of emphasis and quotation around it.
fn plain(line: &str) -> String {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{feff}' | '\u{200b}'))
        .to_ascii_lowercase()
}

/// Where an ASCII word stands in a text as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word)
        .any(|(at, _)| alone(text[..at].chars().next_back()) && alone(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests;
