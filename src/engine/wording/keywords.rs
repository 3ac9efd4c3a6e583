//! Keywords of a theme: the words that distinguish it from the others.

use uuid::Uuid;

use crate::engine::text::embed::Embedder;
use crate::engine::text::stop_words::{
    ENGLISH_STOP_WORDS, KOREAN_STOP_WORDS, PARTICLES, PREDICATE_ENDINGS, SHORT_WORDS,
};
use crate::engine::text::words::{Script, Word, is_hangul};

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

    /// The number of texts with a keyword.
    pub(in crate::engine) fn frequency(&self, keyword: &str) -> u32 {
        self.0.map_or(0, |embedder| embedder.frequency(&keyword.to_lowercase()))
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

/// The possible keywords of a text, without repeats, in order.
pub(in crate::engine) fn keyword_forms(words: &[Word]) -> impl Iterator<Item = String> + '_ {
    let mut seen = std::collections::HashSet::new();
    words.iter().filter_map(keyword_form).filter(move |form| seen.insert(*form)).map(str::to_owned)
}

/// The word as a keyword; `None` for a function word, a number or a single letter.
pub(in crate::engine) fn keyword_form(word: &Word) -> Option<&str> {
    let text = word.text.as_str();
    let length = text.chars().count();
    match word.script {
        Script::Spaced if (3..=40).contains(&length) && text.chars().any(char::is_alphabetic) => {
            (ENGLISH_STOP_WORDS.binary_search(&text).is_err()).then_some(text)
        }
        Script::Spaced if length == 2 => SHORT_WORDS.contains(&text).then_some(text),
        Script::Hangul if (2..=20).contains(&length) => {
            let stem = without_particle(text);
            let is_filler = |w: &str| KOREAN_STOP_WORDS.begin(w);
            let is_word = stem.chars().count() >= 2 && stem.chars().all(|c| matches!(c, '가'..='힣'));
            (is_word && !is_filler(text) && !is_filler(stem) && !is_predicate(stem)).then_some(stem)
        }
        Script::Unspaced if (2..=12).contains(&length) => Some(text),
        _ => None,
    }
}

/// A Korean word without its particle, if two syllables remain.
fn without_particle(word: &str) -> &str {
    // The longest particle, so that "에서는" is not cut at "는" alone.
    let cut = |word| PARTICLES.cut(word).filter(|stem| stem.chars().nth(1).is_some()).last();
    // Particles can be combined: "앱에서는" is 앱 + 에서 + 는.
    let once = cut(word).unwrap_or(word);
    cut(once).unwrap_or(once)
}

/// Whether a word is a conjugated verb or adjective, or one syllable with its particle. Such words are poor keywords.
fn is_predicate(word: &str) -> bool {
    let short = word.chars().count() == 2 && word.ends_with(['에', '를', '는', '을']);
    short || PREDICATE_ENDINGS.end(word)
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
