//! A title that was found, and titles around a single word.

use super::compose::{around, language};
use super::wish::Wish;
use crate::domain::words;

/// A title, and whether it says what is wrong or wanted, and not only what it is about.
pub(in crate::engine) struct Found {
    pub title: String,
    pub says_what: bool,
}

/// A title around a word.
pub(in crate::engine) fn about(word: &str, wish: Option<Wish>, korean: bool) -> String {
    let language = language(korean);
    match wish {
        Some(Wish::Fix) => words::about_fix(language, word),
        Some(Wish::Build) => words::about_build(language, word),
        Some(Wish::Answer) => words::about_answer(language, word),
        Some(Wish::Keep) => words::about_keep(language, word),
        None => around(word, korean),
    }
}
