//! An evaluation with what is computed from it, and what it serves.

use serde::Serialize;
use utoipa::ToSchema;

use super::evaluation::Evaluation;
use super::licences::LicenceVerdict;
use super::ranking::EvaluationResult;
use crate::domain::stories::dependency::LinkedStory;
use crate::domain::stories::plan::Waiting;

/// An evaluation with its result.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownEvaluation {
    #[serde(flatten)]
    pub evaluation: Evaluation,
    pub result: EvaluationResult,
    /// What the lists of the product say of the licences of the options.
    pub licences: Vec<JudgedLicence>,
    /// The story that it serves.
    pub story: Option<LinkedStory>,
    /// Who waits for that story, and their value; `null` without a story. Customers are not named.
    pub waiting: Option<Waiting>,
    /// Whether its `revisit_date` has come.
    pub due: bool,
}

/// The licence of an option, judged by the lists of the product.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JudgedLicence {
    pub option: String,
    #[schema(example = "MIT OR Apache-2.0")]
    pub licence: String,
    pub verdict: LicenceVerdict,
}
