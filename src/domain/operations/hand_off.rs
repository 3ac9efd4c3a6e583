//! Hand-offs: offers to take over an incident. The owner stays the owner until the other accepts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// Why an incident is offered to another member.
    pub enum HandOffReason {
        NotMine "not_mine", NeedSkill "need_skill", ShiftEnd "shift_end", Escalated "escalated", Other "other",
    }
}

impl HandOffReason {
    /// Whether the incident was passed on because of what it is about. The end of a shift and an escalation are planned,
    /// and are counted apart.
    pub fn is_bounce(self) -> bool {
        matches!(self, HandOffReason::NotMine | HandOffReason::NeedSkill | HandOffReason::Other)
    }
}

crate::domain::names! {
    /// The state of an offer. `returned`: nobody accepted it in time.
    pub enum HandOffState {
        Offered "offered", Accepted "accepted", Declined "declined", Withdrawn "withdrawn", Returned "returned",
    }
}

/// An offer to take over an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandOff {
    pub id: Id,
    pub incident_id: Id,
    /// The owner at the time of the offer.
    pub from_id: Id,
    pub to_id: Id,
    pub reason: HandOffReason,
    pub text: Option<String>,
    pub state: HandOffState,
    /// The member or service that made the offer.
    pub offered_by: Option<Id>,
    pub offered_at: Time,
    /// When the offer ends if nobody accepts it.
    pub expires_at: Time,
    pub ended_at: Option<Time>,
    /// The team of the owner, or their role where they have no team.
    #[schema(example = "payments")]
    pub from_team: String,
    #[schema(example = "platform")]
    pub to_team: String,
    /// Whether the other member had owned the incident before.
    pub is_back: bool,
}

/// An offer to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"member_id": "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d", "reason": "need_skill"}))]
pub struct NewHandOff {
    /// The member to offer it to: an id, or `me`. Who takes an incident over accepts at once.
    pub member_id: Id,
    pub reason: HandOffReason,
    /// More about the reason; required with `other`.
    #[schema(min_length = 1, max_length = 5_000, pattern = "\\S")]
    pub text: Option<String>,
}
