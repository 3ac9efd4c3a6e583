//! Learning from corrections: texts like one that a person corrected move towards what the person said.
//!
//! A kernel regression on what each correction had to add to the model's score. For a text, the corrected texts vote with
//! their nearness `w`; the vote for a value is `sum of w x added / (sum of w + CAUTION)`. So one correction changes little
//! but texts that are very near to it, several that agree change their surroundings, and others are left alone.

use crate::engine::text::meaning::MEANING;

/// The least cosine of a text that a correction says something about.
const NEAR: f32 = 0.4;
/// As if this much nearness had voted for no change.
const CAUTION: f32 = 0.2;
/// How far the corrected value is to lie above the best other one.
const MARGIN: f32 = 2.0;

/// How near a corrected text is, 0 to 1.
pub fn nearness(a: &[f32; MEANING], b: &[f32; MEANING]) -> f32 {
    let cosine: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    ((cosine - NEAR) / (1.0 - NEAR)).clamp(0.0, 1.0)
}

/// One correction: what the model had said, and the value that a person gave.
#[derive(Clone, Copy, Debug)]
pub struct Taught<const N: usize> {
    /// The scores of the values before.
    pub scores: [f32; N],
    /// The index of the right value.
    pub right: usize,
}

impl<const N: usize> Taught<N> {
    /// What must be added to the right value's score so that it lies above all others.
    fn missing(&self) -> f32 {
        let others = (0..N).filter(|value| *value != self.right).map(|value| self.scores[value]);
        (others.fold(f32::NEG_INFINITY, f32::max) - self.scores[self.right]).max(0.0) + MARGIN
    }
}

/// The scores of a text after the votes of corrections, each with its nearness.
pub fn learnt<const N: usize>(mut scores: [f32; N], votes: impl Iterator<Item = (f32, Taught<N>)>) -> [f32; N] {
    let (mut added, mut all) = ([0.0; N], CAUTION);
    for (near, taught) in votes.filter(|(near, _)| *near > 0.0) {
        added[taught.right] += near * taught.missing();
        all += near;
    }
    scores.iter_mut().zip(added).for_each(|(score, added)| *score += added / all);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: [f32; 2] = [3.0, 0.0];

    fn best(votes: &[(f32, usize)]) -> usize {
        let taught = |right| Taught { scores: BEFORE, right };
        let scores = learnt(BEFORE, votes.iter().map(|(near, right)| (*near, taught(*right))));
        usize::from(scores[1] > scores[0])
    }

    #[test]
    fn corrections_that_agree_reach_further_than_a_single_one() {
        assert_eq!(best(&[]), 0);
        assert_eq!(best(&[(1.0, 1)]), 1, "the same text");
        assert_eq!(best(&[(0.2, 1)]), 0, "one that is only somewhat like it");
        assert_eq!(best(&[(0.2, 1), (0.2, 1), (0.2, 1)]), 1);
        assert_eq!(best(&[(0.0, 1), (0.0, 1), (0.0, 1)]), 0, "another matter");
    }

    #[test]
    fn a_wrong_correction_is_outvoted() {
        assert_eq!(best(&[(0.5, 1), (0.5, 0), (0.5, 0)]), 0);
    }
}
