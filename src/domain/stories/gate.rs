//! Gates: checklist items that must be signed by a named person before a story is `ready` or `released`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stage::Stage;
use crate::domain::base::{Id, Time};
use crate::domain::team::{Gate, GateStage};

crate::domain::names! {
    /// The state of a checklist item.
    pub enum GateState { Open "open", Signed "signed", Overridden "overridden" }
}

crate::domain::names! {
    /// A decision about a checklist item.
    pub enum Decision { Signed "signed", Withdrawn "withdrawn", Overridden "overridden" }
}

impl Gate {
    /// Whether a story without this item cannot enter a stage. Items required for `ready` are required for `released`
    /// too.
    pub fn keeps_from(&self, stage: Stage) -> bool {
        match stage {
            Stage::Ready => self.stage == GateStage::Ready,
            Stage::Released => true,
            _ => false,
        }
    }
}

/// A decision about a checklist item of one story. The latest decision counts.
#[derive(Clone, Debug)]
pub struct Signoff {
    pub id: Id,
    pub story_id: Id,
    /// The item's key.
    pub gate: String,
    pub decision: Decision,
    /// The member who decided.
    pub member_id: Option<Id>,
    pub evidence: Option<String>,
    pub reason: Option<String>,
    pub created_at: Time,
}

/// A checklist item of a story, with its state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GateItem {
    #[schema(example = "security_review")]
    pub key: String,
    #[schema(example = "Security review")]
    pub title: String,
    /// The stage that cannot be entered until this is signed.
    pub stage: GateStage,
    pub state: GateState,
    /// The member who last signed, withdrew or overrode it.
    pub member_id: Option<Id>,
    /// When they did.
    pub decided_at: Option<Time>,
    /// The evidence for the signature.
    #[schema(example = "https://wiki.example.com/reviews/17")]
    pub evidence: Option<String>,
    /// Why it was withdrawn or overridden.
    pub reason: Option<String>,
}

impl GateItem {
    /// A checklist item with the last decision about it.
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

/// A request to sign a checklist item.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"evidence": "https://wiki.example.com/reviews/17"}))]
pub struct SignGate {
    /// The evidence: a URL, or a description of what was checked and found.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub evidence: String,
    /// The signing member: an id, or `me`; the member of the token where absent. Only an admin may name another member.
    pub member_id: Option<Id>,
}
