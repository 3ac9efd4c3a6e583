//! What a theme is about in words that its customers share, so that no title holds the words of one person.
//!
//! A content word may be used only if at least three customers used it; in a theme of fewer than six, at least half of
//! them and never fewer than two. Names, addresses and numbers are left out before anything is counted. What customers
//! share too little for gets no title: better a neutral one than somebody's sentence.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use uuid::Uuid;

use super::draft::Voice;
use super::keywords::{Background, is_variant};
use super::wish::{Wish, plain_wish};
use super::{title_en, title_ko};
use crate::domain::base::language::Language;
use crate::domain::words;
use crate::engine::text::tokens::{Kind, Token, english_clauses, korean_clauses};
use crate::engine::text::words::is_korean;

/// So many of the most central members are read for a title.
pub(in crate::engine) const READ_FOR_TITLE: usize = 80;

/// Characters of a member that are read for a title: a long letter names its matter early, and the runs of words to be
/// compared are many.
const READ_OF_EACH: usize = 1_000;

/// Whether a word is the name of a known customer, or of anybody else who must not be named. Asked in lower case.
pub type IsName<'a> = dyn Fn(&str) -> bool + 'a;

/// One member as it is read.
pub(in crate::engine) struct Member {
    pub by: Uuid,
    pub korean: bool,
    pub clauses: Vec<Vec<Token>>,
    /// The keys of all its words.
    pub keys: HashSet<String>,
}

impl Member {
    /// Whether it uses most of these words.
    pub fn holds_most(&self, keys: &[String]) -> bool {
        keys.iter().filter(|key| self.keys.contains(key.as_str())).count() as f32 >= 0.6 * keys.len() as f32
    }
}

/// How much a word is used in a theme.
#[derive(Default)]
pub(in crate::engine) struct Count {
    /// Who used it.
    pub by: HashSet<Uuid>,
    /// Members with it.
    pub members: usize,
    /// Who wrote it how.
    pub forms: HashMap<String, HashSet<Uuid>>,
    /// The same in lower case.
    lower: HashMap<String, HashSet<Uuid>>,
    /// When it was first met, so that ties are broken alike.
    met: usize,
}

impl Count {
    /// The form most customers wrote; the first in the alphabet among equals.
    pub fn form(&self) -> &str {
        let most = self.forms.iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0)));
        most.map_or("", |(form, _)| form.as_str())
    }
}

/// A theme read for its words.
pub struct Composer<'a> {
    pub(in crate::engine) members: Vec<Member>,
    pub(in crate::engine) counts: HashMap<String, Count>,
    /// Members that are not Korean.
    pub(in crate::engine) english: usize,
    /// Whether most members are Korean.
    pub(in crate::engine) korean: bool,
    /// How many customers must have used a word.
    pub(in crate::engine) needed: usize,
    wish: Option<Wish>,
    pub(in crate::engine) background: Background<'a>,
}

