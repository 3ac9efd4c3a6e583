//! Actions of postmortems. Each is a story: it is planned, built and released like any other work.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::stories::stage::Stage;

crate::domain::names! {
    /// How far an action is. `dropped`: its story was declined.
    pub enum ActionState { Open "open", Done "done", Dropped "dropped" }
}

impl ActionState {
    /// The stages of stories whose actions are in this state. A duplicate is open: the story that remains is not known here.
    pub fn stages(self) -> Vec<Stage> {
        Stage::ALL.iter().copied().filter(|stage| Self::of(*stage) == self).collect()
    }

    /// The state of an action whose story is in this stage.
    pub fn of(stage: Stage) -> Self {
        match stage {
            _ if stage.is_shipped() => Self::Done,
            Stage::Declined => Self::Dropped,
            _ => Self::Open,
        }
    }
}

/// An action of a postmortem.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostmortemAction {
    pub id: Id,
    pub postmortem_id: Id,
    pub incident_id: Id,
    /// The number of the incident.
    #[schema(example = "HB-INC-1")]
    pub incident_number: String,
    /// The story that is the action.
    pub story_id: Id,
    #[schema(example = "HB-17")]
    pub story_number: String,
    pub title: String,
    pub stage: Stage,
    pub state: ActionState,
    pub owner_id: Option<Id>,
    pub due_at: Option<Time>,
    /// Whether it is open and its due date is over.
    pub overdue: bool,
    /// Whole days since it was written down.
    pub age_days: i64,
    /// Earlier actions that it does too.
    pub covers: Vec<Id>,
    /// Later actions that do it too.
    pub covered_by: Vec<Id>,
    pub created_by: Option<Id>,
    pub created_at: Time,
}

/// An action to write: a new story, or one that is there already.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Alert on free connections", "due_at": "2026-12-11T00:00:00Z"}))]
pub struct NewPostmortemAction {
    /// Id or number of a story that is there already. Without it, a story is created.
    #[schema(min_length = 1, max_length = 36)]
    pub story: Option<String>,
    /// The title of the new story.
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: Option<String>,
    /// Why it is to be done: what the new story says after "so that".
    #[schema(min_length = 1, max_length = 1000)]
    pub so_that: Option<String>,
    /// The owner: id of an active member, or `me`. Of a story that is there already, it replaces the owner.
    pub owner_id: Option<Id>,
    /// When it should be done. Of a story that is there already, it replaces the due date.
    pub due_at: Option<Time>,
    /// Ids of actions of earlier postmortems that it does too.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub covers: Vec<Id>,
}

/// The query parameters of the list of all actions.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActionQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<ActionState>,
    /// `true`: only open actions whose due date is over.
    pub overdue: Option<bool>,
    /// The owner: id of a member, or `me`.
    #[param(inline)]
    pub owner: Option<Id>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// How many actions of the postmortems are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ActionCounts {
    pub open: i64,
    /// Those of the open ones whose due date is over.
    pub overdue: i64,
    pub done: i64,
    pub dropped: i64,
    /// The share of done actions among all that were not dropped; `null` without any.
    pub done_rate: Option<f64>,
}

impl ActionCounts {
    /// With the share of done actions.
    pub fn of(open: i64, overdue: i64, done: i64, dropped: i64) -> Self {
        let all = open + done;
        let done_rate = (all > 0).then(|| (done as f64 / all as f64 * 1000.0).round() / 1000.0);
        Self { open, overdue, done, dropped, done_rate }
    }
}

/// A page of actions, with counts of all of the product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionPage {
    pub data: Vec<PostmortemAction>,
    pub next_cursor: Option<String>,
    /// Counts of all actions, whatever the other filters are; of one product where `product` is given.
    pub counts: ActionCounts,
}
