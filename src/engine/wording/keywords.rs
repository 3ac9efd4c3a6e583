//! Keywords of a theme: the words that distinguish it from the others.

use uuid::Uuid;

use crate::engine::text::embed::{Embedder, read};
use crate::engine::text::keyword_forms::keyword_forms;
use crate::engine::text::likeness::Meaning;
use crate::engine::text::vector::Vector;
use crate::engine::text::words::{is_hangul, words_of};

/// One item of a theme, for describing what the theme is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeedbackText<'a> {
    /// The feedback.
    pub id: Uuid,
    /// The customer; the feedback's own id where the customer is unknown, so that it counts as one.
    pub by: Uuid,
    /// Its words.
    pub text: &'a str,
    /// Its cosine to the theme's mean vector.
    pub similarity: f32,
}

/// The document frequency of each word in all feedback of the product, from [`super::Grouper::background`].
#[derive(Clone, Copy)]
pub struct Background<'a>(Option<&'a Embedder>);

impl<'a> Background<'a> {
    pub(in crate::engine) fn new(embedder: &'a Embedder) -> Self {
        Background(Some(embedder))
    }

    /// No statistics: every word counts as equally common.
    pub fn none() -> Self {
        Background(None)
    }

    /// The vector by which a text is compared with others.
    pub(in crate::engine) fn vector(&self, text: &str) -> Option<Vector> {
        self.0.map(|embedder| embedder.embed(&read(text)))
    }

    /// The meaning of a text without what all feedback of the product has in common.
    pub(in crate::engine) fn meaning(&self, text: &str) -> Option<Meaning> {
        self.0.map(|embedder| embedder.meaning(text))
    }

    /// The number of texts with a keyword.
    pub(in crate::engine) fn frequency(&self, keyword: &str) -> u32 {
        let keyword = keyword.to_lowercase();
        let counted = keyword_forms(&words_of(&keyword)).next();
        let frequency = |form: &str| self.0.map_or(0, |embedder| embedder.frequency(form));
        // On arrival a last syllable that looks like a particle is cut off without a look at other texts.
        counted.map_or(0, |counted| frequency(&counted)).max(frequency(&keyword))
    }

    /// The number of texts with exactly this word.
    pub(in crate::engine) fn written(&self, word: &str) -> u32 {
        self.0.map_or(0, |embedder| embedder.written(word))
    }

    /// The share of all feedback with the word, never 0.
    pub fn share(&self, keyword: &str) -> f32 {
        let documents = self.0.map_or(99, |embedder| embedder.documents());
        (self.frequency(keyword) as f32 + 0.5) / (documents as f32 + 1.0)
    }
}

/// Whether two words are variants, so that one of them is enough: "refund", "refunds" and "refunded", or "결제" and
/// "결제창".
pub(in crate::engine) fn is_variant(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let korean = short.chars().all(is_hangul);
    long.starts_with(short)
        && (korean || (short.chars().count() >= 4 && long.chars().count() <= short.chars().count() + 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_a_word_are_one_keyword() {
        assert!(is_variant("refund", "refunds") && is_variant("결제", "결제창"));
        assert!(!is_variant("card", "cash"));
    }
}
