//! The sales view of an account: what its people asked for, what shipped, what is promised, and who was told.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureState;
use crate::domain::feedback::Account;
use crate::domain::stories::stage::Stage;

/// The sales view of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SalesView {
    pub account: Account,
    /// People of the account who said something.
    pub customers: i64,
    /// Items of feedback.
    pub feedback: i64,
    /// What they asked for and nobody has decided yet: drafts, those of most of their people first.
    pub asked: Vec<SalesStory>,
    /// What is accepted and not released yet, the soonest due first.
    pub promised: Vec<SalesStory>,
    /// What was released, the latest first.
    pub shipped: Vec<SalesStory>,
    /// What was declined, the latest first.
    pub declined: Vec<SalesStory>,
    /// Feedback that belongs to no story yet, the newest first: at most 20.
    pub unplanned: Vec<SalesFeedback>,
    /// Whether there were more stories than are read at once.
    pub incomplete: bool,
}

/// A story that the account's people asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SalesStory {
    pub story_id: Id,
    pub product_id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    pub title: String,
    pub stage: Stage,
    /// The reason of a decline.
    pub reason: Option<String>,
    /// The account's feedback behind it.
    pub feedback: i64,
    /// When it should be done.
    pub due_at: Option<Time>,
    /// Whether it is later than that.
    pub overdue: bool,
    /// When it is in customers' hands at the latest, by the release that it is planned for.
    pub planned_release: Option<SalesRelease>,
    pub released_at: Option<Time>,
    /// The account's people who were to be told, each with what became of it.
    pub told: Vec<SalesTold>,
}

/// The open release that a story is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SalesRelease {
    pub id: Id,
    pub name: String,
}

/// One of the account's people who was to be told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SalesTold {
    pub customer_id: Id,
    pub name: Option<String>,
    pub state: ClosureState,
    pub told_at: Option<Time>,
    pub answered_at: Option<Time>,
}

/// A feedback without a story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SalesFeedback {
    pub feedback_id: Id,
    /// Its beginning.
    pub text: String,
    pub customer: Option<String>,
    pub occurred_at: Time,
    pub theme_id: Option<Id>,
}
