//! The customer's own words in a stored text: the input of the engine, labels, titles, keywords and drafts.
//!
//! Feedback that comes by mail has additions: HTML, greetings, signatures, quoted replies, disclaimers, pasted logs.
//! The same additions would make different requests look similar, and they hold names and numbers. They are removed
//! here, each only where its form and position identify it. A removal that would leave no words is not made. The stored
//! text is not changed.

mod machine;
mod mail;
mod markup;
mod polite;
mod signature;

use std::borrow::Cow;

/// The longest text (in bytes) that is examined. The engine does not read the rest in any case.
const READ: usize = 16_384;

/// The title and the customer's own words of the text: what the engine reads of a feedback.
pub fn own_words(title: Option<&str>, text: &str) -> String {
    let own = own_text(text);
    let title = title.map(|title| polite::without_reply_marks(title.trim())).unwrap_or_default();
    // Some systems copy the beginning of the text into the title.
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

/// The first [`READ`] bytes of a text.
fn beginning(text: &str) -> &str {
    if text.len() <= READ {
        return text;
    }
    let end = (0..=READ).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    &text[..end]
}

/// Replaces `own` by the result of `without`, unless that has no words left.
fn cut(own: &mut Cow<'_, str>, without: fn(&str) -> Option<String>) {
    if let Some(left) = without(own).filter(|left| has_words(left)) {
        *own = Cow::Owned(left.trim().to_owned());
    }
}

/// Whether a text has words: at least two letters.
fn has_words(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some()
}

/// A line in a form for comparison: trimmed, ASCII in lower case, without surrounding marks of emphasis and quotation.
fn plain(line: &str) -> String {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{feff}' | '\u{200b}'))
        .to_ascii_lowercase()
}

/// Whether an ASCII word occurs in a text as a separate word.
fn has_word(text: &str, word: &str) -> bool {
    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word)
        .any(|(at, _)| alone(text[..at].chars().next_back()) && alone(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests;
