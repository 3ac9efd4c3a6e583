//! The OpenSSF Scorecard of an open source project, as its program writes it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A Scorecard file: the output of `scorecard --format json`. Other fields are left out.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "date": "2026-11-02", "repo": {"name": "github.com/acme/ledger", "commit": "9c5a1d0"}, "scorecard": {"version": "v5.0.0"},
    "score": 7.2, "checks": [{"name": "Code-Review", "score": 9, "reason": "most changes are reviewed"}, {"name": "Fuzzing", "score": -1, "reason": "internal error"}]
}))]
pub struct ScorecardFile {
    /// When it was made.
    #[schema(min_length = 10, max_length = 40)]
    pub date: String,
    pub repo: ScorecardRepo,
    /// The program that made it.
    #[serde(default)]
    pub scorecard: Option<ScorecardProgram>,
    /// The whole score; -1 where it is inconclusive.
    #[schema(minimum = -1, maximum = 10)]
    pub score: f64,
    #[schema(max_items = 100)]
    pub checks: Vec<ScorecardFileCheck>,
}

/// The repository of a Scorecard file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ScorecardRepo {
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub commit: Option<String>,
}

/// The program of a Scorecard file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ScorecardProgram {
    #[serde(default)]
    #[schema(max_length = 100)]
    pub version: Option<String>,
}

/// A check of a Scorecard file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ScorecardFileCheck {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// -1 where it is inconclusive.
    #[schema(minimum = -1, maximum = 10)]
    pub score: f64,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

/// The Scorecard of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scorecard {
    pub date: String,
    pub repository: String,
    pub commit: Option<String>,
    /// The version of the program.
    pub version: Option<String>,
    /// 0 to 10; `null` where it is inconclusive.
    pub score: Option<f64>,
    pub checks: Vec<ScorecardCheck>,
}

/// A check of a Scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScorecardCheck {
    #[schema(example = "Code-Review")]
    pub name: String,
    /// 0 to 10; `null` where it is inconclusive.
    pub score: Option<f64>,
    pub reason: Option<String>,
}

/// A score of a file: -1 says that it is inconclusive, which is not 0.
fn conclusive(score: f64) -> Option<f64> {
    (score >= 0.0).then_some(score)
}

impl From<&ScorecardFile> for Scorecard {
    fn from(file: &ScorecardFile) -> Self {
        let check = |check: &ScorecardFileCheck| ScorecardCheck {
            name: check.name.clone(),
            score: conclusive(check.score),
            reason: check.reason.clone(),
        };
        Self {
            date: file.date.clone(),
            repository: file.repo.name.clone(),
            commit: file.repo.commit.clone(),
            version: file.scorecard.as_ref().and_then(|program| program.version.clone()),
            score: conclusive(file.score),
            checks: file.checks.iter().map(check).collect(),
        }
    }
}
