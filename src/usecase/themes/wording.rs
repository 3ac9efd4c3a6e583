//! Titles and labels of themes: words that their customers share, or neutral ones.

use std::collections::HashSet;

use uuid::Uuid;

use crate::domain::base::language::Language;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::feedback::{Belonging, FeedbackQuery, FeedbackRecord, Kind};
use crate::engine::{self, Background, Composer, FeedbackText, ThemeItem, Wish, language_of};
use crate::error::Result;
use crate::store::feedback::belongings;
use crate::store::{Conn, feedback};
use crate::usecase::team::known_names::KnownNames;

/// The label of a theme until its first texts are generated.
pub(in crate::usecase) const UNNAMED: &str = "New theme";
/// The most keywords of a theme.
const KEYWORDS: usize = 8;
/// The most words of a theme that are looked up in all feedback, where its customers share none.
const LOOKED_UP: usize = 3;
/// The share of all feedback from which a word counts as common.
pub const COMMON: f32 = 0.01;
/// A word used by this many customers identifies none of them.
const CUSTOMERS: usize = 3;

/// A feedback as input for titles.
pub struct Heard {
    id: Uuid,
    by: Uuid,
    text: String,
    kind: Option<Kind>,
    similarity: f32,
    /// The customer's account, where it was looked up.
    pub(in crate::usecase) belonging: Option<Belonging>,
    pub(in crate::usecase) language: Option<String>,
    pub(in crate::usecase) occurred_at: Time,
}

impl Heard {
    /// `similarity` says how central the feedback is in its theme.
    pub fn new(row: &FeedbackRecord, similarity: f32) -> Self {
        let id = row.id.0;
        Heard {
            id,
            by: row.customer_id.map_or(id, |customer| customer.0),
            text: row.own_words(),
            kind: row.kind,
            similarity,
            belonging: None,
            language: row.language.clone(),
            occurred_at: row.occurred_at,
        }
    }

    /// Looks up the accounts of the customers.
    pub fn look_up_accounts(conn: &mut Conn, heard: &mut [Heard]) -> Result<()> {
        let people: HashSet<Id> = heard.iter().map(|heard| Id(heard.by)).collect();
        let found = belongings::of(conn, &people.into_iter().collect::<Vec<_>>())?;
        heard.iter_mut().for_each(|heard| heard.belonging = found.get(&Id(heard.by)).cloned());
        Ok(())
    }

    /// The feedback and its customer; the feedback's own id where the customer is unknown.
    pub(in crate::usecase) fn ids(&self) -> (Id, Id) {
        (Id(self.id), Id(self.by))
    }

    /// The feedback in the engine's form.
    pub fn item(&self) -> ThemeItem<'_> {
        let feedback = FeedbackText { id: self.id, by: self.by, text: &self.text, similarity: self.similarity };
        ThemeItem {
            feedback,
            kind: self.kind.map(Kind::as_str),
            segment: self.belonging.as_ref().and_then(|belonging| belonging.segment.as_deref()),
        }
    }
}

/// The texts of a theme, made of words its customers share.
pub struct ThemeTexts {
    /// The title of its story; empty where they share too few words.
    pub title: String,
    /// The label of the theme, different from all taken labels.
    label: Option<String>,
    /// Its title in the other language that its customers write in.
    other: Option<String>,
    pub keywords: Vec<String>,
    wish: Option<Wish>,
    korean: bool,
    /// Its words that may be used in any text of the product.
    common: Vec<String>,
}

impl ThemeTexts {
    /// Finds the words of a theme in its most central feedback. `whole` says that this is all of its feedback; `taken`
    /// are the labels of other themes, in lower case.
    pub fn of(
        items: &[ThemeItem<'_>],
        whole: bool,
        background: Background<'_>,
        names: &KnownNames,
        taken: &HashSet<String>,
    ) -> Self {
        let is_name = |word: &str| names.holds(word, |word| background.share(word) >= COMMON);
        let composer = Composer::new(items, whole, background, &is_name);
        let title = composer.title(&HashSet::new()).unwrap_or_default();
        let label = if title.is_empty() { None } else { composer.title(taken).or_else(|| Some(title.clone())) };
        let other = match title.is_empty() {
            true => None,
            false => engine::other_title(items, background, &is_name, language_of(&title) == Language::Korean),
        };
        let common = if title.is_empty() { composer.common_words(LOOKED_UP) } else { Vec::new() };
        ThemeTexts {
            label,
            other,
            keywords: composer.keywords(KEYWORDS),
            wish: composer.wish(),
            korean: composer.is_korean(),
            common,
            title,
        }
    }

    /// The labels of a theme with this label, each with the code of its language.
    pub fn labels(&self, label: &str) -> Vec<(&'static str, String)> {
        let of_engine = [Some(&self.title), self.other.as_ref()].into_iter().flatten();
        let all = std::iter::once(label).chain(of_engine.map(String::as_str)).filter(|text| !text.is_empty());
        all.map(|text| (language_of(text).code(), text.to_owned())).collect()
    }

    /// The label of a theme whose current label is `now`: its title, or else a word that enough customers of the
    /// product used, or else a number. The current label stays if the new one would differ only by a number.
    pub fn label(&self, conn: &mut Conn, now: &str, taken: &HashSet<String>) -> Result<String> {
        if let Some(label) = &self.label {
            return Ok(distinct(label, now, taken));
        }
        for word in &self.common {
            if used_by_many(conn, word)? {
                return Ok(distinct(&engine::around(word, self.korean), now, taken));
            }
        }
        Ok(numbered(self, now, taken))
    }
}

fn is_free(label: &str, taken: &HashSet<String>) -> bool {
    !taken.contains(&label.to_lowercase())
}

/// The label, with a number appended where other themes have the same.
fn distinct(label: &str, now: &str, taken: &HashSet<String>) -> String {
    let is_mine = now == label || (now.starts_with(label) && now[label.len()..].starts_with(" ("));
    if is_mine && is_free(now, taken) {
        return now.to_owned();
    }
    let mut found = label.to_owned();
    let mut n = 1;
    while !is_free(&found, taken) {
        n += 1;
        found = format!("{label} ({n})");
    }
    found
}

fn numbered(naming: &ThemeTexts, now: &str, taken: &HashSet<String>) -> String {
    let word = engine::numbered(naming.wish, naming.korean, "");
    let number = now.strip_prefix(word.as_str()).filter(|rest| !rest.is_empty());
    if number.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())) && is_free(now, taken) {
        return now.to_owned();
    }
    let mut n = taken.len() + 1;
    while !is_free(&engine::numbered(naming.wish, naming.korean, n), taken) {
        n += 1;
    }
    engine::numbered(naming.wish, naming.korean, n)
}

/// Whether at least three customers of the instance used a word.
fn used_by_many(conn: &mut Conn, word: &str) -> Result<bool> {
    let query = FeedbackQuery { q: Some(format!("\"{word}\"")), ..FeedbackQuery::default() };
    let found = feedback::list::list(conn, &query, &Paging::new(Some(20), None, String::new())?)?;
    let by: HashSet<Id> =
        found.data.iter().map(|item| item.customer.as_ref().map_or(item.id, |customer| customer.id)).collect();
    Ok(by.len() >= CUSTOMERS)
}
