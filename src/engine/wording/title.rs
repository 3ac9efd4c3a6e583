//! The title of a theme: in the way of its language; in general words where its customers share too few; and around one
//! shared word where nothing more can be said.

use std::collections::HashSet;

use super::compose::{Composer, around, language};
use super::general::titles::{Thing, general};
use super::korean::title_ko;
use super::title_en;
use super::wish::Wish;
use crate::domain::words;

/// A title, and whether it says what is wrong or wanted, and not only what it is about.
pub(in crate::engine) struct Found {
    pub title: String,
    pub says_what: bool,
}

/// The customers of a language other than the theme's, and their share, from which the title may be in it.
const OTHER_CUSTOMERS: usize = 3;
const OTHER_SHARE: f32 = 0.25;

impl Composer<'_> {
    /// A title of three to eight words, different from those in `taken` (in lower case); `None` where customers share
    /// too few words.
    pub fn title(&self, taken: &HashSet<String>) -> Option<String> {
        self.told(self.korean, taken).map(|found| found.title)
    }

    /// Whether the theme's titles should be in Korean: in the language of most items, unless only a title in the other
    /// one says what is wrong or wanted.
    pub(in crate::engine) fn is_better_in_korean(&self) -> bool {
        let customers = |korean: Option<bool>| {
            let of = self.members.iter().filter(|member| korean.is_none_or(|korean| member.korean == korean));
            of.map(|member| member.by).collect::<HashSet<_>>().len()
        };
        let others = customers(Some(!self.korean));
        if others < OTHER_CUSTOMERS || (others as f32) < OTHER_SHARE * customers(None) as f32 {
            return self.korean;
        }
        let says_what = |korean| self.told(korean, &HashSet::new()).is_some_and(|found| found.says_what);
        if says_what(self.korean) || !says_what(!self.korean) { self.korean } else { !self.korean }
    }

    fn told(&self, korean: bool, taken: &HashSet<String>) -> Option<Found> {
        let (found, wish) = if korean { title_ko::title(self, taken) } else { title_en::title(self, taken) };
        if found.as_ref().is_some_and(|found| found.says_what) {
            return found;
        }
        let mut subjects = if korean { title_ko::subjects(self) } else { title_en::subjects(self) };
        subjects.splice(..0, found.as_ref().and_then(|found| phrase_of(&found.title, &subjects)));
        let is_free = |title: &str| !taken.contains(&title.to_lowercase());
        let general = general(self, korean, wish, &subjects).filter(|general| is_free(&general.title));
        let general = general.map(|general| Found { title: general.title, says_what: general.says_what });
        match (found, general) {
            (_, Some(general)) if general.says_what => Some(general),
            (Some(found), _) => Some(found),
            (None, Some(general)) => Some(general),
            (None, None) => self.about(&subjects, korean, &is_free),
        }
    }

    /// A title around one shared word: "Problem with refund".
    fn about(&self, subjects: &[Thing], korean: bool, is_free: &dyn Fn(&str) -> bool) -> Option<Found> {
        let titles = subjects.iter().map(|subject| about(&subject.shown, self.wish(), korean));
        titles.take(3).find(|title| is_free(title)).map(|title| Found { title, says_what: false })
    }
}

/// The nouns of a Korean title around them: 지문 로그인 of 지문 로그인 문제.
fn phrase_of(title: &str, things: &[Thing]) -> Option<Thing> {
    let shown = [" 문제", " 요청"].iter().find_map(|end| title.strip_suffix(end))?;
    let thing = things.iter().find(|thing| shown.split(' ').any(|noun| noun == thing.shown))?;
    Some(Thing { key: thing.key.clone(), shown: shown.to_owned() })
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
