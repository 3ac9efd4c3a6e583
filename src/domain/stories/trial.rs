//! Trials and demos: who tried a story before its release, and what they found.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// Whether the customer tried it or was shown it.
    pub enum TrialKind { Trial "trial", Demo "demo" }
}

crate::domain::names! {
    /// What they found.
    pub enum Verdict { Passed "passed", Mixed "mixed", Failed "failed" }
}

/// A trial or a demo of a story: evidence that it solves what was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trial {
    pub id: Id,
    pub story_id: Id,
    pub kind: TrialKind,
    /// The customer who tried it; `null` where only a name is known, and once they were erased.
    pub customer_id: Option<Id>,
    /// Who tried it, where they are no customer here.
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

/// A trial or a demo to record: of a customer, or of someone by name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "trial", "tried_by": "Min-ji Park", "verdict": "passed"}))]
pub struct NewTrial {
    #[schema(inline)]
    pub kind: TrialKind,
    pub customer_id: Option<Id>,
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub tried_by: Option<String>,
    /// Now where absent.
    pub tried_at: Option<Time>,
    #[schema(inline)]
    pub verdict: Verdict,
    #[schema(min_length = 1, max_length = 10_000)]
    pub note: Option<String>,
}
