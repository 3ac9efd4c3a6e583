//! Which words of a text can be keywords, and in which form.

use super::stop_words::{ENGLISH_STOP_WORDS, KOREAN_STOP_WORDS, PARTICLES, PREDICATE_ENDINGS, SHORT_WORDS};
use super::words::{Script, Word};

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
