//! The title of a theme: in the way of its language, and around one shared word where no run of words is shared.

use std::collections::HashSet;

use super::compose::{Composer, around, language};
use super::korean::title_ko;
use super::title_en;
use super::wish::Wish;
use crate::domain::words;

impl Composer<'_> {
    /// A title of three to eight words, different from those in `taken` (in lower case); `None` where customers share
    /// too few words.
    pub fn title(&self, taken: &HashSet<String>) -> Option<String> {
        let found = if self.korean { title_ko::title(self, taken) } else { title_en::title(self, taken) };
        found.or_else(|| self.about(taken))
    }

    /// A title around one shared word: "Problem with refund".
    fn about(&self, taken: &HashSet<String>) -> Option<String> {
        let own = |key: &&(&str, f32)| self.is_in_language(key.0);
        let words: Vec<String> = match self.korean {
            true => self.ranked().iter().filter(own).map(|(key, _)| self.form(key).to_owned()).collect(),
            false => title_en::subjects(self),
        };
        let titles = words.iter().map(|word| about(word, self.wish(), self.korean));
        titles.take(3).find(|title| !taken.contains(&title.to_lowercase()))
    }
}

fn about(word: &str, wish: Option<Wish>, korean: bool) -> String {
    let language = language(korean);
    match wish {
        Some(Wish::Fix) => words::about_fix(language, word),
        Some(Wish::Build) => words::about_build(language, word),
        Some(Wish::Answer) => words::about_answer(language, word),
        Some(Wish::Keep) => words::about_keep(language, word),
        None => around(word, korean),
    }
}
