//! Repeats: earlier postmortems that a new incident is like.

use serde::Serialize;
use utoipa::ToSchema;

use super::PostmortemState;
use super::action::PostmortemAction;
use crate::domain::base::Id;

/// At most this many postmortems are shown with an incident.
pub const MOST_SHOWN: usize = 3;

/// An earlier postmortem that an incident is like.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarPostmortem {
    pub postmortem_id: Id,
    pub incident_id: Id,
    /// The number of its incident.
    #[schema(example = "HB-INC-1")]
    pub incident_number: String,
    pub title: String,
    pub state: PostmortemState,
    /// 0 to 1: how much the incident shares with it, in words and in meaning.
    #[schema(example = 0.41)]
    pub score: f64,
    /// How many of its actions are not done.
    pub open_actions: usize,
    /// Those of them whose due date is over.
    pub overdue_actions: usize,
    /// Its actions that are not done, the overdue ones first, with their stories.
    pub actions: Vec<PostmortemAction>,
}

/// The earlier postmortems that an incident is like: those with open actions first, then the most similar first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Repeats {
    pub data: Vec<SimilarPostmortem>,
}
