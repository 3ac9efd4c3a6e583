//! Dependencies of stories: on other stories, also of other products, and on teams and vendors outside.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stage::Stage;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What a story is to another one: it `blocks` it, `needs` it, or merely `relates` to it.
    pub enum DependencyKind { Blocks "blocks", Needs "needs", Relates "relates" }
}

crate::domain::names! {
    /// Whether what a story needs is there. `declined`: it never will be, so a person must decide.
    pub enum DependencyState { Open "open", Satisfied "satisfied", Declined "declined" }
}

crate::domain::names! {
    /// The stage in which a story satisfies those that need it.
    pub enum SatisfiedAt { Released "released", Ready "ready" }
}

/// Something outside that a story needs: what another team or a vendor does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "New card terminal", "vendor": "Acme", "due": "2026-12-24"}))]
pub struct External {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: String,
    /// The team that does it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub team: Option<String>,
    /// The vendor that delivers it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub vendor: Option<String>,
    /// The day on which it should be there.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-12-24")]
    pub due: Option<String>,
}

/// A dependency to add: on a story (`story_id`), or on something outside (`external`, with `needs` only).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "needs", "external": {"title": "New card terminal", "vendor": "Acme", "due": "2026-12-24"}}))]
pub struct NewDependency {
    /// What this story is to the other one.
    pub kind: DependencyKind,
    /// Id or number of the other story, of any product.
    #[schema(min_length = 1, max_length = 36)]
    pub story_id: Option<String>,
    pub external: Option<External>,
    /// Working days that must pass after the one before the other begins.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 365, default = 0)]
    pub lag_days: i32,
    /// The stage in which the story that is needed satisfies the other; `released` by default.
    pub satisfied_at: Option<SatisfiedAt>,
}

/// The editable fields of a dependency (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DependencyEdit {
    #[serde(default)]
    #[schema(minimum = 0, maximum = 365)]
    pub lag_days: i32,
    #[serde(default = "at_release")]
    #[schema(required = false)]
    pub satisfied_at: SatisfiedAt,
    /// What it is outside. A dependency on a story has none.
    #[serde(default)]
    pub external: Option<External>,
}

fn at_release() -> SatisfiedAt {
    SatisfiedAt::Released
}

/// A dependency as it is stored: an edge from the story that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub id: Id,
    /// The story that waits; of two related stories the one from which it was said.
    pub story_id: Id,
    /// `Needs` or `Relates`.
    pub kind: DependencyKind,
    /// The other story; none for something outside.
    pub other_id: Option<Id>,
    pub external: Option<External>,
    pub lag_days: i32,
    pub satisfied_at: SatisfiedAt,
    pub closed_at: Option<Time>,
    pub closed_by: Option<Id>,
    pub created_by: Option<Id>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Dependency {
    /// Whether it depends on something outside.
    pub fn is_external(&self) -> bool {
        self.other_id.is_none()
    }

    /// Whether this story is one of its ends.
    pub fn joins(&self, story: Id) -> bool {
        self.story_id == story || self.other_id == Some(story)
    }
}

/// A story at the other end of a dependency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LinkedStory {
    pub id: Id,
    pub product_id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    #[schema(example = "Refunds show when they will arrive")]
    pub title: String,
    pub stage: Stage,
    pub due_at: Option<Time>,
}

/// A dependency, from the side of one story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownDependency {
    pub id: Id,
    /// What the story is to the other one.
    pub kind: DependencyKind,
    /// The other story; `null` for something outside, and for a story of a product that the caller may not see.
    pub story: Option<LinkedStory>,
    /// Whether the other story belongs to a product that the caller may not see: that it blocks is shown, what it is is not.
    pub hidden: bool,
    /// The story that takes the place of the other one, because that is a duplicate of it.
    pub in_place: Option<LinkedStory>,
    pub external: Option<External>,
    pub lag_days: i32,
    pub satisfied_at: SatisfiedAt,
    /// Whether what is needed is there; `null` where the stories merely relate.
    pub state: Option<DependencyState>,
    /// Whether the story that is needed was declined, so that a person must remove the dependency, name another story, or
    /// have the declined one considered again.
    pub needs_decision: bool,
    /// When somebody closed it: for something outside only.
    pub closed_at: Option<Time>,
    pub closed_by: Option<Id>,
    pub created_by: Option<Id>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The dependencies of a story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Dependencies {
    /// Whether something that the story needs is not there yet.
    pub blocked: bool,
    /// Whether a person must decide, because a story that it needs was declined.
    pub needs_decision: bool,
    pub data: Vec<ShownDependency>,
}

/// Something that a story needs and that is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenNeed {
    pub dependency_id: Id,
    /// The story that waits.
    pub story_id: Id,
    /// The story that it waits for, or the original of that; none for something outside.
    pub blocker_id: Option<Id>,
    pub state: DependencyState,
    pub lag_days: i32,
}

/// A story in a plan or a graph, with what its dates are computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryBrief {
    pub id: Id,
    pub product_id: Id,
    pub number: String,
    pub title: String,
    pub stage: Stage,
    pub due_at: Option<Time>,
    pub owner_id: Option<Id>,
    /// Effort in person-months that somebody set.
    pub effort: Option<f64>,
    /// Working days that somebody set.
    pub days: Option<i32>,
    pub customer_count: i32,
}

impl From<&StoryBrief> for LinkedStory {
    fn from(brief: &StoryBrief) -> Self {
        Self {
            id: brief.id,
            product_id: brief.product_id,
            number: brief.number.clone(),
            title: brief.title.clone(),
            stage: brief.stage,
            due_at: brief.due_at,
        }
    }
}
