//! Evaluations: their criteria, options, scores and decision.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::scorecard::Scorecard;
use crate::domain::base::{Id, Money, Time};

crate::domain::names! {
    /// The status of an evaluation, as in MADR 4.
    pub enum EvaluationStatus {
        Proposed "proposed", Accepted "accepted", Rejected "rejected", Deprecated "deprecated", Superseded "superseded",
    }
}

impl EvaluationStatus {
    /// Whether it counts at present, so that it is worth another look on its day.
    pub fn is_current(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted)
    }
}

crate::domain::names! {
    /// How a solution is had.
    pub enum OptionKind { Build "build", Buy "buy", OpenSource "open_source" }
}

/// What options are judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Price", "weight": 5}))]
pub struct WeighedCriterion {
    /// Unique in the evaluation.
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    /// How much it counts, with at most two decimals.
    #[schema(minimum = 0, maximum = 1000)]
    pub weight: f64,
    /// Whether an option with less than `minimum` is out, whatever its other scores.
    #[serde(default)]
    pub must: bool,
    /// The least score of a must-have; 1 where absent.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5)]
    pub minimum: Option<f64>,
}

impl WeighedCriterion {
    /// The least score that passes, where it is a must-have.
    pub fn least(&self) -> f64 {
        self.minimum.unwrap_or(1.0)
    }
}

/// What an option costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionCosts {
    /// Once, to begin with it.
    #[serde(default)]
    pub now: Option<Money>,
    /// Each year.
    #[serde(default)]
    pub a_year: Option<Money>,
    /// Once, to leave it again.
    #[serde(default)]
    pub to_leave: Option<Money>,
}

/// The score of an option by a criterion, with who gave it and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OptionScore {
    /// 0 to 5.
    pub score: f64,
    pub why: Option<String>,
    /// The member who gave it.
    pub by: Option<Id>,
    pub at: Option<Time>,
}

/// A solution that could be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SolutionOption {
    #[schema(example = "Paylo")]
    pub name: String,
    pub kind: OptionKind,
    pub version: Option<String>,
    pub supplier: Option<String>,
    /// An SPDX expression.
    #[schema(example = "MIT OR Apache-2.0")]
    pub licence: Option<String>,
    pub costs: OptionCosts,
    /// Effort in person-months.
    pub effort: Option<f64>,
    pub links: Vec<String>,
    pub risks: Option<String>,
    /// The scores by the names of the criteria.
    pub scores: BTreeMap<String, OptionScore>,
    pub scorecard: Option<Scorecard>,
}

impl SolutionOption {
    /// An option of a kind, of which nothing else is known.
    pub fn new(kind: OptionKind) -> Self {
        Self {
            name: String::new(),
            kind,
            version: None,
            supplier: None,
            licence: None,
            costs: OptionCosts::default(),
            effort: None,
            links: Vec::new(),
            risks: None,
            scores: BTreeMap::new(),
            scorecard: None,
        }
    }
}

/// An evaluation of solutions.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Evaluation {
    pub id: Id,
    pub product_id: Id,
    /// The story that it serves; `null` where it serves the product.
    pub story_id: Option<Id>,
    #[schema(example = "Who moves the money of refunds")]
    pub title: String,
    pub status: EvaluationStatus,
    /// What is needed, in a sentence.
    pub need: Option<String>,
    /// What else matters for the decision.
    pub context: Option<String>,
    pub criteria: Vec<WeighedCriterion>,
    pub options: Vec<SolutionOption>,
    /// The name of the option that was chosen.
    pub decision: Option<String>,
    /// Why it was chosen.
    pub because: Option<String>,
    pub consequences: Option<String>,
    /// How it will be checked that the decision is followed.
    pub confirmation: Option<String>,
    /// The members who decide.
    pub deciders: Vec<Id>,
    /// Names of people who were asked.
    pub consulted: Vec<String>,
    /// Names of people who are told.
    pub informed: Vec<String>,
    /// The day of the decision.
    #[schema(example = "2026-11-30")]
    pub date: Option<String>,
    /// The day on which it should be looked at again.
    #[schema(example = "2027-11-30")]
    pub revisit_date: Option<String>,
    /// When the program noticed that this day has come.
    pub revisit_noted_at: Option<Time>,
    /// The evaluation that took its place.
    pub superseded_by: Option<Id>,
    pub created_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Evaluation {
    /// The option that was chosen.
    pub fn chosen(&self) -> Option<&SolutionOption> {
        let name = self.decision.as_ref()?;
        self.options.iter().find(|option| option.name == *name)
    }

    /// Whether it should be looked at again on this day.
    pub fn is_due(&self, today: &str) -> bool {
        self.status.is_current() && self.revisit_date.as_deref().is_some_and(|day| day <= today)
    }
}
