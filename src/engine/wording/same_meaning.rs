//! Words that mean the same, in one language or in two: "coupon" and "voucher", "refund" and 환불. Two words do where the
//! fitted vectors of the program are near to each other.
//!
//! In a theme of a few customers who write in two languages, hardly a word is used by three of them although all name the
//! same thing. A word that two customers use therefore counts as shared where enough customers use it or such a word. A
//! word that one customer alone uses never does.

use std::collections::HashMap;

use crate::engine::text::meaning::{MEANING, meaning};
use crate::engine::text::tokens::stem;
use crate::engine::text::words::{is_korean, normalised};

/// The least number of customers who must use a word itself.
pub(in crate::engine) const OWN_USERS: usize = 2;
/// The least cosine of two words of one language, and of two languages, whose vectors are further apart.
const WITHIN: f32 = 0.55;
const ACROSS: f32 = 0.42;

/// A word with its meaning.
#[derive(Clone)]
pub(super) struct Meant {
    korean: bool,
    vector: [f32; MEANING],
}

impl Meant {
    /// `None` for a word without a known piece.
    pub fn of(word: &str) -> Option<Self> {
        let vector = meaning(&normalised(word));
        vector.iter().any(|value| *value != 0.0).then(|| Meant { korean: is_korean(word), vector })
    }

    /// Whether both mean the same.
    pub fn is_like(&self, other: &Self) -> bool {
        let cosine: f32 = self.vector.iter().zip(&other.vector).map(|(a, b)| a * b).sum();
        cosine >= if self.korean == other.korean { WITHIN } else { ACROSS }
    }
}

/// A word as it stands in a text: with its meaning, without an English ending, and without a Korean particle.
pub(super) fn written(word: &str) -> Vec<Meant> {
    let korean = is_korean(word);
    let syllables = word.chars().count();
    let without = |cut: usize| word.chars().take(syllables - cut).collect::<String>();
    let mut forms = vec![word.to_owned()];
    match korean {
        true => forms.extend((1..=2).filter(|cut| syllables > *cut).map(without)),
        false => forms.push(stem(word)),
    }
    forms.dedup();
    forms.iter().filter_map(|form| Meant::of(form)).collect()
}

/// Whether two words as they stand in texts mean the same.
pub(super) fn are_alike(a: &[Meant], b: &[Meant]) -> bool {
    a.iter().any(|a| b.iter().any(|b| a.is_like(b)))
}

/// Of each word the others that mean the same. `words` are keys with the form that is shown; `wanted` says for which of
/// them the others are looked for.
pub(super) fn same_meanings(words: &[(&str, &str)], wanted: impl Fn(&str) -> bool) -> HashMap<String, Vec<String>> {
    let meant: Vec<(&str, Meant)> = words.iter().filter_map(|(key, form)| Some((*key, Meant::of(form)?))).collect();
    let others = |key: &str, own: &Meant| -> Vec<String> {
        let like = meant.iter().filter(|(other, meant)| *other != key && own.is_like(meant));
        like.map(|(other, _)| (*other).to_owned()).collect()
    };
    let found = meant.iter().filter(|(key, _)| wanted(key)).map(|(key, own)| ((*key).to_owned(), others(key, own)));
    found.filter(|(_, others)| !others.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(a: &str, b: &str) -> bool {
        Meant::of(a).zip(Meant::of(b)).is_some_and(|(a, b)| a.is_like(&b))
    }

    #[test]
    fn synonyms_and_translations_mean_the_same_and_neighbours_of_a_subject_do_not() {
        for (a, b) in [
            ("refund", "환불"),
            ("map", "지도"),
            ("dog", "강아지"),
            ("price", "가격"),
            ("late", "늦어요"),
            ("car", "vehicle"),
        ] {
            assert!(like(a, b), "{a} {b}");
        }
        for (a, b) in
            [("refund", "receipt"), ("map", "로딩"), ("slow", "late"), ("bank", "customer"), ("지도", "포인트")]
        {
            assert!(!like(a, b), "{a} {b}");
        }
        assert!(Meant::of("").is_none());
        assert!(are_alike(&written("refunds"), &written("환불이")));
        assert!(!are_alike(&written("refunds"), &written("지도에서")));
    }
}
