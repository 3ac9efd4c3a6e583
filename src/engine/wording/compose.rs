//! Titles of themes, composed of words that several customers share, so that no title quotes a single person.
//!
//! A content word may be used only if at least three customers used it; in a theme of fewer than six customers, at
//! least half of them and never fewer than two. A word that two customers used counts with those who used another word of
//! the same meaning (`same_meaning.rs`). Names, addresses and numbers are removed before anything is counted.
//! Where the customers share too few words there is no title, and a neutral one is used instead.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, OnceLock};

use uuid::Uuid;

use super::general::case_table::Matter;
use super::keywords::{Background, is_variant};
use super::label::language;
use super::same_meaning::{OWN_USERS, same_meanings};
use super::theme_item::ThemeItem;
use super::wish::{Wish, plain_wish, shown_wish};
use crate::domain::words;
use crate::engine::text::korean_tokens::{Bare, korean_clauses};
use crate::engine::text::tokens::{IsName, Kind, Token, english_clauses};
use crate::engine::text::vector::{DIMENSIONS, Vector, normalise};
use crate::engine::text::words::is_korean;

/// How many of the most central items are read for a title.
pub(in crate::engine) const READ_FOR_TITLE: usize = 80;

/// How many of them are read for the centre of the theme.
const READ_FOR_CENTRE: usize = 40;

/// How many characters of each item are read for a title and a draft: a long text names its subject early, and the
/// number of phrases to compare grows quickly.
pub(in crate::engine) const READ_OF_EACH: usize = 1_000;

/// Up to this many customers, users of words that mean the same are counted together. Where there are more, enough of them
/// use the usual word.
const FEW: usize = 12;

/// One item, analysed.
pub(in crate::engine) struct Member {
    pub by: Uuid,
    pub korean: bool,
    /// Its words, without personal data.
    pub text: String,
    /// What its customer wants.
    pub wish: Option<Wish>,
    pub clauses: Vec<Vec<Token>>,
    /// The keys of its words.
    pub own: HashSet<String>,
    /// The keys of its words, and of words of others that mean the same as one of them.
    pub keys: HashSet<String>,
}

impl Member {
    /// Whether it contains most of these words.
    pub fn holds_most(&self, keys: &[String]) -> bool {
        keys.iter().filter(|key| self.keys.contains(key.as_str())).count() as f32 >= 0.6 * keys.len() as f32
    }
}

/// The use of one word in a theme.
#[derive(Default)]
pub(in crate::engine) struct Count {
    /// The customers who used it or, where at least two did, a word that means the same.
    pub by: HashSet<Uuid>,
    /// The number of their items.
    pub members: usize,
    /// The customers by the form in which they wrote it.
    pub forms: HashMap<String, HashSet<Uuid>>,
    /// The order of first appearance, to break ties in a fixed order.
    met: usize,
}

impl Count {
    /// The form that most customers wrote; ties go to the alphabetically first.
    pub fn form(&self) -> &str {
        let most = self.forms.iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0)));
        most.map_or("", |(form, _)| form.as_str())
    }
}

/// The word statistics of a theme.
pub struct Composer<'a> {
    pub(in crate::engine) members: Vec<Member>,
    pub(in crate::engine) counts: HashMap<String, Count>,
    /// The number of items that are not Korean.
    pub(in crate::engine) english: usize,
    /// Whether most items are Korean.
    pub(in crate::engine) korean: bool,
    /// How many customers must have used a word.
    pub(in crate::engine) needed: usize,
    wish: Option<Wish>,
    pub(in crate::engine) background: Background<'a>,
    /// The mean vector of the most central texts.
    pub(in crate::engine) centre: Option<Vector>,
    /// Of each word that at least two customers used, the others that mean the same.
    same: HashMap<String, Vec<String>>,
    /// The matter of the table that they speak of, once it is looked up.
    pub(in crate::engine) matter: OnceLock<Option<Matter>>,
}

