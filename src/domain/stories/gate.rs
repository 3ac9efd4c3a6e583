//! Gates: what a story must have before it is `ready` or `released`, signed by somebody who has a name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stage::Stage;
use crate::domain::base::{Id, Time};
use crate::domain::team::{Gate, GateStage};

crate::domain::names! {
    /// Where an item of a gate stands.
    pub enum GateState { Open "open", Signed "signed", Overridden "overridden" }
}

crate::domain::names! {
    /// What was decided about an item of a gate.
    pub enum Decision { Signed "signed", Withdrawn "withdrawn", Overridden "overridden" }
}

impl Gate {
    /// Whether a story without this item is kept from a stage: what it takes to be ready, it takes to be released too.
    pub fn keeps_from(&self, stage: Stage) -> bool {
        match stage {
            Stage::Ready => self.stage == GateStage::Ready,
            Stage::Released => true,
            _ => false,
        }
    }
}

/// A decision about an item of a gate of one story; a later one goes before an earlier one.
#[derive(Clone, Debug)]
pub struct Signoff {
    pub id: Id,
    pub story_id: Id,
    /// The item's key.
    pub gate: String,
    pub decision: Decision,
    /// Who decided.
    pub member_id: Option<Id>,
    pub evidence: Option<String>,
    pub reason: Option<String>,
    pub created_at: Time,
}

/// An item of a story's gates, as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GateItem {
    #[schema(example = "security_review")]
    pub key: String,
    #[schema(example = "Security review")]
    pub title: String,
    /// The stage that is closed until this is signed.
    pub stage: GateStage,
    pub state: GateState,
    /// Who signed, withdrew or overrode it last.
    pub member_id: Option<Id>,
    /// When that was.
    pub decided_at: Option<Time>,
    /// What the signature stands on.
    #[schema(example = "https://wiki.example.com/reviews/17")]
    pub evidence: Option<String>,
    /// Why it was withdrawn or overridden.
    pub reason: Option<String>,
}

impl GateItem {
    /// An item with the last decision about it.
    pub fn new(gate: &Gate, last: Option<&Signoff>) -> Self {
        Self {
            key: gate.key.clone(),
            title: gate.title.clone(),
            stage: gate.stage,
            state: match last.map(|signoff| signoff.decision) {
                None | Some(Decision::Withdrawn) => GateState::Open,
                Some(Decision::Signed) => GateState::Signed,
                Some(Decision::Overridden) => GateState::Overridden,
            },
            member_id: last.and_then(|signoff| signoff.member_id),
            decided_at: last.map(|signoff| signoff.created_at),
            evidence: last.and_then(|signoff| signoff.evidence.clone()),
            reason: last.and_then(|signoff| signoff.reason.clone()),
        }
    }
}

/// Sign an item of a gate.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"evidence": "https://wiki.example.com/reviews/17"}))]
pub struct SignGate {
    /// What the signature stands on: an address, or what was checked and found.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub evidence: String,
    /// Who signs: the id of a member, or `me`; the member of the token where absent. Only an admin may name another.
    pub member_id: Option<Id>,
}
