//! What requests say of evaluations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::evaluation::{
    Evaluation, EvaluationStatus, OptionCosts, OptionKind, OptionScore, SolutionOption, WeighedCriterion,
};
use crate::domain::base::Id;

/// A score in a request: a number, or with why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum GivenScore {
    /// The score.
    Points(ScorePoints),
    /// The score with why.
    Said(SaidScore),
}

/// A score, 0 to 5 with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(minimum = 0, maximum = 5, example = 4)]
pub struct ScorePoints(pub f64);

/// A score with why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"score": 4, "why": "Two other teams use it."}))]
pub struct SaidScore {
    #[schema(minimum = 0, maximum = 5)]
    pub score: f64,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub why: Option<String>,
}

impl GivenScore {
    /// The score, and why.
    pub fn parts(&self) -> (f64, Option<&str>) {
        match self {
            Self::Points(points) => (points.0, None),
            Self::Said(said) => (said.score, said.why.as_deref().map(str::trim).filter(|why| !why.is_empty())),
        }
    }
}

/// An address of an option.
#[derive(ToSchema)]
#[schema(format = "uri", max_length = 2000)]
#[allow(dead_code, reason = "states the schema only")]
pub struct OptionLink(String);

/// A solution in a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Paylo", "kind": "buy", "licence": "MIT OR Apache-2.0", "scores": {"Price": 4}}))]
pub struct NewOption {
    /// Unique in the evaluation.
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    pub kind: OptionKind,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub version: Option<String>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub supplier: Option<String>,
    /// An SPDX expression.
    #[serde(default)]
    #[schema(max_length = 300, example = "MIT OR Apache-2.0")]
    pub licence: Option<String>,
    #[serde(default)]
    pub costs: Option<OptionCosts>,
    /// Effort in person-months.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub effort: Option<f64>,
    #[serde(default)]
    #[schema(max_items = 20, value_type = Vec<OptionLink>)]
    pub links: Vec<String>,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub risks: Option<String>,
    /// The scores by the names of the criteria, each 0 to 5 with at most two decimals.
    #[serde(default)]
    pub scores: BTreeMap<String, GivenScore>,
}

/// The name of a person.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 200, pattern = "\\S")]
#[allow(dead_code, reason = "states the schema only")]
pub struct PersonName(String);

/// An evaluation to begin.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Who moves the money of refunds", "criteria": [{"name": "Price", "weight": 5}], "options": [{"name": "Paylo", "kind": "buy", "scores": {"Price": 4}}]}))]
pub struct NewEvaluation {
    /// Key or id of the product; that of the story, or the default product, where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Id or number of the story that it serves.
    #[schema(min_length = 1, max_length = 36)]
    pub story_id: Option<String>,
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: String,
    /// What is needed, in a sentence.
    #[schema(max_length = 2000)]
    pub need: Option<String>,
    #[schema(max_length = 10_000)]
    pub context: Option<String>,
    #[schema(min_items = 1, max_items = 50)]
    pub criteria: Vec<WeighedCriterion>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub options: Vec<NewOption>,
    /// Members who decide: ids, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub deciders: Vec<Id>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<PersonName>)]
    pub consulted: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<PersonName>)]
    pub informed: Vec<String>,
    /// The day on which it should be looked at again.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2027-11-30")]
    pub revisit_date: Option<String>,
}

/// The editable fields of an evaluation (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: String,
    /// `accepted` needs a `decision`; `superseded` needs `superseded_by`.
    #[serde(default = "proposed")]
    #[schema(required = false)]
    pub status: EvaluationStatus,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub need: Option<String>,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub context: Option<String>,
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    pub criteria: Vec<WeighedCriterion>,
    /// The options; they replace the present ones. A score that does not change keeps its author.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub options: Vec<NewOption>,
    /// The name of the option that is chosen.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub decision: Option<String>,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub because: Option<String>,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub consequences: Option<String>,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub confirmation: Option<String>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub deciders: Vec<Id>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<PersonName>)]
    pub consulted: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<PersonName>)]
    pub informed: Vec<String>,
    /// The day of the decision; the day on which the status changes where absent.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-11-30")]
    pub date: Option<String>,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2027-11-30")]
    pub revisit_date: Option<String>,
    /// The evaluation of the same product that takes its place.
    #[serde(default)]
    pub superseded_by: Option<Id>,
}

fn proposed() -> EvaluationStatus {
    EvaluationStatus::Proposed
}

impl From<&SolutionOption> for NewOption {
    fn from(option: &SolutionOption) -> Self {
        let given = |score: &OptionScore| GivenScore::Said(SaidScore { score: score.score, why: score.why.clone() });
        Self {
            name: option.name.clone(),
            kind: option.kind,
            version: option.version.clone(),
            supplier: option.supplier.clone(),
            licence: option.licence.clone(),
            costs: Some(option.costs.clone()),
            effort: option.effort,
            links: option.links.clone(),
            risks: option.risks.clone(),
            scores: option.scores.iter().map(|(name, score)| (name.clone(), given(score))).collect(),
        }
    }
}

impl From<&Evaluation> for EvaluationEdit {
    fn from(of: &Evaluation) -> Self {
        Self {
            title: of.title.clone(),
            status: of.status,
            need: of.need.clone(),
            context: of.context.clone(),
            criteria: of.criteria.clone(),
            options: of.options.iter().map(NewOption::from).collect(),
            decision: of.decision.clone(),
            because: of.because.clone(),
            consequences: of.consequences.clone(),
            confirmation: of.confirmation.clone(),
            deciders: of.deciders.clone(),
            consulted: of.consulted.clone(),
            informed: of.informed.clone(),
            date: of.date.clone(),
            revisit_date: of.revisit_date.clone(),
            superseded_by: of.superseded_by,
        }
    }
}

/// A score to give to an option of an evaluation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"option": "Paylo", "criterion": "Price", "score": 4, "why": "Two other teams use it."}))]
pub struct ScoreToGive {
    #[schema(min_length = 1, max_length = 200)]
    pub option: String,
    #[schema(min_length = 1, max_length = 100)]
    pub criterion: String,
    /// `null` takes the score away.
    #[schema(minimum = 0, maximum = 5)]
    pub score: Option<f64>,
    #[schema(max_length = 2000)]
    pub why: Option<String>,
}

/// The option of an evaluation that a file is about.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OptionNamed {
    /// The name of the option.
    #[param(min_length = 1, max_length = 200)]
    pub option: String,
}

/// The query parameters of the list of evaluations.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EvaluationQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Id of a story.
    #[param(inline)]
    pub story: Option<Id>,
    #[param(inline)]
    pub status: Option<EvaluationStatus>,
    /// Id of a member, or `me`: those that the member decides, and those that the member began and for which no decider is
    /// named.
    #[param(inline)]
    pub member: Option<Id>,
    /// `true`: only those whose `revisit_date` has come, in UTC; `false`: only the others. Rejected, deprecated and superseded
    /// ones are never due.
    pub due: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
