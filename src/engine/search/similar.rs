//! Search for like documents by a short query, in both the words and the meaning: for a few hundred long texts, such as
//! postmortems, not for feedback.
//!
//! A document is a list of passages, its title first. Words are compared by the cosine of TF-IDF over the whole document: words
//! that few documents have tell most. Meaning is compared with the passage whose vector is nearest, so that one telling
//! section of a long document is not lost in its mean. Cosines of words and of meaning have different ranges; both are
//! standardised over the documents (mean 0, deviation 1) before they are added.

use std::collections::{BTreeMap, HashMap};

use crate::engine::text::embed::{Embedder, read};
use crate::engine::text::keyword_forms::keyword_form;
use crate::engine::text::stop_words::ENGLISH_STOP_WORDS;
use crate::engine::text::tokens::stem;
use crate::engine::text::vector::Vector;
use crate::engine::text::words::{Script, Word, normalised, words_of};

/// How often the title's words count: it says what the document is about.
const TITLE: f32 = 2.0;

/// A document that is like the query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikeDocument {
    /// Its place in the list that was indexed.
    pub place: usize,
    /// From 0 to 1: the mean of both cosines, of words and of meaning. It does not depend on the other documents as the order
    /// does.
    pub score: f32,
}

/// Documents to search in.
pub struct Documents {
    embedder: Embedder,
    documents: Vec<Document>,
    /// In how many documents each word occurs.
    frequency: HashMap<String, u32>,
}

struct Document {
    words: BTreeMap<String, f32>,
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
        Self { embedder, documents: indexed, frequency }
    }

    /// All documents, the one most like the query first; of equal ones the later first.
    pub fn nearest(&self, query: &str) -> Vec<LikeDocument> {
        let words = weights([(query, 1.0)].into_iter());
        let length = self.length(&words);
        let vector = self.embedder.embed(&read(query));
        let in_words: Vec<f32> =
            self.documents.iter().map(|document| self.shared(&words, length, &document.words)).collect();
        let in_meaning: Vec<f32> = self.documents.iter().map(|document| document.nearest_passage(&vector)).collect();
        let order = standardised(&in_words).into_iter().zip(standardised(&in_meaning)).map(|(a, b)| a + b);
        let cosines = in_words.iter().zip(&in_meaning).map(|(a, b)| (a + b) / 2.0);
        let mut found: Vec<(f32, LikeDocument)> = order
            .zip(cosines)
            .enumerate()
            .map(|(place, (order, score))| (order, LikeDocument { place, score }))
            .collect();
        found.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(other.place.cmp(&one.place)));
        found.into_iter().map(|(_, like)| like).collect()
    }

    /// How much it tells that a document has this word.
    fn rarity(&self, word: &str) -> f32 {
        let with = self.frequency.get(word).copied().unwrap_or_default() as f32;
        (1.0 + (self.documents.len() as f32 - with + 0.5) / (with + 0.5)).ln()
    }

    /// The length of a vector of words.
    fn length(&self, words: &BTreeMap<String, f32>) -> f32 {
        words.iter().map(|(word, count)| (count * self.rarity(word)).powi(2)).sum::<f32>().sqrt()
    }

    /// The cosine of a query and a document, by their words.
    fn shared(&self, query: &BTreeMap<String, f32>, length: f32, document: &BTreeMap<String, f32>) -> f32 {
        let product = query.iter().filter_map(|(word, asked)| {
            let said = document.get(word)?;
            Some(asked * said * self.rarity(word).powi(2))
        });
        let lengths = length * self.length(document);
        if lengths > 0.0 { product.sum::<f32>() / lengths } else { 0.0 }
    }
}

impl Document {
    fn of(passages: &[String], embedder: &Embedder) -> Self {
        let weighted = passages.iter().enumerate();
        let weighted = weighted.map(|(n, passage)| (passage.as_str(), if n == 0 { TITLE } else { 1.0 }));
        let words = weights(weighted);
        Self { words, passages: passages.iter().map(|passage| embedder.embed(&read(passage))).collect() }
    }

    /// The cosine of the passage that is nearest in meaning.
    fn nearest_passage(&self, vector: &Vector) -> f32 {
        self.passages.iter().map(|passage| dot(passage, vector)).fold(0.0, f32::max)
    }
}

/// Values with mean 0 and deviation 1; zeros where all are equal.
fn standardised(values: &[f32]) -> Vec<f32> {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt();
    values.iter().map(|value| if deviation > 1e-6 { (value - mean) / deviation } else { 0.0 }).collect()
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
