//! Acts: one act on many items of feedback, given by ids or by filters. An act is done in parts, and undone as a whole.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{SetAside, Tag};
use crate::domain::base::bulk::{Bulk, FeedbackAct, FeedbackBulk, Takes};
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// `running`: some items still wait. `done`: every item was handled. `undoing`: it is being undone. `undone`.
    pub enum ActState { Running "running", Done "done", Undoing "undoing", Undone "undone" }
}

impl ActState {
    /// Whether nothing is left to do.
    pub fn is_over(self) -> bool {
        matches!(self, ActState::Done | ActState::Undone)
    }
}

/// An act on feedback: on the items in `ids`, or on all items that match filters.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"act": "tag", "tags": ["refund"], "matching": "state=pending&q=refund"}))]
pub struct NewAct {
    #[schema(inline)]
    pub act: FeedbackAct,
    /// No id may be given twice. The act is done in this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Option<Vec<Id>>,
    /// The filters of the feedback, as in the query of `GET /v1/feedback`, without `sort`, `limit` and `cursor`. Empty:
    /// all feedback. Feedback that arrives later is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000, example = "state=pending,set_aside&source=chat")]
    pub matching: Option<String>,
    /// The reason, for `dismiss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// The existing theme to move the feedback to, for `move`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme_id: Option<Id>,
    /// The label of a theme that is made to move the feedback to, for `move` without `theme_id`. It is made in the product
    /// of the first item; items of other products are refused. Undoing the act leaves it empty, and empty themes are not
    /// listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub new_theme: Option<String>,
    /// The tags, for `tag` and `untag`. They are compared without regard to case and width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 20, value_type = Option<Vec<Tag>>)]
    pub tags: Option<Vec<String>>,
    /// Why this is not feedback about the product, for `set_aside`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
}

impl Bulk for NewAct {
    const PARAMETERS: &'static [&'static str] = &["reason", "theme_id", "new_theme", "tags", "set_aside"];

    fn takes(act: &str) -> Option<&'static [Takes]> {
        match act.parse() {
            Ok(FeedbackAct::Move) => Some(&[Takes::Optional("theme_id"), Takes::Optional("new_theme")]),
            _ => FeedbackBulk::takes(act),
        }
    }
}

impl NewAct {
    /// The act without its items, for the function that handles one of them.
    pub fn alone(&self) -> FeedbackBulk {
        FeedbackBulk {
            act: self.act,
            ids: Vec::new(),
            reason: self.reason.clone(),
            theme_id: self.theme_id,
            tags: self.tags.clone(),
            set_aside: self.set_aside,
        }
    }
}

/// An act on feedback, and how far it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Act {
    /// The `bulk_id` in the data of each event that it wrote.
    pub id: Id,
    /// Id of the member or of the service's token.
    pub actor_id: Option<Id>,
    #[schema(inline)]
    pub act: FeedbackAct,
    #[schema(inline)]
    pub state: ActState,
    /// The theme of a `move`.
    pub theme_id: Option<Id>,
    /// The tags of `tag` and `untag`.
    pub tags: Vec<String>,
    /// Whether it is about all feedback that matched filters.
    pub is_matching: bool,
    /// How many items it is about.
    #[schema(example = 12)]
    pub total: i64,
    /// How many items were changed.
    #[schema(example = 11)]
    pub changed: i64,
    /// How many items were in the wanted state already.
    #[schema(example = 0)]
    pub unchanged: i64,
    /// How many items the act was refused for.
    #[schema(example = 1)]
    pub failed: i64,
    /// How many changes were undone.
    #[schema(example = 0)]
    pub undone: i64,
    /// How many changes could not be undone, because somebody changed the same feedback later.
    #[schema(example = 0)]
    pub kept: i64,
    /// The refusals: at most 20.
    pub problems: Vec<ActProblem>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
    pub undone_at: Option<Time>,
}

impl Act {
    /// How many items were handled.
    pub fn handled(&self) -> i64 {
        self.changed + self.unchanged + self.failed
    }

    /// Whether it can be undone.
    pub fn can_be_undone(&self) -> bool {
        matches!(self.state, ActState::Running | ActState::Done) && (self.changed > 0 || !self.state.is_over())
    }
}

/// An item that an act, or its undo, was refused for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ActProblem {
    pub feedback_id: Id,
    #[schema(example = "It is dismissed already.")]
    pub detail: String,
}

/// The query parameters of the list of acts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActQuery {
    /// `me` or the id of a member: the acts of this member.
    #[param(pattern = "^(me|[0-9a-fA-F-]{36})$")]
    pub member: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
