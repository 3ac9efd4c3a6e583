//! The fitted model: multinomial logistic regression over phrases, words and meaning.
//!
//! `tools/fit_kinds.py` fits the weights (`weights.bin`) and describes their file.

use std::sync::LazyLock;

use super::features::{Features, WORDS};
use crate::domain::feedback::Kind;
use crate::domain::feedback::recognition::SIGNS;
use crate::engine::text::meaning::MEANING;

/// The number of kinds.
pub const KINDS: usize = Kind::ALL.len();
/// A number for each kind, in the order of [`Kind::ALL`].
pub type PerKind = [f32; KINDS];

static FILE: &[u8] = include_bytes!("weights.bin");
const MAGIC: usize = 4;
/// The blocks of weights, each with a scale of its own: phrases, meaning, words, and the constant of each kind.
const BLOCKS: [usize; 4] = [SIGNS, MEANING, WORDS, 1];
const ROWS: usize = SIGNS + MEANING + WORDS + 1;
const MEANS: usize = MAGIC + 4 * BLOCKS.len() + KINDS * ROWS;
const _: () = assert!(FILE.len() == MEANS + 2 * MEANING * 4 && Kind::ALL.len() == 6);

/// The weights, and the mean meaning of texts in other languages and in Korean.
struct Model {
    weights: Vec<PerKind>,
    means: [Vec<f32>; 2],
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let number = |at: usize| f32::from_le_bytes([FILE[at], FILE[at + 1], FILE[at + 2], FILE[at + 3]]);
    let mut weights = Vec::with_capacity(ROWS);
    for (block, rows) in BLOCKS.into_iter().enumerate() {
        let scale = number(MAGIC + 4 * block);
        for _ in 0..rows {
            let at = MAGIC + 4 * BLOCKS.len() + KINDS * weights.len();
            weights.push(std::array::from_fn(|kind| f32::from(FILE[at + kind] as i8) * scale));
        }
    }
    let mean = |language: usize| (0..MEANING).map(|d| number(MEANS + 4 * (language * MEANING + d))).collect();
    Model { weights, means: [mean(0), mean(1)] }
});

/// The logarithm of each kind's probability, up to a constant.
pub fn scores(features: &Features) -> PerKind {
    let weights = &MODEL.weights;
    let mut scores = weights[ROWS - 1];
    let mut add = |row: usize, value: f32| {
        scores.iter_mut().zip(&weights[row]).for_each(|(score, weight)| *score += weight * value);
    };
    let dense = features.signs.iter().chain(&features.meaning).enumerate();
    dense.filter(|(_, value)| **value != 0.0).for_each(|(row, value)| add(row, *value));
    let share = 1.0 / (features.words.len().max(1) as f32).sqrt();
    features.words.iter().for_each(|cell| add(SIGNS + MEANING + usize::from(*cell), share));
    scores
}

/// What sets a text's meaning apart from that of all texts in its language, as a unit vector; zero where no word is known.
pub fn distinctive(features: &Features, korean: bool) -> [f32; MEANING] {
    let mut own = features.meaning;
    if own.iter().all(|v| *v == 0.0) {
        return own;
    }
    own.iter_mut().zip(&MODEL.means[usize::from(korean)]).for_each(|(v, mean)| *v -= mean);
    let length = own.iter().map(|v| v * v).sum::<f32>().sqrt();
    own.iter_mut().for_each(|v| *v /= length.max(f32::EPSILON));
    own
}

/// Probabilities from logarithms.
pub fn probabilities(scores: &PerKind) -> PerKind {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let odds = scores.map(|score| (score - most).exp());
    let all: f32 = odds.iter().sum();
    odds.map(|odd| odd / all)
}
