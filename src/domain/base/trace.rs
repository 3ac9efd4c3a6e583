//! The way of a piece of feedback to its closure, and back.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Id, Time};
use crate::domain::feedback::State;
use crate::domain::stories::Link;
use crate::domain::stories::stage::Stage;

crate::domain::names! {
    /// What a trace begins at.
    pub enum TraceKind {
        Feedback "feedback", Theme "theme", Story "story", Link "link", Release "release", Deployment "deployment",
        Closure "closure",
    }
}

/// What led to a resource and what came of it: `feedback -> themes -> stories -> links -> releases -> deployments ->
/// closures`. Each entry names what it hangs on, so the lists are a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trace {
    /// The resource it begins at.
    pub id: Id,
    #[schema(inline)]
    pub kind: TraceKind,
    pub feedback: Traced<TracedFeedback>,
    pub themes: Traced<TracedTheme>,
    pub stories: Traced<TracedStory>,
    /// Branches, commits, pull requests and issues.
    pub links: Traced<Link>,
    pub releases: Traced<TracedRelease>,
    pub deployments: Traced<TracedDeployment>,
    pub closures: Traced<TracedClosure>,
}

/// One kind of a trace's entries, newest first: at most 100 of them, and how many there are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Traced<T> {
    pub total: i64,
    pub data: Vec<T>,
}

impl<T> Default for Traced<T> {
    fn default() -> Self {
        Self { total: 0, data: Vec::new() }
    }
}

/// A feedback on the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedFeedback {
    pub id: Id,
    /// The beginning of what was said.
    #[schema(example = "The refund still hasn't arrived after two weeks.")]
    pub excerpt: String,
    #[schema(inline)]
    pub state: State,
    pub customer_id: Option<Id>,
    pub theme_id: Option<Id>,
    pub occurred_at: Time,
}

/// A theme on the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedTheme {
    pub id: Id,
    #[schema(example = "Refund has not arrived")]
    pub label: String,
}

/// A story on the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedStory {
    pub id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    pub title: String,
    #[schema(inline)]
    pub stage: Stage,
    pub theme_ids: Vec<Id>,
    /// The story it is a duplicate of.
    pub duplicate_of: Option<Id>,
}

/// A release on the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedRelease {
    pub id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    #[schema(example = "shipped")]
    pub state: String,
    pub shipped_at: Option<Time>,
    /// Those of the trace's stories that it brings.
    pub story_ids: Vec<Id>,
}

/// A deployment on the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedDeployment {
    pub id: Id,
    pub release_id: Option<Id>,
    #[schema(example = "production")]
    pub environment: String,
    #[schema(example = "succeeded")]
    pub state: String,
    pub revision: Option<String>,
    pub deployed_at: Time,
}

/// A customer's case on the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedClosure {
    pub id: Id,
    pub story_id: Id,
    pub customer_id: Id,
    pub release_id: Option<Id>,
    pub round: i32,
    #[schema(example = "confirmed")]
    pub state: String,
    pub told_at: Option<Time>,
    pub answered_at: Option<Time>,
    /// What the customer said not to be solved.
    pub feedback_id: Option<Id>,
}