impl<'a> Composer<'a> {
    /// Analyses a theme's items, most central first; `whole` says whether these are all of its items.
    pub fn new(items: &[ThemeItem<'_>], whole: bool, background: Background<'a>, is_name: &IsName<'_>) -> Self {
        let redacted: Vec<String> =
            items.iter().map(|item| crate::domain::privacy::redact::redact(&shortened(item.feedback.text))).collect();
        let bare = Bare::of(redacted.iter().map(String::as_str), background);
        let member = |(item, text): (&ThemeItem<'_>, &String)| {
            let korean = is_korean(text);
            let clauses = if korean { korean_clauses(text, &bare, is_name) } else { english_clauses(text, is_name) };
            let own: HashSet<String> = clauses.iter().flatten().map(|token| token.key.clone()).collect();
            Member {
                by: item.feedback.by,
                korean,
                text: text.clone(),
                wish: shown_wish(item),
                clauses,
                keys: own.clone(),
                own,
            }
        };
        let mut members: Vec<Member> = items.iter().zip(&redacted).map(member).collect();
        let english = members.iter().filter(|member| !member.korean).count();
        let customers = members.iter().map(|m| m.by).collect::<HashSet<_>>().len();
        let mut counts = counts(&members);
        let same = if customers <= FEW { join_same(&mut members, &mut counts) } else { HashMap::new() };
        let needed = needed(customers, whole);
        let mut theme = Composer {
            counts,
            english,
            korean: 2 * english < members.len(),
            members,
            needed,
            wish: plain_wish(items),
            centre: centre(background, &redacted),
            background,
            same,
            matter: OnceLock::new(),
        };
        theme.korean = theme.is_better_in_korean();
        theme
    }

    /// Whether a word may stand in a title of the theme's language: a Korean text may use Latin words.
    pub(in crate::engine) fn is_in_language(&self, key: &str) -> bool {
        match key.chars().any(crate::engine::text::words::is_hangul) {
            true => self.korean,
            false => !self.korean || self.members.iter().any(|member| member.korean && member.own.contains(key)),
        }
    }

    /// What most of the customers clearly want.
    pub fn wish(&self) -> Option<Wish> {
        self.wish
    }

    /// Whether the theme's titles are in Korean.
    pub fn is_korean(&self) -> bool {
        self.korean
    }

    /// The k shared words that distinguish the theme best, best first.
    pub fn keywords(&self, k: usize) -> Vec<String> {
        let mut chosen: Vec<String> = Vec::new();
        for (key, _) in self.ranked().into_iter().filter(|(key, _)| *key != "not") {
            let form = self.form(key).to_lowercase();
            if chosen.len() < k && !chosen.iter().any(|known| is_variant(known, &form)) {
                chosen.push(form);
            }
        }
        chosen
    }

    /// Words of the theme that are also used elsewhere in the product, best first. They need not be shared here; the
    /// caller has to check how many customers use them elsewhere.
    pub fn common_words(&self, k: usize) -> Vec<String> {
        let is_common = |(key, count): &(&String, &Count)| {
            self.is_in_language(key) && self.background.frequency(count.form()) as usize > count.members + 2
        };
        let mut found: Vec<(&str, f32, usize)> = self
            .counts
            .iter()
            .filter(is_common)
            .map(|(key, count)| (count.form(), self.weight(key), count.met))
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
        found.into_iter().map(|(form, _, _)| form.to_lowercase()).take(k).collect()
    }

    /// The shared words with their weights, best first.
    pub(in crate::engine) fn ranked(&self) -> Vec<(&str, f32)> {
        let mut ranked: Vec<(&str, f32, usize)> = self
            .counts
            .iter()
            .filter(|(_, count)| count.by.len() >= self.needed)
            .map(|(key, count)| (key.as_str(), self.weight(key), count.met))
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
        ranked.into_iter().map(|(key, weight, _)| (key, weight)).collect()
    }

    /// Whether a word is this one or means the same.
    pub(in crate::engine) fn is_same(&self, key: &str, other: &str) -> bool {
        key == other || self.same.get(key).is_some_and(|same| same.iter().any(|known| known == other))
    }

    /// The words that mean the same as one that at least two customers used.
    pub(in crate::engine) fn same_as(&self, key: &str) -> &[String] {
        self.same.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether enough customers used a word.
    pub(in crate::engine) fn is_shared(&self, key: &str) -> bool {
        self.counts.get(key).is_some_and(|count| count.by.len() >= self.needed)
    }

    /// The form that most customers write.
    pub(in crate::engine) fn form(&self, key: &str) -> &str {
        self.counts.get(key).map_or("", Count::form)
    }

    /// The weight of a word in the theme by class-based TF-IDF: the share of the theme's items with it, times ln(1 +
    /// that share / the share in all feedback).
    pub(in crate::engine) fn weight(&self, key: &str) -> f32 {
        let Some(count) = self.counts.get(key) else { return 0.0 };
        let share = count.members as f32 / self.members.len().max(1) as f32;
        share * (1.0 + share / self.background.share(&count.form().to_lowercase())).ln()
    }
}

/// The mean vector of the first texts; `None` without an embedder.
fn centre(background: Background<'_>, texts: &[String]) -> Option<Vector> {
    let mut mean = [0.0; DIMENSIONS];
    for text in texts.iter().take(READ_FOR_CENTRE) {
        let vector = background.vector(text)?;
        mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    normalise(&mut mean);
    Some(mean)
}

/// How many customers must have used a word of a title: three; in a theme of fewer than six customers, half of them,
/// never fewer than two.
fn needed(customers: usize, whole: bool) -> usize {
    if whole && customers < 6 { customers.div_ceil(2).max(2) } else { 3 }
}

fn counts(members: &[Member]) -> HashMap<String, Count> {
    let mut counts: HashMap<String, Count> = HashMap::new();
    for member in members {
        let mut here: HashSet<&str> = HashSet::new();
        let words =
            member.clauses.iter().flatten().filter(|token| matches!(token.kind, Kind::Content | Kind::Negation));
        for token in words {
            let met = counts.len();
            let count = counts.entry(token.key.clone()).or_insert_with(|| Count { met, ..Count::default() });
            count.by.insert(member.by);
            count.forms.entry(token.text.clone()).or_default().insert(member.by);
            count.members += usize::from(here.insert(&token.key));
        }
    }
    counts
}

/// Counts the users of words that mean the same together, for each word that at least two customers used.
fn join_same(members: &mut [Member], counts: &mut HashMap<String, Count>) -> HashMap<String, Vec<String>> {
    let mut words: Vec<(&str, &str)> = counts.iter().map(|(key, count)| (key.as_str(), count.form())).collect();
    words.retain(|(key, _)| *key != "not");
    words.sort_unstable();
    let same = same_meanings(&words, |key| counts.get(key).is_some_and(|count| count.by.len() >= OWN_USERS));
    for (key, others) in &same {
        let Some(count) = counts.get_mut(key) else { continue };
        for member in members.iter_mut().filter(|member| others.iter().any(|other| member.own.contains(other))) {
            count.by.insert(member.by);
            count.members += usize::from(member.keys.insert(key.clone()));
        }
    }
    same
}

fn shortened(text: &str) -> String {
    text.chars().take(READ_OF_EACH).collect()
}

/// The neutral title where customers share no word: the n-th request, problem, question or praise.
pub fn numbered(wish: Option<Wish>, korean: bool, n: impl std::fmt::Display) -> String {
    let (language, number) = (language(korean), n.to_string());
    match wish {
        Some(Wish::Fix) => words::numbered_fix(language, number),
        Some(Wish::Build) => words::numbered_build(language, number),
        Some(Wish::Answer) => words::numbered_answer(language, number),
        Some(Wish::Keep) => words::numbered_keep(language, number),
        None => words::numbered_any(language, number),
    }
}

/// The beginning of the titles by [`numbered`], in each language.
static NUMBERED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let wishes = [Some(Wish::Fix), Some(Wish::Build), Some(Wish::Answer), Some(Wish::Keep), None];
    [true, false].iter().flat_map(|korean| wishes.map(|wish| numbered(wish, *korean, ""))).collect()
});

/// Whether a title was made by [`numbered`].
pub fn is_numbered(title: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    NUMBERED.iter().any(|word| title.strip_prefix(word.as_str()).is_some_and(is_number))
}

/// A label around a word that is used in the whole product.
pub fn around(word: &str, korean: bool) -> String {
    words::about_any(language(korean), word)
}

/// A title with a capital first letter, unless its first word has capitals inside.
pub(in crate::engine) fn capitalised(title: &str) -> String {
    let first = title.split(' ').next().unwrap_or_default();
    if first.chars().skip(1).any(char::is_uppercase) && first.chars().next().is_some_and(char::is_lowercase) {
        return title.to_owned();
    }
    let mut chars = title.chars();
    let head: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    head + chars.as_str()
}
