//! Escalation: who is paged for an open incident, step by step, until somebody acknowledges it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

/// One minute in microseconds.
const MINUTE: i64 = 60 * Time::SECOND;

crate::domain::names! {
    /// Whom a step pages. `owner`: the owner of the incident. `next_on_rota`: who is on duty now, or the next one on the
    /// rotas if they were paged already. `rota`: who is on duty in one rota. `member`: one member. `product_owner`: the owner
    /// of the product, or the first admin.
    pub enum PageTarget {
        Owner "owner", NextOnRota "next_on_rota", Rota "rota", Member "member", ProductOwner "product_owner"
    }
}

/// One step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationStep {
    /// How many minutes after the incident was opened the step is due.
    #[schema(minimum = 0, maximum = 9000, example = 15)]
    pub after_minutes: i32,
    pub whom: PageTarget,
    /// The rota, where `whom` is `rota`.
    #[serde(default)]
    pub rota_id: Option<Id>,
    /// The member, where `whom` is `member`.
    #[serde(default)]
    pub member_id: Option<Id>,
}

/// The escalation of a product's incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EscalationPolicy {
    pub product_id: Id,
    /// Whether nobody has changed it: every product begins with the same.
    pub is_default: bool,
    pub steps: Vec<EscalationStep>,
    /// How often all steps are repeated where nobody acknowledges.
    pub repeats: i32,
    /// How many minutes after its first step a round of steps begins again.
    pub repeat_after_minutes: i32,
    /// Minutes until an acknowledgement expires. It expires earlier where the shift of the member who acknowledged ends
    /// earlier.
    pub acknowledged_minutes: i32,
    pub version: i32,
}

/// The editable fields of an escalation (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"steps": [{"after_minutes": 0, "whom": "owner"}, {"after_minutes": 15, "whom": "next_on_rota"}]}))]
pub struct EscalationEdit {
    /// The steps in their order; the first is due at once (`after_minutes` 0).
    #[serde(default)]
    #[schema(min_items = 1, max_items = 10)]
    pub steps: Vec<EscalationStep>,
    /// How often all steps are repeated where nobody acknowledges.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5)]
    pub repeats: i32,
    /// How many minutes after its first step a round of steps begins again; more than the last step's `after_minutes`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10000)]
    pub repeat_after_minutes: i32,
    /// Minutes until an acknowledgement expires. It expires earlier where the shift of the member who acknowledged ends
    /// earlier.
    #[serde(default)]
    #[schema(minimum = 5, maximum = 10080)]
    pub acknowledged_minutes: i32,
}

impl From<&EscalationPolicy> for EscalationEdit {
    fn from(policy: &EscalationPolicy) -> Self {
        Self {
            steps: policy.steps.clone(),
            repeats: policy.repeats,
            repeat_after_minutes: policy.repeat_after_minutes,
            acknowledged_minutes: policy.acknowledged_minutes,
        }
    }
}

/// A step of one round that is due at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueStep {
    /// 0 for the first round.
    pub round: i32,
    /// The place of the step in the policy.
    pub place: i32,
    pub due_at: Time,
    pub step: EscalationStep,
}

impl EscalationPolicy {
    /// The policy of a product that nobody has changed: the owner at once, the next on the rota after 15 minutes, the
    /// owner of the product after 30; twice again.
    pub fn of_nobody(product_id: Id) -> Self {
        let step = |after_minutes, whom| EscalationStep { after_minutes, whom, rota_id: None, member_id: None };
        let steps =
            vec![step(0, PageTarget::Owner), step(15, PageTarget::NextOnRota), step(30, PageTarget::ProductOwner)];
        Self {
            product_id,
            is_default: true,
            steps,
            repeats: 2,
            repeat_after_minutes: 45,
            acknowledged_minutes: 480,
            version: 0,
        }
    }

    /// All steps of an escalation that began at a time, in their order.
    pub fn schedule(&self, begun_at: Time) -> Vec<DueStep> {
        let mut steps = Vec::new();
        for round in 0..=self.repeats.max(0) {
            for (place, step) in self.steps.iter().enumerate() {
                let minutes = i64::from(round) * i64::from(self.repeat_after_minutes) + i64::from(step.after_minutes);
                let due_at = begun_at.plus(minutes * MINUTE);
                steps.push(DueStep { round, place: place as i32, due_at, step: step.clone() });
            }
        }
        steps.sort_by_key(|step| (step.due_at, step.round, step.place));
        steps
    }

    /// The steps that are due at a time, in their order.
    pub fn due(&self, begun_at: Time, now: Time) -> Vec<DueStep> {
        let mut steps = self.schedule(begun_at);
        steps.retain(|step| step.due_at <= now);
        steps
    }

    /// When an acknowledgement expires: after the time of the policy, or at the end of the member's shift if that is earlier.
    pub fn expires_at(&self, acknowledged_at: Time, shift_ends_at: Option<Time>) -> Time {
        let latest = acknowledged_at.plus(i64::from(self.acknowledged_minutes) * MINUTE);
        shift_ends_at.filter(|end| *end > acknowledged_at).map_or(latest, |end| end.min(latest))
    }
}

crate::domain::names! {
    /// Why an escalation began.
    pub enum EscalationReason {
        Opened "opened", AcknowledgementExpired "acknowledgement_expired", ShiftEnded "shift_ended",
        HandOffReturned "hand_off_returned", Reopened "reopened"
    }
}

/// One escalation of an incident. It ends when the incident is acknowledged, mitigated or resolved; a later one has the
/// next number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    pub id: Id,
    pub incident_id: Id,
    pub number: i32,
    pub because: EscalationReason,
    pub begun_at: Time,
}

/// A page: a member is told of an incident, and asked to acknowledge it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IncidentPage {
    pub id: Id,
    pub incident_id: Id,
    /// Who is paged.
    pub member_id: Id,
    /// The number of the escalation: 1 for the first, more after an acknowledgement has expired.
    pub escalation: i32,
    /// 0 for the first round of steps.
    pub round: i32,
    /// The place of the step in the policy.
    pub step: i32,
    /// Whom the step pages.
    pub whom: PageTarget,
    /// Why the escalation began.
    pub because: EscalationReason,
    pub due_at: Time,
    pub created_at: Time,
    /// When the mail server took the mail; `null` before, and without a mail server.
    pub sent_at: Option<Time>,
    /// When it was given up, because nothing could be sent or the incident was acknowledged before.
    pub over_at: Option<Time>,
}

/// A step to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextPage {
    pub due_at: Time,
    pub whom: PageTarget,
    /// Who it would be now; `null` where there is nobody.
    pub member_id: Option<Id>,
}

/// The pages of an incident, and who is paged next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IncidentPages {
    /// The pages, oldest first.
    pub data: Vec<IncidentPage>,
    /// `null` where nobody will be paged: the incident was acknowledged or is over, or all steps were taken.
    pub next: Option<NextPage>,
    /// When the acknowledgement expires, where the incident is acknowledged: then paging begins again.
    pub acknowledged_until: Option<Time>,
}
