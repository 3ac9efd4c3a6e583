//! The features of a text from which its kind is told.

use crate::domain::feedback::recognition::{SIGNS, signs};
use crate::engine::text::meaning::{MEANING, meaning};
use crate::engine::text::words::{Script, hash, normalised, words_of};

/// The number of cells into which words are hashed.
pub const WORDS: usize = 1 << 12;

/// What the model sees of a text.
pub struct Features {
    /// The meaning, a unit vector; zero where no word is known.
    pub meaning: [f32; MEANING],
    /// The weights of the phrases found, by what they are a sign of, from 0 to 1.
    pub signs: [f32; SIGNS],
    /// The cells of its words, pairs of words and Korean endings, sorted, each once.
    pub words: Vec<u16>,
}

/// The most characters that are read: what a text is about is said early.
const READ: usize = 1_000;
/// The total weight of phrases beyond which more say nothing new.
const MANY: f32 = 8.0;

/// Reads a text.
pub fn features(text: &str) -> Features {
    features_of(text, &signs(text))
}

/// Reads a text whose phrases are known.
pub fn features_of(text: &str, signs: &[i32; SIGNS]) -> Features {
    let short: String = text.chars().take(READ).collect();
    let normal = normalised(&short);
    let signs = signs.map(|weight| (weight as f32 / MANY).min(1.0));
    Features { meaning: meaning(&normal), signs, words: cells(&normal) }
}

/// The cells of words: an English word and the pair with the next one; of a Korean word its first two syllables and its
/// last one to three, since the endings tell questions and wishes from reports. Marks of questions and exclamations count too.
fn cells(normal: &str) -> Vec<u16> {
    let words = words_of(normal);
    let mut found: Vec<u16> = Vec::with_capacity(words.len() * 4);
    let mut add = |tag: char, text: &mut dyn Iterator<Item = char>| {
        let chars: Vec<char> = std::iter::once(tag).chain(text).collect();
        found.push((hash(&chars) % WORDS as u64) as u16);
    };
    for (at, word) in words.iter().enumerate() {
        match word.script {
            Script::Hangul => {
                let chars: Vec<char> = word.text.chars().collect();
                add('h', &mut chars.iter().copied().take(2));
                for length in 1..=3.min(chars.len()) {
                    add('e', &mut chars[chars.len() - length..].iter().copied());
                }
                if at + 1 == words.len() {
                    add('l', &mut chars[chars.len() - chars.len().min(2)..].iter().copied());
                }
            }
            _ => {
                add('w', &mut word.text.chars());
                if let Some(next) = words.get(at + 1) {
                    add('p', &mut word.text.chars().chain([' ']).chain(next.text.chars()));
                }
                if at == 0 {
                    add('f', &mut word.text.chars());
                }
            }
        }
    }
    for mark in ['?', '!', ':', '+'] {
        if normal.contains(mark) {
            add('m', &mut [mark].into_iter());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
