//! Why a member owns an incident.

use serde::{Deserialize, Serialize};

use crate::domain::base::Id;
use crate::domain::base::language::Language;
use crate::domain::words;

crate::domain::names! {
    /// Why a member owns an incident.
    pub enum OwnershipReason {
        OnDuty "on_duty", ProductOwner "product_owner", FirstAdmin "first_admin", HandOff "hand_off",
        TakenOver "taken_over", Escalated "escalated", OwnerLeft "owner_left",
    }
}

/// Why a member owns an incident, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ownership {
    /// The key of the sentence.
    pub key: OwnershipReason,
    /// The rota or the hand-off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
}

impl Ownership {
    /// Ownership for this reason.
    pub fn of(key: OwnershipReason, by: Option<Id>) -> Self {
        Self { key, by }
    }

    /// The reason as a sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self.key {
            OwnershipReason::OnDuty => words::owner_on_duty(language),
            OwnershipReason::ProductOwner => words::owner_of_product(language),
            OwnershipReason::FirstAdmin => words::owner_first_admin(language),
            OwnershipReason::HandOff => words::owner_hand_off(language),
            OwnershipReason::TakenOver => words::owner_taken_over(language),
            OwnershipReason::Escalated => words::owner_escalated(language),
            OwnershipReason::OwnerLeft => words::owner_left(language),
        }
    }
}
