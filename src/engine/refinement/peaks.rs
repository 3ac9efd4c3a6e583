//! The peaks among the scores of neighbouring candidates.

/// A score is about as good as the best if it is at most this much below.
const ABOUT_AS_GOOD: f32 = 0.15;

/// The mean of each score with those on both sides (1:2:1).
pub(in crate::engine) fn smoothed(scores: &[f32]) -> Vec<f32> {
    let last = scores.len().saturating_sub(1);
    let mean = |at: usize| scores[at] / 2.0 + (scores[at.saturating_sub(1)] + scores[last.min(at + 1)]) / 4.0;
    (0..scores.len()).map(mean).collect()
}

/// The first score that is about as good as the best, and no worse than those on both sides; 0 where there is none.
pub(in crate::engine) fn coarsest_peak(scores: &[f32]) -> usize {
    let last = scores.len().saturating_sub(1);
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let is_peak = |at: usize| scores[at] >= scores[at.saturating_sub(1)] && scores[at] >= scores[last.min(at + 1)];
    (0..scores.len()).find(|at| scores[*at] >= best - ABOUT_AS_GOOD && is_peak(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_levels_about_as_good_the_coarser_is_chosen() {
        assert_eq!(coarsest_peak(&[-3.0, -1.1, -1.4, -1.0, -2.0]), 1, "a peak that is nearly as high");
        assert_eq!(coarsest_peak(&[-3.0, -1.1, -1.05, -1.0, -2.0]), 3, "a slope is no level of its own");
        assert_eq!(coarsest_peak(&[-3.0, -1.3, -1.4, -1.0, -2.0]), 3, "a peak that is clearly lower");
        assert_eq!((coarsest_peak(&[-1.0, -2.0]), coarsest_peak(&[-2.0, -1.0]), coarsest_peak(&[])), (0, 1, 0));
        assert_eq!(smoothed(&[0.0, 4.0, 0.0]), [1.0, 2.0, 1.0]);
    }
}
