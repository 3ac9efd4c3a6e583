//! The title of a theme: in the way of its language; in general words where its customers share too few; and around one
//! shared word where nothing more can be said.

use std::collections::HashSet;

use super::compose::{Composer, Member};
use super::found::{Found, about};
use super::general::case_table::{CASES, is_part_of};
use super::general::cases::matter_of;
use super::general::titles::{Thing, general, is_thingless};
use super::korean::title_ko;
use super::title_en;
use crate::engine::text::tokens::{is_function, stem};

/// The customers of a language other than the theme's, and their share, from which the title may be in it.
const OTHER_CUSTOMERS: usize = 3;
const OTHER_SHARE: f32 = 0.25;
/// A customer says what a title says if the text has this share of the title's words. A title is rare if fewer than this share of
/// the customers say it.
const SAYS: f32 = 0.6;
const RARE: f32 = 0.3;

impl Composer<'_> {
    /// A title of three to eight words, different from those in `taken` (in lower case); `None` where customers share
    /// too few words.
    pub fn title(&self, taken: &HashSet<String>) -> Option<String> {
        self.told(self.korean, taken).map(|found| found.title)
    }

    /// Whether the theme's titles should be in Korean: in the language of most items, unless only a title in the other
    /// one says what is wrong or wanted, or names the matter by more than one word.
    pub(in crate::engine) fn is_better_in_korean(&self) -> bool {
        let customers = |korean: Option<bool>| {
            let of = self.members.iter().filter(|member| korean.is_none_or(|korean| member.korean == korean));
            of.map(|member| member.by).collect::<HashSet<_>>().len()
        };
        let others = customers(Some(!self.korean));
        if others < OTHER_CUSTOMERS || (others as f32) < OTHER_SHARE * customers(None) as f32 {
            return self.korean;
        }
        let says = |korean| self.told(korean, &HashSet::new()).map(|found| (found.says_what, named(&found.title)));
        match (says(self.korean), says(!self.korean)) {
            (Some((false, own)), Some((what, other))) if what || (own < 2 && other > own) => !self.korean,
            (None, Some((true, _))) => !self.korean,
            _ => self.korean,
        }
    }

    fn told(&self, korean: bool, taken: &HashSet<String>) -> Option<Found> {
        let (found, wish) = if korean { title_ko::title(self, taken) } else { title_en::title(self, taken) };
        let is_free = |title: &str| !taken.contains(&title.to_lowercase());
        let says_what = |of: &Option<Found>, bare: bool| of.as_ref().is_some_and(|of| of.says_what && of.bare == bare);
        let whole = |found: &Found| {
            CASES.has_longer(&found.title, korean)
                && matter_of(self).is_some_and(|of| is_part_of(&found.title, of.case.title(korean)))
        };
        let is_rare = found.as_ref().is_some_and(|found| self.is_rare(&found.title, korean));
        if says_what(&found, false) && !found.as_ref().is_some_and(whole) && !is_rare {
            return found;
        }
        let case = matter_of(self).filter(|of| of.clear || is_rare || !says_what(&found, true));
        let case = case.map(|of| of.case.title(korean)).filter(|title| is_free(title));
        if let Some(title) = case {
            return Some(Found { title: title.to_owned(), says_what: true, bare: false });
        }
        if found.as_ref().is_some_and(|found| found.says_what) {
            return found;
        }
        let mut subjects = if korean { title_ko::subjects(self) } else { title_en::subjects(self) };
        subjects.splice(..0, found.as_ref().and_then(|found| phrase_of(&found.title, &subjects)));
        subjects.retain(|subject| !is_thingless(&subject.shown));
        let general = general(self, korean, wish, &subjects).filter(|general| is_free(&general.title));
        let general = general.map(|general| Found { title: general.title, says_what: general.says_what, bare: false });
        match (found, general) {
            (_, Some(general)) if general.says_what => Some(general),
            (Some(found), _) => Some(found),
            (None, Some(general)) => Some(general),
            (None, None) => self.about(&subjects, korean, &is_free),
        }
    }

    /// Whether few customers say what a title says, and more of them speak of the theme's matter in the table.
    fn is_rare(&self, title: &str, korean: bool) -> bool {
        let lower = title.to_lowercase();
        let words: Vec<&str> = lower.split(' ').filter(|word| !is_function(word)).collect();
        // Of a Korean title the first noun, because predicates stand in it in another form than in texts.
        let says = |member: &&Member| match korean {
            true => member.korean && words.first().is_some_and(|word| member.text.contains(stem_of(word))),
            false => {
                let said = words.iter().filter(|word| member.keys.contains(&stem(word))).count();
                !member.korean && said as f32 >= SAYS * words.len() as f32
            }
        };
        let customers =
            |members: &mut dyn Iterator<Item = &Member>| members.map(|m| m.by).collect::<HashSet<_>>().len();
        let saying = customers(&mut self.members.iter().filter(says)) as f32;
        let of_language = customers(&mut self.members.iter().filter(|member| member.korean == korean)) as f32;
        saying < RARE * of_language && matter_of(self).is_some_and(|of| saying < of.share * of_language)
    }

    /// A title around one shared word: "Problem with refund".
    fn about(&self, subjects: &[Thing], korean: bool, is_free: &dyn Fn(&str) -> bool) -> Option<Found> {
        let titles = subjects.iter().map(|subject| about(&subject.shown, self.wish(), korean));
        titles.take(3).find(|title| is_free(title)).map(|title| Found { title, says_what: false, bare: true })
    }
}

/// The first two syllables of a Korean word, which its other forms begin with too.
fn stem_of(word: &str) -> &str {
    word.char_indices().nth(2).map_or(word, |(end, _)| &word[..end])
}

/// How many words of a title name its matter.
fn named(title: &str) -> usize {
    let lower = title.to_lowercase();
    lower.split(' ').filter(|word| !is_function(word) && !AROUND.contains(word)).count()
}

/// The words of titles around a word.
const AROUND: &[&str] =
    &["problem", "request", "question", "praise", "feedback", "문제", "요청", "문의", "칭찬", "의견"];

/// The nouns of a Korean title around them: 지문 로그인 of 지문 로그인 문제.
fn phrase_of(title: &str, things: &[Thing]) -> Option<Thing> {
    let shown = [" 문제", " 요청"].iter().find_map(|end| title.strip_suffix(end))?;
    let thing = things.iter().find(|thing| shown.split(' ').any(|noun| noun == thing.shown))?;
    Some(Thing { key: thing.key.clone(), shown: shown.to_owned(), modifies: false })
}
