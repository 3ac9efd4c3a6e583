//! Options as they are stored: erasing a person reads the values of JSON and not its names, so the name of a criterion is a
//! value here.

use serde::{Deserialize, Serialize};

use super::evaluation::{OptionScore, SolutionOption};

/// An option without its scores, and its scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredOption {
    option: SolutionOption,
    scores: Vec<StoredScore>,
}

/// A score with the name of its criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredScore {
    criterion: String,
    score: OptionScore,
}

impl From<&SolutionOption> for StoredOption {
    fn from(option: &SolutionOption) -> Self {
        let mut option = option.clone();
        let scores = std::mem::take(&mut option.scores);
        let scores = scores.into_iter().map(|(criterion, score)| StoredScore { criterion, score }).collect();
        Self { option, scores }
    }
}

impl From<StoredOption> for SolutionOption {
    fn from(stored: StoredOption) -> Self {
        let scores = stored.scores.into_iter().map(|one| (one.criterion, one.score)).collect();
        Self { scores, ..stored.option }
    }
}
