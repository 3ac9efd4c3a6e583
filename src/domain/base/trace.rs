//! Traces: the path from feedback to closures through themes, stories and releases, followed in both directions.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Id, Time};
use crate::domain::feedback::State;
use crate::domain::stories::Link;
use crate::domain::stories::stage::Stage;

crate::domain::names! {
    /// The kind of resource that a trace starts from.
    pub enum TraceKind {
        Feedback "feedback", Theme "theme", Story "story", Link "link", Release "release", Deployment "deployment",
        Closure "closure",
    }
}

/// The resources that a resource came from, and those that came from it: `feedback -> themes -> stories -> links ->
/// releases -> deployments -> closures`. Each entry names the entries it depends on, so the lists form a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trace {
    /// The resource that the trace starts from.
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

/// The entries of one kind in a trace: the newest 100, and the number of all.
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

/// A feedback in a trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedFeedback {
    pub id: Id,
    /// The beginning of its text.
    #[schema(example = "The refund still hasn't arrived after two weeks.")]
    pub excerpt: String,
    #[schema(inline)]
    pub state: State,
    pub customer_id: Option<Id>,
    pub theme_id: Option<Id>,
    pub occurred_at: Time,
}

/// A theme in a trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedTheme {
    pub id: Id,
    #[schema(example = "Refund has not arrived")]
    pub label: String,
}

/// A story in a trace.
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

/// A release in a trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TracedRelease {
    pub id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    #[schema(example = "shipped")]
    pub state: String,
    pub shipped_at: Option<Time>,
    /// The stories of the trace that are in this release.
    pub story_ids: Vec<Id>,
}

/// A deployment in a trace.
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

/// A closure in a trace.
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
    /// The feedback in which the customer said that it is not solved.
    pub feedback_id: Option<Id>,
}
