//! The phrases of the lists, and the search for all of them in one pass (Aho-Corasick).

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// How many characters of a text are examined.
const READ: usize = 2_000;

macro_rules! classes {
    ($($class:ident $name:literal),*) => {
        /// What a phrase is a sign of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Class { $($class),* }

        impl Class {
            pub(super) const ALL: &'static [Class] = &[$(Class::$class),*];

            fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Class::$class),)* _ => None }
            }
        }
    };
}

classes! {
    Bug "bug", Request "request", Question "question", Complaint "complaint", Praise "praise", Other "other", Tech "tech",
    Deny "deny", AutoReply "auto_reply", Bounce "bounce", SpamTopic "spam_topic", SpamOffer "spam_offer",
    Critical "critical", High "high", Low "low"
}

/// The lists of phrases.
const LISTS: [&str; 3] = [include_str!("kinds.tsv"), include_str!("noise.tsv"), include_str!("impact.tsv")];

/// The total weight of the phrases found, per class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted([i32; Class::ALL.len()]);

impl Counted {
    /// The weights, in the order of [`Class::ALL`].
    pub(super) fn weights(self) -> [i32; Class::ALL.len()] {
        self.0
    }
}

impl Index<Class> for Counted {
    type Output = i32;
    fn index(&self, class: Class) -> &i32 {
        &self.0[class as usize]
    }
}

impl IndexMut<Class> for Counted {
    fn index_mut(&mut self, class: Class) -> &mut i32 {
        &mut self.0[class as usize]
    }
}

/// A set of phrases that are searched together, and what each is a sign of.
struct Phrases {
    /// `None` where there are too many phrases for the automaton; a test ensures that this does not happen.
    search: Option<AhoCorasick>,
    signs: Vec<Vec<(Class, i32)>>,
}

impl Phrases {
    fn new(phrases: BTreeMap<String, Vec<(Class, i32)>>) -> Self {
        let search = AhoCorasick::builder().match_kind(MatchKind::Standard).build(phrases.keys()).ok();
        Self { search, signs: phrases.into_values().collect() }
    }

    fn count(&self, text: &str, counted: &mut Counted) {
        let Some(search) = &self.search else { return };
        let mut found: Vec<usize> =
            search.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        found.sort_unstable();
        found.dedup();
        for (class, weight) in found.into_iter().flat_map(|phrase| &self.signs[phrase]) {
            counted[*class] += weight;
        }
    }
}

/// The English phrases, and the Korean ones.
static SIGNS: LazyLock<[Phrases; 2]> = LazyLock::new(|| {
    let [mut english, mut korean] = [BTreeMap::new(), BTreeMap::new()];
    for (class, weight, phrase) in LISTS.into_iter().flat_map(lines) {
        let phrases: &mut BTreeMap<String, Vec<(Class, i32)>> =
            if has_hangul(phrase) { &mut korean } else { &mut english };
        phrases.entry(searched(phrase)).or_default().push((class, weight));
    }
    [Phrases::new(english), Phrases::new(korean)]
});

/// The phrases of a list.
fn lines(list: &str) -> impl Iterator<Item = (Class, i32, &str)> {
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(columns).flat_map(|(class, weight, phrases)| phrases.split('|').map(move |p| (class, weight, p)))
}

fn columns(line: &str) -> Option<(Class, i32, &str)> {
    let mut columns = line.split('\t');
    Some((Class::named(columns.next()?)?, columns.next()?.parse().ok()?, columns.next()?))
}

/// A phrase in the form of a [`Reading`].
fn searched(phrase: &str) -> String {
    if has_hangul(phrase) {
        return phrase.replace([' ', '['], "");
    }
    match phrase.strip_suffix('*') {
        Some(start) => format!(" {start}"),
        None => format!(" {phrase} "),
    }
}

pub(super) fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

/// A text prepared for the search.
pub(super) struct Reading {
    /// Lower-case words and the marks that end sentences, each between spaces; `^` begins a sentence.
    spaced: String,
    /// The same text without spaces and `^`, where it has Korean letters.
    compact: Option<String>,
}

impl Reading {
    /// Prepares a text.
    pub(super) fn new(text: &str) -> Self {
        let mut spaced = String::with_capacity(text.len().min(4 * READ) + 16);
        spaced.push_str(" ^ ");
        let lower = text.chars().take(READ).flat_map(char::to_lowercase);
        for c in lower {
            match c {
                '\'' | '’' | '‘' => {}
                _ if c.is_alphanumeric() => spaced.push(c),
                '?' | '？' => end_sentence(&mut spaced, '?'),
                '!' | '！' => end_sentence(&mut spaced, '!'),
                '.' | ';' | '\n' | '。' => end_sentence(&mut spaced, '.'),
                _ => end_word(&mut spaced),
            }
        }
        end_sentence(&mut spaced, '.');
        let compact = has_hangul(&spaced).then(|| spaced.replace([' ', '^'], ""));
        Self { spaced, compact }
    }

    /// The total weights of the phrases in the text.
    pub(super) fn count(&self) -> Counted {
        let mut counted = Counted::default();
        let [english, korean] = &*SIGNS;
        english.count(&self.spaced, &mut counted);
        if let Some(compact) = &self.compact {
            korean.count(compact, &mut counted);
        }
        counted
    }

    /// The number of sentences in the text.
    pub(super) fn sentences(&self) -> usize {
        self.spaced.matches('^').count().saturating_sub(1)
    }
}

fn end_word(spaced: &mut String) {
    if !spaced.ends_with(' ') {
        spaced.push(' ');
    }
}

/// Ends a sentence; several marks in a row end only one.
fn end_sentence(spaced: &mut String, mark: char) {
    end_word(spaced);
    if !spaced.ends_with("^ ") {
        spaced.push(mark);
        spaced.push_str(" ^ ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lists_is_read_and_searched_for() {
        for list in LISTS {
            for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                assert!(columns(line).is_some_and(|(_, weight, _)| weight > 0), "{line}");
                assert!(line.split('\t').nth(2).unwrap().split('|').all(|phrase| !phrase.trim().is_empty()), "{line}");
            }
        }
        assert!(SIGNS.iter().all(|phrases| phrases.search.is_some() && phrases.signs.len() > 300));
    }

    #[test]
    fn a_text_is_read_word_by_word_and_korean_without_spaces() {
        assert_eq!(Reading::new("It can't log-in?! Help").spaced, " ^ it cant log in ? ^ help . ^ ");
        assert_eq!(Reading::new("환불이 안 돼요.").compact.as_deref(), Some("환불이안돼요."));
        assert_eq!(Reading::new("").sentences(), 0);
        assert_eq!(Reading::new("One. Two").sentences(), 2);
    }
}
