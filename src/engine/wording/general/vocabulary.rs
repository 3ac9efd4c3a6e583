//! A vocabulary: general concepts, each with its names and the words by which customers mention it, in both languages.

use std::collections::{BTreeSet, HashMap};

use crate::engine::text::morphology::analyse;
use crate::engine::text::predicates::denied;
use crate::engine::text::tokens::{english_clauses, stem};
use crate::engine::text::words::{is_hangul, is_korean};

/// How many other words may stand between two words of an English phrase: "not yet arrived".
const BETWEEN: usize = 2;

/// The concepts of a table.
pub(in crate::engine) struct Vocabulary {
    /// The names of each concept: the columns of its line but for the last one.
    names: Vec<Vec<&'static str>>,
    /// The phrases by their first stem: the concept, and the other stems.
    phrases: HashMap<String, Vec<(usize, Vec<String>)>>,
    nouns: Vec<(usize, String)>,
    /// Stems of Korean verbs and adjectives, and whether they are denied.
    verbs: HashMap<(String, bool), Vec<usize>>,
}

impl Vocabulary {
    /// Reads a table; its first lines are comments and the names of the columns.
    pub fn of(table: &'static str) -> Self {
        Self::with(table, |word| Some(word.trim_end_matches('*')))
    }

    /// The same with the words that have a star, which mean the concept wherever they stand.
    pub fn marked(table: &'static str) -> Self {
        Self::with(table, |word| word.strip_suffix('*'))
    }

    fn with(table: &'static str, word: impl Fn(&'static str) -> Option<&'static str>) -> Self {
        let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
        let mut vocabulary =
            Vocabulary { names: Vec::new(), phrases: HashMap::new(), nouns: Vec::new(), verbs: HashMap::new() };
        for line in lines {
            let mut columns: Vec<&'static str> = line.split('\t').collect();
            let words = columns.pop().unwrap_or_default();
            words.split(", ").filter_map(&word).for_each(|word| vocabulary.learn(word));
            vocabulary.names.push(columns);
        }
        vocabulary
    }

    /// Adds a word of the concept that is read.
    fn learn(&mut self, word: &str) {
        let concept = self.names.len();
        if !word.contains(is_hangul) {
            let mut stems = word.split([' ', '-']).map(stem);
            let first = stems.next().unwrap_or_default();
            return self.phrases.entry(first).or_default().push((concept, stems.collect()));
        }
        let verb = word.strip_prefix("안 ").map_or((word, false), |verb| (verb, true));
        match verb.0.strip_suffix('다') {
            Some(stem) => self.verbs.entry((stem.to_owned(), verb.1)).or_default().push(concept),
            None => self.nouns.push((concept, word.chars().filter(|c| !c.is_whitespace()).collect())),
        }
    }

    /// A name of a concept.
    pub fn name(&self, concept: usize, column: usize) -> &'static str {
        self.names.get(concept).and_then(|names| names.get(column)).copied().unwrap_or_default()
    }

    /// The concept with this first name.
    pub fn concept(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|names| names.first() == Some(&name))
    }

    /// Whether a word is one of those by which customers mention a concept.
    pub fn is_word_of(&self, concept: usize, word: &str) -> bool {
        let mut english = self.phrases.iter().flat_map(|(first, said)| said.iter().map(move |said| (first, said)));
        english.any(|(first, (of, rest))| *of == concept && (first == word || rest.iter().any(|other| other == word)))
            || self.nouns.iter().any(|(of, noun)| *of == concept && noun == word)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().flatten().copied()
    }

    /// The concepts that a text mentions.
    pub fn mentioned(&self, text: &str) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for clause in english_clauses(text, &|_| false) {
            let stems: Vec<&str> = clause.iter().map(|token| token.key.as_str()).collect();
            found.extend(self.in_english(&stems).into_iter().map(|(concept, _)| concept));
        }
        if is_korean(text) {
            found.extend(self.in_korean(text).into_iter().map(|(concept, _)| concept));
        }
        found
    }

    /// The concepts that the stems of an English clause mention, each with the place of its first word.
    pub fn in_english(&self, stems: &[&str]) -> Vec<(usize, usize)> {
        let begin = |(at, first): (usize, &&str)| {
            let phrases = self.phrases.get(*first).into_iter().flatten();
            let said = phrases.filter(move |(_, rest)| follows(&stems[at + 1..], rest));
            said.map(move |(concept, _)| (*concept, at)).collect::<Vec<_>>()
        };
        stems.iter().enumerate().flat_map(begin).collect()
    }

    /// The concepts that a Korean text mentions, each with the place of its word among [`korean_words`].
    pub fn in_korean(&self, text: &str) -> Vec<(usize, usize)> {
        let words: Vec<(usize, &str)> = korean_words(text);
        let mut found = Vec::new();
        for at in 0..words.len() {
            let joined: String = words[at..words.len().min(at + 3)].iter().map(|(_, word)| *word).collect();
            let begins = |noun: &str| match noun.chars().count() {
                1 => words[at].1 == noun,
                _ => joined.starts_with(noun),
            };
            found.extend(self.nouns.iter().filter(|(_, noun)| begins(noun)).map(|(concept, _)| (*concept, at)));
        }
        let morphemes = analyse(text);
        for (n, morpheme) in morphemes.iter().enumerate().filter(|(_, morpheme)| morpheme.tag.is_predicate()) {
            let (stem, inner) = match morpheme.lemma {
                "안되" => ("되", true),
                "못하" | "안하" => ("하", true),
                stem => (stem, false),
            };
            let key = (stem.to_owned(), inner || denied(&morphemes, n));
            let at = words.iter().rposition(|(start, _)| *start <= morpheme.start).unwrap_or(0);
            found.extend(self.verbs.get(&key).into_iter().flatten().map(|concept| (*concept, at)));
        }
        found
    }
}

/// The words of a text, each with where it begins.
pub(in crate::engine) fn korean_words(text: &str) -> Vec<(usize, &str)> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word)).collect()
}

/// Whether these stems follow in this order, with few others between.
fn follows(stems: &[&str], wanted: &[String]) -> bool {
    let Some((first, rest)) = wanted.split_first() else { return true };
    let places = stems.iter().take(BETWEEN + 1).position(|stem| *stem == first.as_str());
    places.is_some_and(|at| follows(&stems[at + 1..], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# A comment.\nen\tko\twords\nis late\t지연\tlate, not arriv, 늦다, 안 오다\nFees\t수수료\tfee, 수수료\nFont\t글자\tfont size, 글자 크기";

    fn names(text: &str) -> Vec<&'static str> {
        let vocabulary = Vocabulary::of(TABLE);
        vocabulary.mentioned(text).into_iter().map(|concept| vocabulary.name(concept, 0)).collect()
    }

    #[test]
    fn concepts_are_found_by_words_of_both_languages_whatever_their_form() {
        for text in
            ["it has not yet arrived", "my parcel is LATE!", "배송이 늦었어요", "택배가 안 와요", "문자가 오지 않아요"]
        {
            assert_eq!(names(text), ["is late"], "{text}");
        }
        assert_eq!(names("the fees are late"), ["is late", "Fees"]);
        assert_eq!(names("글자 크기를 키워 주세요"), ["Font"]);
    }

    #[test]
    fn other_words_and_a_denial_of_something_else_are_no_mention() {
        for text in ["it arrived", "택배가 왔어요", "not sure what has ever arrived", "size", "coffee"] {
            assert!(names(text).is_empty(), "{text}");
        }
    }
}
