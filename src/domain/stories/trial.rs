//! Trials and demos: people who tried a story before its release, and their verdicts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// Whether the customer tried the story or was shown it.
    pub enum TrialKind { Trial "trial", Demo "demo" }
}

crate::domain::names! {
    /// The result.
    pub enum Verdict { Passed "passed", Mixed "mixed", Failed "failed" }
}

/// A trial or a demo of a story: evidence that it solves the customers' problem.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trial {
    pub id: Id,
    pub story_id: Id,
    pub kind: TrialKind,
    /// The customer who tried it; `null` where only a name is known, and after the customer was erased.
    pub customer_id: Option<Id>,
    /// The name of the person who tried it, where they are not a customer here.
    #[schema(example = "Min-ji Park")]
    pub tried_by: Option<String>,
    pub tried_at: Time,
    pub verdict: Verdict,
    #[schema(example = "Found the arrival date at once.")]
    pub note: Option<String>,
    /// The member who recorded it.
    pub recorded_by: Option<Id>,
    pub created_at: Time,
}

/// A trial or a demo to record, by a customer or by a person with a name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "trial", "tried_by": "Min-ji Park", "verdict": "passed"}))]
pub struct NewTrial {
    #[schema(inline)]
    pub kind: TrialKind,
    pub customer_id: Option<Id>,
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub tried_by: Option<String>,
    /// When it took place; now where absent.
    pub tried_at: Option<Time>,
    #[schema(inline)]
    pub verdict: Verdict,
    #[schema(min_length = 1, max_length = 10_000)]
    pub note: Option<String>,
}
