//! The title of a theme: in the way of its language, and around one shared word where no run of words is shared.

use std::collections::HashSet;

use super::compose::{Composer, around};
use super::wish::Wish;
use super::{title_en, title_ko};

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
        let ranked = self.ranked();
        let titles = ranked.iter().filter(own).map(|(key, _)| about(self.form(key), self.wish(), self.korean));
        titles.take(3).find(|title| !taken.contains(&title.to_lowercase()))
    }
}

fn about(word: &str, wish: Option<Wish>, korean: bool) -> String {
    match (wish, korean) {
        (Some(Wish::Fix), false) => format!("Problem with {word}"),
        (Some(Wish::Build), false) => format!("Request about {word}"),
        (Some(Wish::Answer), false) => format!("Question about {word}"),
        (Some(Wish::Keep), false) => format!("Praise for {word}"),
        (Some(Wish::Fix), true) => format!("{word} 관련 문제"),
        (Some(Wish::Build), true) => format!("{word} 관련 요청"),
        (Some(Wish::Answer), true) => format!("{word} 관련 문의"),
        (Some(Wish::Keep), true) => format!("{word} 관련 칭찬"),
        (None, _) => around(word, korean),
    }
}