impl<'a> Composer<'a> {
    /// Reads a theme's members, most central first; `whole` says that these are all of it.
    pub fn new(voices: &[Voice<'_>], whole: bool, background: Background<'a>, is_name: &IsName<'_>) -> Self {
        let redacted: Vec<String> =
            voices.iter().map(|voice| crate::domain::privacy::redact::redact(&shortened(voice.said.text))).collect();
        let bare = crate::engine::text::tokens::Bare::of(redacted.iter().map(String::as_str), background);
        let member = |(voice, text): (&Voice<'_>, &String)| {
            let korean = is_korean(text);
            let clauses = if korean { korean_clauses(text, &bare, is_name) } else { english_clauses(text, is_name) };
            let keys = clauses.iter().flatten().map(|token| token.key.clone()).collect();
            Member { by: voice.said.by, korean, clauses, keys }
        };
        let members: Vec<Member> = voices.iter().zip(&redacted).map(member).collect();
        let english = members.iter().filter(|member| !member.korean).count();
        let customers = members.iter().map(|m| m.by).collect::<HashSet<_>>().len();
        let counts = counts(&members);
        let needed = needed(customers, whole);
        Composer {
            counts,
            english,
            korean: 2 * english < members.len(),
            members,
            needed,
            wish: plain_wish(voices),
            background,
        }
    }

    /// A title of three to eight words where the customers share enough of them, none of those `taken` (in lower case).
    pub fn title(&self, taken: &HashSet<String>) -> Option<String> {
        let found = if self.korean { title_ko::title(self, taken) } else { title_en::title(self, taken) };
        found.or_else(|| self.about(taken))
    }

    /// "Problem with refund": a title around one shared word.
    fn about(&self, taken: &HashSet<String>) -> Option<String> {
        let own = |key: &&(&str, f32)| self.is_in_language(key.0);
        let ranked = self.ranked();
        let titles = ranked.iter().filter(own).map(|(key, _)| about(self.form(key), self.wish, self.korean));
        titles.take(3).find(|title| !taken.contains(&title.to_lowercase()))
    }

    fn is_in_language(&self, key: &str) -> bool {
        key.chars().any(crate::engine::text::words::is_hangul) == self.korean
            || !key.chars().any(crate::engine::text::words::is_hangul)
    }

    /// What most of the customers plainly want.
    pub fn wish(&self) -> Option<Wish> {
        self.wish
    }

    /// Whether the theme is spoken of in Korean.
    pub fn is_korean(&self) -> bool {
        self.korean
    }

    /// The k shared words that tell the theme apart, best first.
    pub fn keywords(&self, k: usize) -> Vec<String> {
        let mut chosen: Vec<String> = Vec::new();
        for (key, _) in self.ranked() {
            let form = self.form(key).to_lowercase();
            if chosen.len() < k && !chosen.iter().any(|known| is_variant(known, &form)) {
                chosen.push(form);
            }
        }
        chosen
    }

    /// Words of it that are used elsewhere in the product too, best first, whoever used them here: with how many customers
    /// used them elsewhere still to be asked.
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

    /// The shared words with what each tells of the theme, best first.
    fn ranked(&self) -> Vec<(&str, f32)> {
        let mut ranked: Vec<(&str, f32, usize)> = self
            .counts
            .iter()
            .filter(|(_, count)| count.by.len() >= self.needed)
            .map(|(key, count)| (key.as_str(), self.weight(key), count.met))
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
        ranked.into_iter().map(|(key, weight, _)| (key, weight)).collect()
    }

    /// Whether enough customers used a word.
    pub(in crate::engine) fn is_shared(&self, key: &str) -> bool {
        self.counts.get(key).is_some_and(|count| count.by.len() >= self.needed)
    }

    /// How many customers wrote a word in this form, whatever its capitals.
    pub(in crate::engine) fn writers(&self, token: &Token) -> usize {
        let count = self.counts.get(&token.key);
        count.and_then(|count| count.lower.get(&token.text.to_lowercase())).map_or(0, HashSet::len)
    }

    /// How most customers write a word.
    pub(in crate::engine) fn form(&self, key: &str) -> &str {
        self.counts.get(key).map_or("", Count::form)
    }

    /// What a word tells of the theme: class-based TF-IDF, the share of the theme's members with it times
    /// ln(1 + that share / the share in all feedback).
    pub(in crate::engine) fn weight(&self, key: &str) -> f32 {
        let Some(count) = self.counts.get(key) else { return 0.0 };
        let share = count.members as f32 / self.members.len().max(1) as f32;
        share * (1.0 + share / self.background.share(&count.form().to_lowercase())).ln()
    }
}

/// How many customers must have used a word that stands in a title: three; in a theme of fewer than six, half of them,
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
            count.lower.entry(token.text.to_lowercase()).or_default().insert(member.by);
            count.members += usize::from(here.insert(&token.key));
        }
    }
    counts
}

fn shortened(text: &str) -> String {
    text.chars().take(READ_OF_EACH).collect()
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

/// The language of a theme.
pub(super) fn language(korean: bool) -> Language {
    if korean { Language::Korean } else { Language::English }
}

/// What stands for a title where customers share no word: the n-th request, problem, question or praise.
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

/// What [`numbered`] begins with, in each language.
static NUMBERED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let wishes = [Some(Wish::Fix), Some(Wish::Build), Some(Wish::Answer), Some(Wish::Keep), None];
    [true, false].iter().flat_map(|korean| wishes.map(|wish| numbered(wish, *korean, ""))).collect()
});

/// Whether a title is one of [`numbered`].
pub fn is_numbered(title: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    NUMBERED.iter().any(|word| title.strip_prefix(word.as_str()).is_some_and(is_number))
}

/// A label around a word that is used all over the product.
pub fn around(word: &str, korean: bool) -> String {
    words::about_any(language(korean), word)
}

/// A title begins with a capital, unless its first word is written with capitals inside.
pub(in crate::engine) fn capitalised(title: &str) -> String {
    let first = title.split(' ').next().unwrap_or_default();
    if first.chars().skip(1).any(char::is_uppercase) && first.chars().next().is_some_and(char::is_lowercase) {
        return title.to_owned();
    }
    let mut chars = title.chars();
    let head: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    head + chars.as_str()
}
