//! A title that was found, and titles around a single word.

use super::compose::{around, capitalised};
use super::label::language;
use super::wish::Wish;
use crate::domain::words;
use crate::engine::text::tagging::{Tag, lemma};

/// A title, and whether it says what is wrong or wanted, and not only what it is about.
pub(in crate::engine) struct Found {
    pub title: String,
    pub says_what: bool,
    /// Whether it is a name alone, where something else than the name may be meant.
    pub bare: bool,
}

/// A title around a word.
pub(in crate::engine) fn about(word: &str, wish: Option<Wish>, korean: bool) -> String {
    let language = language(korean);
    // "Reminders" says by itself that customers want them.
    let last = word.rsplit(' ').next().unwrap_or_default();
    if wish == Some(Wish::Build) && !korean && last.ends_with('s') && lemma(last, Tag::Noun) != last {
        return capitalised(word);
    }
    match wish {
        Some(Wish::Fix) => words::about_fix(language, word),
        Some(Wish::Build) => words::about_build(language, word),
        Some(Wish::Answer) => words::about_answer(language, word),
        Some(Wish::Keep) => words::about_keep(language, word),
        None => around(word, korean),
    }
}
