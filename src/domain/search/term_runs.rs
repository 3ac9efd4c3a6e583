//! Segmentation of a text into runs of characters, from which the search terms are made.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::terms::{MAX_CHARS, MAX_TERM_CHARS};
use crate::domain::base::text::{folded, folds_simply};

/// The indexed part of a text, folded.
pub(in crate::domain) fn readable(text: &str) -> String {
    let read = text.chars().take(MAX_CHARS);
    if read.clone().all(folds_simply) {
        return read.map(|c| c.to_ascii_lowercase()).collect();
    }
    // The limit is applied again, because folding can turn one character into several.
    without_accents(folded(read).take(MAX_CHARS))
}

/// The text with the accents of Latin and Greek letters removed, for people who cannot type them. The marks of other
/// scripts stay, because there they make a different letter (й, が).
fn without_accents(text: impl Iterator<Item = char>) -> String {
    let mut plain = String::new();
    for c in text {
        let first = std::iter::once(c).nfd().next().unwrap_or(c);
        match c {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            _ if first != c && (first.is_ascii_alphabetic() || is_greek(first)) => plain.push(first),
            _ if is_combining_mark(c) && plain.ends_with(|last: char| last.is_ascii_alphabetic() || is_greek(last)) => {
            }
            _ => plain.push(c),
        }
    }
    plain
}

fn is_greek(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3FF}')
}

/// A run of adjacent letters and digits of one kind of script.
pub(in crate::domain) enum Run {
    Word(String),
    /// A run of a script without spaces between words. Never empty.
    Unspaced(Vec<char>),
}

impl Run {
    /// The terms of the run: a word as it is, the character pairs of an unspaced script.
    pub(in crate::domain) fn terms(&self) -> Vec<String> {
        match self {
            Run::Word(word) => vec![singular(word).chars().take(MAX_TERM_CHARS).collect()],
            Run::Unspaced(chars) => pairs(chars).chain(chars.last().map(char::to_string)).collect(),
        }
    }
}

/// The overlapping pairs of adjacent characters.
pub(in crate::domain) fn pairs(chars: &[char]) -> impl Iterator<Item = String> {
    chars.windows(2).map(|pair| pair.iter().collect())
}

/// An English word without its plural ending, by the S-stemmer (Harman, "How effective is suffixing?", 1991). It is the
/// mildest of the known rules and hardly ever merges words of different meaning.
fn singular(word: &str) -> std::borrow::Cow<'_, str> {
    if word.len() < 4 || !word.is_ascii() {
        return word.into();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match word {
        _ if word.ends_with("ies") && !ends(&["eies", "aies"]) => format!("{}y", &word[..word.len() - 3]).into(),
        _ if word.ends_with("es") && !ends(&["aes", "ees", "oes"]) => word[..word.len() - 1].into(),
        _ if word.ends_with('s') && !ends(&["us", "ss"]) => word[..word.len() - 1].into(),
        _ => word.into(),
    }
}

/// Splits a folded text into runs. `카드3장` has three of them.
pub(in crate::domain) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        let (mark, letter) = (is_mark(c), is_term_char(c));
        match runs.last_mut().filter(|_| open) {
            // A combining mark belongs to the letter before it. Without one it is ignored.
            None if mark => {}
            Some(Run::Word(word)) if mark || (letter && !is_unspaced(c)) => word.push(c),
            Some(Run::Unspaced(chars)) if mark || (letter && is_unspaced(c)) => chars.push(c),
            _ => {
                open = letter;
                if open {
                    runs.push(if is_unspaced(c) { Run::Unspaced(vec![c]) } else { Run::Word(c.to_string()) });
                }
            }
        }
    }
    runs
}

/// The compounds of a folded text, each as one term: words joined by hyphens, and names that end in symbols.
pub(in crate::domain) fn compounds(text: &str) -> Vec<String> {
    let inside = |c: char| is_mark(c) || (is_term_char(c) && !is_unspaced(c)) || is_hyphen(c) || is_sign(c);
    text.split(|c| !inside(c)).filter_map(compound).collect()
}

fn compound(piece: &str) -> Option<String> {
    let named = piece.trim_end_matches(is_sign);
    let signs = &piece[named.len()..];
    let parts: Vec<&str> = named.split(is_hyphen).filter(|part| !part.is_empty()).collect();
    let word = match (&parts[..], signs) {
        ([name], signs) if !signs.is_empty() && name.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            format!("{name}{}", signs.replace('+', "plus").replace('#', "sharp"))
        }
        ([_, _, ..], "") => parts.concat(),
        _ => return None,
    };
    let whole = word.chars().all(|c| is_term_char(c) || is_mark(c));
    whole.then(|| singular(&word).chars().take(MAX_TERM_CHARS).collect())
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

fn is_sign(c: char) -> bool {
    matches!(c, '+' | '#')
}

/// Whether a character can be part of a term, apart from combining marks: letters, digits, emoji.
pub(in crate::domain) fn is_term_char(c: char) -> bool {
    c.is_alphanumeric() || is_emoji(c)
}

/// Whether a character is an emoji. Emoji are treated like characters of scripts without spaces.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Whether a script has no spaces between words, or (Korean) attaches endings to them: Han, Hangul, Kana, Bopomofo,
/// Thai, Lao, Burmese, Khmer.
fn is_unspaced(c: char) -> bool {
    is_emoji(c)
        || matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{1B000}'..='\u{1B16F}'
        | '\u{20000}'..='\u{3FFFF}')
}
