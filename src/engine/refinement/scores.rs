//! The scores of neighbouring candidates, and the highest of them.

/// The mean of each score with those on both sides (1:2:1).
pub(in crate::engine) fn smoothed(scores: &[f32]) -> Vec<f32> {
    let last = scores.len().saturating_sub(1);
    let mean = |at: usize| scores[at] / 2.0 + (scores[at.saturating_sub(1)] + scores[last.min(at + 1)]) / 4.0;
    (0..scores.len()).map(mean).collect()
}

/// The place of the highest score, the first where several are equal; 0 where there is none.
pub(in crate::engine) fn highest(scores: &[f32]) -> usize {
    (1..scores.len()).fold(0, |best, at| if scores[at] > scores[best] { at } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_counts_with_those_on_both_sides() {
        assert_eq!(smoothed(&[0.0, 4.0, 0.0]), [1.0, 2.0, 1.0]);
        assert_eq!((highest(&[-3.0, -1.0, -1.0]), highest(&[-1.0, -2.0]), highest(&[])), (1, 0, 0));
    }
}
