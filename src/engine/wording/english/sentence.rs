//! The sentences of an English text, and where their clauses begin and end.

use crate::engine::text::tagging::{Tag, Tagged, tag};

/// The longest part, in words.
const LONGEST: usize = 20;
/// The shortest consequence, attempt or workaround, in words.
pub(in crate::engine::wording) const SHORTEST: usize = 3;

/// A sentence with its words.
pub(in crate::engine::wording) struct Sentence<'t> {
    text: &'t str,
    pub words: Vec<Tagged>,
}

/// The sentences of a text. A full stop between letters or digits ends none.
pub(in crate::engine::wording) fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        let bytes = line.as_bytes();
        for (at, c) in line.char_indices() {
            let next = at + c.len_utf8();
            let ends = match c {
                '.' => bytes.get(next).is_none_or(|b| !b.is_ascii_alphanumeric()),
                '!' | '?' | ';' | '…' => true,
                _ => false,
            };
            if ends || next == line.len() {
                found.push(&line[start..next]);
                start = next;
            }
        }
    }
    let with_words = |text| Sentence { text, words: tag(text) };
    found.into_iter().filter(|text| text.chars().any(char::is_alphanumeric)).map(with_words).collect()
}

impl Sentence<'_> {
    pub fn word(&self, at: usize) -> String {
        let word = self.words.get(at).map_or("", |word| &self.text[word.start..word.end]);
        word.to_lowercase().replace('’', "'")
    }

    pub fn tag(&self, at: usize) -> Option<Tag> {
        self.words.get(at).map(|word| word.tag)
    }

    pub fn is(&self, at: usize, list: &[&str]) -> bool {
        list.contains(&self.word(at).as_str())
    }

    /// Whether these words stand here, in a row.
    pub fn says(&self, at: usize, words: &str) -> bool {
        words.split(' ').enumerate().all(|(n, word)| self.word(at + n) == word)
    }

    /// Whether a clause may begin here: at the beginning, or after a sign or a conjunction.
    pub fn begins(&self, at: usize) -> bool {
        at == 0
            || matches!(self.tag(at - 1), Some(Tag::Punctuation | Tag::Symbol | Tag::Interjection))
            || self.is(at - 1, &["and", "but", "so", "or"])
    }

    /// Where the clause that begins here ends: before a sign, or before a conjunction that begins another clause.
    pub fn end(&self, from: usize) -> usize {
        let stops = |at: &usize| self.is_sign(*at) || (*at > from + 1 && self.begins_another(*at));
        (from..self.words.len()).find(stops).unwrap_or(self.words.len())
    }

    pub fn is_sign(&self, at: usize) -> bool {
        matches!(
            self.word(at).as_str(),
            "," | ":" | "(" | ")" | "-" | "–" | "—" | "\"" | "“" | "”" | "." | "!" | "?" | ";" | "…"
        )
    }

    pub fn begins_another(&self, at: usize) -> bool {
        let subject_follows = self.is_person(at + 1)
            || self.is(at + 1, &["it", "they", "the", "my", "our", "this", "that", "now", "then", "nothing"]);
        (self.is(at, &["but", "so", "because", "although", "though"])
            && at + 1 < self.words.len()
            && !self.is(at + 1, &["far", "much", "many", "long"]))
            || (self.is(at, &["and"]) && subject_follows)
    }

    pub fn is_person(&self, at: usize) -> bool {
        self.is(at, PERSONS)
    }

    /// The words from one to before another, as the customer wrote them; `None` where they are too few or too many.
    pub fn part(&self, from: usize, to: usize, least: usize) -> Option<String> {
        let words = self.words.get(from..to)?;
        let letters = words.iter().filter(|word| word.tag != Tag::Punctuation).count();
        let (first, last) = (words.first()?, words.last()?);
        let open = matches!(last.tag, Tag::Determiner | Tag::Conjunction | Tag::Subordinator | Tag::Auxiliary)
            || self.is(to - 1, &["with", "of", "to", "for", "from", "like", "then"]);
        let complete = !open || self.word(to - 1).ends_with("n't");
        ((least..=LONGEST).contains(&letters) && complete).then(|| self.text[first.start..last.end].to_owned())
    }

    /// Whether there is a verb between two words.
    pub fn has_verb(&self, from: usize, to: usize) -> bool {
        (from..to).any(|at| matches!(self.tag(at), Some(Tag::Verb | Tag::Auxiliary)) || self.is(at, CONTRACTED))
    }

    pub fn asks(&self) -> bool {
        self.text.trim_end().ends_with('?')
    }
}

const PERSONS: &[&str] = &[
    "i",
    "we",
    "i'm",
    "we're",
    "i've",
    "we've",
    "im",
    "ive",
    "my",
    "our",
    "nobody",
    "customers",
    "people",
    "everyone",
    "users",
    "she",
    "he",
    "they",
    "they're",
];
pub(in crate::engine::wording) const SPEAKERS: &[&str] = &["i", "we", "i've", "we've", "ive", "weve", "i'd", "we'd"];
const CONTRACTED: &[&str] =
    &["i'm", "im", "i've", "ive", "we're", "we've", "it's", "its", "that's", "they're", "he's", "she's"];
