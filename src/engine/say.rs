//! The words of a theme: which of them tell it apart from the others.

use std::collections::HashMap;

use uuid::Uuid;

use super::embed::Embedder;
use super::stop_words::{ENGLISH_STOP_WORDS, KOREAN_STOP_WORDS, PARTICLES, PREDICATE_ENDINGS, SHORT_WORDS};
use super::words::{Script, Word, is_hangul, words};

/// One feedback of a theme, for saying what the theme is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said<'a> {
    /// The feedback.
    pub id: Uuid,
    /// Its words.
    pub text: &'a str,
    /// Its cosine to the theme's mean vector.
    pub similarity: f32,
}

/// How common each word is in all feedback of the product; from [`super::Grouper::background`].
#[derive(Clone, Copy)]
pub struct Background<'a>(&'a Embedder);

impl<'a> Background<'a> {
    pub(super) fn new(embedder: &'a Embedder) -> Self {
        Background(embedder)
    }

    /// The share of all feedback with the word, never 0.
    fn share(&self, keyword: &str) -> f32 {
        (self.0.frequency(keyword) as f32 + 0.5) / (self.0.documents() as f32 + 1.0)
    }
}

/// The k words that tell a theme apart, best first: class-based TF-IDF, here the share of the theme's texts with the
/// word times ln(1 + that share / the share in all feedback). Words as people write them, Korean ones without their
/// particle, no function words.
pub fn keywords(theme_texts: &[&str], background: &Background<'_>, k: usize) -> Vec<String> {
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new(); // texts with the word, first met
    for text in theme_texts {
        for keyword in keyword_forms(&words(text)) {
            let met = counts.len();
            counts.entry(keyword).or_insert((0, met)).0 += 1;
        }
    }
    let texts = theme_texts.len().max(1) as f32;
    let mut ranked: Vec<(String, f32, usize)> = counts
        .into_iter()
        // A word of one text among many says something about that text only.
        .filter(|(_, (count, _))| *count > 1 || theme_texts.len() < 4)
        .map(|(word, (count, met))| {
            let share = count as f32 / texts;
            let score = share * (1.0 + share / background.share(&word)).ln();
            (word, score, met)
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
    let mut chosen: Vec<String> = Vec::new();
    for (word, _, _) in ranked {
        if chosen.len() == k {
            break;
        }
        if !chosen.iter().any(|known| is_variant(known, &word)) {
            chosen.push(word);
        }
    }
    chosen
}

/// "refund", "refunds" and "refunded", or "결제" and "결제창": one of them is enough.
fn is_variant(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let korean = short.chars().all(is_hangul);
    long.starts_with(short)
        && (korean || (short.chars().count() >= 4 && long.chars().count() <= short.chars().count() + 3))
}

/// The words of a text that could be keywords, each once, in order.
pub(super) fn keyword_forms(words: &[Word]) -> impl Iterator<Item = String> + '_ {
    let mut seen = std::collections::HashSet::new();
    words.iter().filter_map(keyword_form).filter(move |form| seen.insert(*form)).map(str::to_owned)
}

/// The word as a keyword, or nothing where it is a function word, a number or a single letter.
pub(super) fn keyword_form(word: &Word) -> Option<&str> {
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

/// A Korean word without its particle, as long as two syllables remain.
fn without_particle(word: &str) -> &str {
    // The longest, so that "에서는" is not cut at "는" alone.
    let cut = |word| PARTICLES.cut(word).filter(|stem| stem.chars().nth(1).is_some()).last();
    // Particles stack: "앱에서는" is 앱 + 에서 + 는.
    let once = cut(word).unwrap_or(word);
    cut(once).unwrap_or(once)
}

/// A conjugated verb or adjective, or one syllable with its particle, reads badly as a keyword.
fn is_predicate(word: &str) -> bool {
    let short = word.chars().count() == 2 && word.ends_with(['에', '를', '는', '을']);
    short || PREDICATE_ENDINGS.end(word)
}

#[cfg(test)]
mod tests {
    use super::super::{Grouper, Settings};
    use super::*;

    fn grouper(texts: &[&str]) -> Grouper {
        let mut grouper = Grouper::new(Settings::default());
        for (i, text) in texts.iter().enumerate() {
            grouper.assign(Uuid::from_u128(i as u128), text, || Uuid::from_u128(1000 + i as u128));
        }
        grouper
    }

    #[test]
    fn keywords_are_what_tells_a_theme_apart() {
        let refunds = ["My refund has not arrived", "when do I get the refund?", "Refunds take too long, please help"];
        let others =
            ["please help, the app crashes", "the app is slow", "when does the app get dark mode", "please help me"];
        let grouper = grouper(&[refunds.as_slice(), &others].concat());
        let found = keywords(&refunds, &grouper.background(), 3);
        assert_eq!(found[0], "refund");
        assert!(!found.contains(&"refunds".to_string()) && !found.contains(&"the".to_string()), "{found:?}");
    }

    #[test]
    fn korean_keywords_come_without_particles() {
        let theme = ["결제가 안돼요", "결제를 했는데 오류가 나요", "앱에서 결제는 언제 되나요"];
        let grouper = grouper(&theme);
        let found = keywords(&theme, &grouper.background(), 2);
        assert_eq!(found[0], "결제");
        assert!(!found.iter().any(|w| w == "안돼요"), "{found:?}");
    }
}
