//! Search for like documents by a short query, in both the words and the meaning: for a few hundred long texts, such as
//! postmortems, not for feedback.
//!
//! A document is a list of passages, its title first. The words score by BM25 over the whole document (Robertson and Zaragoza
//! 2009): words that few documents have tell most. The meaning scores by the passage whose vector is nearest, so that one
//! telling section of a long document is not lost in its mean.

use std::collections::{BTreeMap, HashMap};

use crate::engine::text::embed::{Embedder, read};
use crate::engine::text::keyword_forms::keyword_form;
use crate::engine::text::stop_words::ENGLISH_STOP_WORDS;
use crate::engine::text::tokens::stem;
use crate::engine::text::vector::Vector;
use crate::engine::text::words::{Script, Word, normalised, words_of};

/// BM25: how soon repeats of a word stop counting, and how much long documents are held back.
const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.75;
/// How often the title's words count: it says what the document is about.
const TITLE: f32 = 2.0;
/// The share of the meaning in the score; the rest are words.
const MEANING_SHARE: f32 = 0.65;

/// A document that is like the query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikeDocument {
    /// Its place in the list that was indexed.
    pub place: usize,
    /// From 0 to 1: how much of the query it shares.
    pub score: f32,
}

/// Documents to search in.
pub struct Documents {
    embedder: Embedder,
    documents: Vec<Document>,
    /// In how many documents each word occurs.
    frequency: HashMap<String, u32>,
    mean_length: f32,
}

struct Document {
    words: BTreeMap<String, f32>,
    length: f32,
    passages: Vec<Vector>,
}

impl Documents {
    /// Indexes documents, each a list of passages with its title first.
    pub fn of(documents: &[Vec<String>]) -> Self {
        let mut embedder = Embedder::new();
        documents.iter().flatten().for_each(|passage| embedder.learn(&read(passage)));
        let indexed: Vec<Document> = documents.iter().map(|passages| Document::of(passages, &embedder)).collect();
        let mut frequency: HashMap<String, u32> = HashMap::new();
        for word in indexed.iter().flat_map(|document| document.words.keys()) {
            *frequency.entry(word.clone()).or_default() += 1;
        }
        let mean_length = indexed.iter().map(|document| document.length).sum::<f32>() / indexed.len().max(1) as f32;
        Self { embedder, documents: indexed, frequency, mean_length }
    }

    /// All documents, the one most like the query first; of equal ones the later first.
    pub fn nearest(&self, query: &str) -> Vec<LikeDocument> {
        let words = weights([(query, 1.0)].into_iter());
        let vector = self.embedder.embed(&read(query));
        // The most that a document could score: it has every word of the query, ever so often.
        let most: f32 = words.keys().map(|word| self.rarity(word) * (SATURATION + 1.0)).sum();
        let score = |document: &Document| {
            let shared: f32 = words.keys().map(|word| self.word_score(document, word)).sum();
            let words = if most > 0.0 { shared / most } else { 0.0 };
            let meaning = document.passages.iter().map(|passage| dot(passage, &vector)).fold(0.0, f32::max);
            (1.0 - MEANING_SHARE) * words + MEANING_SHARE * meaning
        };
        let mut found: Vec<LikeDocument> =
            self.documents.iter().map(score).enumerate().map(|(place, score)| LikeDocument { place, score }).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.place.cmp(&a.place)));
        found
    }

    /// How much it tells that a document has this word.
    fn rarity(&self, word: &str) -> f32 {
        let with = self.frequency.get(word).copied().unwrap_or_default() as f32;
        (1.0 + (self.documents.len() as f32 - with + 0.5) / (with + 0.5)).ln()
    }

    fn word_score(&self, document: &Document, word: &str) -> f32 {
        let Some(count) = document.words.get(word) else { return 0.0 };
        let held_back = SATURATION * (1.0 - LENGTH + LENGTH * document.length / self.mean_length.max(1.0));
        self.rarity(word) * count * (SATURATION + 1.0) / (count + held_back)
    }
}

impl Document {
    fn of(passages: &[String], embedder: &Embedder) -> Self {
        let weighted = passages.iter().enumerate();
        let weighted = weighted.map(|(n, passage)| (passage.as_str(), if n == 0 { TITLE } else { 1.0 }));
        let words = weights(weighted);
        let length = words.values().sum();
        Self { words, length, passages: passages.iter().map(|passage| embedder.embed(&read(passage))).collect() }
    }
}

/// The words of texts in the form in which they are compared, with how often they occur.
fn weights<'a>(texts: impl Iterator<Item = (&'a str, f32)>) -> BTreeMap<String, f32> {
    let mut found: BTreeMap<String, f32> = BTreeMap::new();
    for (text, weight) in texts {
        for word in words_of(&normalised(text)) {
            for form in forms(&word) {
                *found.entry(form).or_default() += weight;
            }
        }
    }
    found
}

/// A word as its stem; a Korean word without its particles as pairs of syllables, since compounds are written with and
/// without spaces.
fn forms(word: &Word) -> Vec<String> {
    match word.script {
        Script::Spaced => {
            let is_telling =
                word.text.chars().count() > 1 && ENGLISH_STOP_WORDS.binary_search(&word.text.as_str()).is_err();
            is_telling.then(|| stem(&word.text)).into_iter().collect()
        }
        Script::Hangul => keyword_form(word).map(pairs).unwrap_or_default(),
        Script::Unspaced => pairs(&word.text),
        Script::Symbol => Vec::new(),
    }
}

fn pairs(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    chars.windows(2).map(|pair| pair.iter().collect()).collect()
}

fn dot(a: &Vector, b: &Vector) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
