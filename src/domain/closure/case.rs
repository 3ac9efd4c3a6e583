//! Closures: a customer's case in a story, in rounds. The customer is told, then confirms or reopens.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::base::{Id, Time};
use crate::domain::feedback::CustomerRef;
use crate::domain::words;

crate::domain::names! {
    /// The state of a case: `waiting` to be told, `told` without an answer yet, or ended. `recalled`: its message was
    /// stopped before it was sent. `withdrawn`: none of the customer's feedback supports the story any more (`reason`
    /// says why); `told_at` says whether they were told before that.
    pub enum ClosureState {
        Waiting "waiting", Told "told", Confirmed "confirmed", Reopened "reopened", Unreachable "unreachable",
        Expired "expired", Recalled "recalled", Withdrawn "withdrawn",
    }
}

crate::domain::names! {
    /// What the customer is told: that the story is released, that it is declined, or that its release was rolled back.
    /// After a release they are asked whether the problem is solved. The other two they can only acknowledge, or reply
    /// to with more details.
    pub enum ClosureKind { Release "release", Decline "decline", RollBack "roll_back" }
}

impl ClosureKind {
    /// The subject line of the mail, in one language.
    pub fn subject(self, language: Language, product: &str, title: &str) -> String {
        let title = one_line(title);
        let title = match title.char_indices().nth(MOST_TITLE) {
            Some((at, _)) => format!("{}…", title[..at].trim_end()),
            None => title,
        };
        let product = one_line(product);
        match self {
            ClosureKind::Release => words::subject_release(language, product, title),
            ClosureKind::Decline => words::subject_decline(language, product, title),
            ClosureKind::RollBack => words::subject_roll_back(language, product, title),
        }
    }
}

/// The most characters of a story's title in a subject line.
const MOST_TITLE: usize = 120;

crate::domain::names! {
    /// How the customer is told: by mail, by a webhook to the support desk that owns their ticket, or by a member of
    /// the team.
    pub enum Channel { Email "email", Desk "desk", Agent "agent" }
}

/// An act on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosureAct {
    /// The customer was told.
    Tell,
    /// The customer says that it is solved, or acknowledges the message.
    Confirm,
    /// The customer says that it is not solved, or has more to say.
    Reopen,
    /// The customer cannot be reached, or a member closes the case early.
    GiveUp,
    /// The customer did not answer in time, or a newer round replaces this one.
    Expire,
    /// The message is stopped before it is sent.
    Recall,
    /// A message that was recalled or withdrawn is sent after all.
    Resume,
    /// None of the customer's feedback supports the story any more.
    Withdraw,
    /// Some feedback supports it again, and the customer was told before the case was withdrawn.
    Reinstate,
    /// An answer that was recorded by mistake is removed.
    UndoAnswer,
    /// That the customer was told was recorded by mistake.
    UndoTell,
}

impl ClosureAct {
    /// Every act.
    pub const ALL: [ClosureAct; 11] = [
        ClosureAct::Tell,
        ClosureAct::Confirm,
        ClosureAct::Reopen,
        ClosureAct::GiveUp,
        ClosureAct::Expire,
        ClosureAct::Recall,
        ClosureAct::Resume,
        ClosureAct::Withdraw,
        ClosureAct::Reinstate,
        ClosureAct::UndoAnswer,
        ClosureAct::UndoTell,
    ];

    /// The error text where the act is not allowed in the present state.
    pub fn refusal(self) -> &'static str {
        match self {
            ClosureAct::Recall => "only what waits to be told can be recalled.",
            ClosureAct::Resume => "only what was recalled can be sent after all.",
            ClosureAct::UndoAnswer => "there is no answer to undo.",
            ClosureAct::UndoTell => "only what was told can be marked as not told.",
            _ => "nothing more can be done with it.",
        }
    }
}

impl ClosureState {
    /// The state after an act; `None` where the act is not allowed in this state.
    ///
    /// | from | tell | confirm | reopen | give up | expire | recall | resume | withdraw | reinstate | undo |
    /// | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    /// | `waiting` | `told` | | | `unreachable` | `expired` | `recalled` | | `withdrawn` | | |
    /// | `told` | | `confirmed` | `reopened` | `unreachable` | `expired` | | | `withdrawn` | | `waiting` |
    /// | `unreachable` | `told` | | | | | | | `withdrawn` | | |
    /// | `recalled` | `told` | | | | | | `waiting` | `withdrawn` | | |
    /// | `withdrawn` | | | | | | | `waiting` | | `told` | |
    /// | `confirmed`, `reopened` | | | | | | | | | | `told` |
    ///
    /// A customer who could not be reached, or who was not to be told, may still be told later. An answer stays until
    /// it is undone. `expired` is final.
    pub fn after(self, act: ClosureAct) -> Option<ClosureState> {
        use ClosureState::*;
        match (self, act) {
            (Waiting | Unreachable | Recalled, ClosureAct::Tell) => Some(Told),
            (Told, ClosureAct::Confirm) => Some(Confirmed),
            (Told, ClosureAct::Reopen) => Some(Reopened),
            (Waiting | Told, ClosureAct::GiveUp) => Some(Unreachable),
            (Waiting | Told, ClosureAct::Expire) => Some(Expired),
            (Waiting, ClosureAct::Recall) => Some(Recalled),
            (Recalled | Withdrawn, ClosureAct::Resume) => Some(Waiting),
            (Waiting | Told | Unreachable | Recalled, ClosureAct::Withdraw) => Some(Withdrawn),
            (Withdrawn, ClosureAct::Reinstate) => Some(Told),
            (Confirmed | Reopened, ClosureAct::UndoAnswer) => Some(Told),
            (Told, ClosureAct::UndoTell) => Some(Waiting),
            _ => None,
        }
    }

    /// Whether the case has ended: it waits for nothing.
    pub fn is_ended(self) -> bool {
        !matches!(self, ClosureState::Waiting | ClosureState::Told)
    }

    /// Whether the case has ended without an open problem. A story whose cases are all settled can be closed.
    pub fn is_settled(self) -> bool {
        self.is_ended() && self != ClosureState::Reopened
    }
}

/// A reference to a story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoryRef {
    pub id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    #[schema(example = "Refund has not arrived")]
    pub title: String,
}

/// A closure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Closure {
    pub id: Id,
    pub product_id: Id,
    pub story: StoryRef,
    pub customer: CustomerRef,
    /// The round of the story: 1 for the first release, decline or roll-back that its customers were told of.
    pub round: i32,
    pub kind: ClosureKind,
    pub state: ClosureState,
    pub channel: Channel,
    /// The release that the customer is told of: it was shipped, or rolled back.
    pub release_id: Option<Id>,
    /// The member who has to tell them, where `channel` is `agent`; `null` where the to-do is not assigned.
    pub assignee_id: Option<Id>,
    /// Ids of their feedback for this story at the time of the release: at most 20, newest first.
    pub said_ids: Vec<Id>,
    /// Id of the new feedback that holds their answer, where it was not solved.
    pub feedback_id: Option<Id>,
    /// Why they could not be reached, or why the case ended without an answer.
    pub reason: Option<String>,
    /// How they were told, as noted by the member who told them.
    pub note: Option<String>,
    /// The earliest time at which the mail, or the request to the support desk, is sent. Until then it can be recalled.
    /// `null` where a member of the team tells them.
    pub send_at: Option<Time>,
    /// When the support desk accepted the request. The case stays `waiting` until the desk reports that the customer
    /// was told.
    pub handed_at: Option<Time>,
    pub told_at: Option<Time>,
    /// When the reminder was sent.
    pub reminded_at: Option<Time>,
    pub answered_at: Option<Time>,
    /// The end of the time in which they can answer.
    pub expires_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The query parameters of the list of closures. A closure must match every filter that is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClosureQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<ClosureState>,
    #[param(inline)]
    pub kind: Option<ClosureKind>,
    #[param(inline)]
    pub channel: Option<Channel>,
    /// `me` or the id of a member: the closures assigned to them; `nobody`: the closures that are not assigned.
    #[param(pattern = "^(me|nobody|[0-9a-fA-F-]{36})$")]
    pub assignee: Option<String>,
    /// Id of a story.
    #[param(inline)]
    pub story: Option<Id>,
    /// Id of a customer.
    #[param(inline)]
    pub customer: Option<Id>,
    /// Id of an account: the closures of its customers.
    #[param(inline)]
    pub account: Option<Id>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A customer's answer, recorded by a member of the team.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"solved": false, "because": "It still takes two weeks by bank transfer."}))]
pub struct ClosureAnswer {
    pub solved: bool,
    /// The customer's explanation in their own words; required where it is not solved.
    #[schema(min_length = 1, max_length = 5000, pattern = "\\S")]
    pub because: Option<String>,
}

/// Records that the customer was told.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"note": "By phone, on her way to work."}))]
pub struct Told {
    /// How they were told, and what they said. The note is kept on the closure.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub note: Option<String>,
}

/// A request to undo what was recorded by mistake, with the reason.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reason": "Recorded for the wrong customer."}))]
pub struct UndoAnswer {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// A request to recall messages, with the reason.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reason": "The entry names the wrong version."}))]
pub struct Recall {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// A request to mark a customer as unreachable, with the reason.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Has left the company."}))]
pub struct Unreachable {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: String,
}

/// The assignment of a closure to a member.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Id of an active member, or `me`.
    pub member_id: Id,
}

crate::domain::names! {
    /// `hard`: the address does not work. `soft`: the mail may still arrive, so nothing changes.
    pub enum BounceKind { Hard "hard", Soft "soft" }
}

/// A mail that bounced, identified by its `Message-ID` or by the address it was sent to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "minji@example.com", "kind": "hard", "reason": "550 5.1.1 no such user"}))]
pub struct Bounce {
    /// The `Message-ID` of the mail, with or without angle brackets.
    #[schema(min_length = 1, max_length = 500)]
    pub message_id: Option<String>,
    /// The address it was sent to.
    #[schema(format = "email", max_length = 320)]
    pub email: Option<String>,
    #[schema(inline)]
    pub kind: BounceKind,
    /// The message of the other mail server.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

/// The effect of a bounce.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Bounced {
    pub customer_id: Id,
    /// The closures that became `unreachable` because of it.
    pub closure_ids: Vec<Id>,
}

/// The outcome of a customer's feedback: a story, its stage, and whether the customer was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Outcome {
    pub story: StoryRef,
    #[schema(inline)]
    pub stage: crate::domain::stories::stage::Stage,
    /// Why the story was moved to this stage. Where it was declined, customers can read the reason too.
    pub stage_reason: Option<String>,
    pub released_at: Option<Time>,
    /// Ids of the customer's feedback behind the story.
    pub feedback_ids: Vec<Id>,
    /// Their latest closure in the story.
    pub closure_id: Option<Id>,
    pub closure_state: Option<ClosureState>,
}

/// A feedback that the caller filed, and its outcomes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnFeedback {
    pub feedback: crate::domain::feedback::Feedback,
    /// The stories that include the feedback, newest first, each with the customer's latest closure.
    pub outcomes: Vec<Outcome>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn act() -> impl Strategy<Value = ClosureAct> {
        proptest::sample::select(ClosureAct::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn who_answers_was_told_and_an_answer_stands_until_it_is_undone(acts in proptest::collection::vec(act(), 0..20)) {
            let (mut state, mut told) = (ClosureState::Waiting, false);
            for act in acts {
                let Some(next) = state.after(act) else { continue };
                prop_assert!(next != state);
                let stopped = matches!(state, ClosureState::Recalled | ClosureState::Withdrawn);
                prop_assert!(next != ClosureState::Waiting || stopped || act == ClosureAct::UndoTell);
                told &= act != ClosureAct::UndoTell;
                told |= next == ClosureState::Told;
                if matches!(next, ClosureState::Confirmed | ClosureState::Reopened) {
                    prop_assert!(told);
                }
                let answered = matches!(state, ClosureState::Confirmed | ClosureState::Reopened);
                prop_assert!(!answered || act == ClosureAct::UndoAnswer, "{state} was left by {act:?}");
                prop_assert!(state != ClosureState::Expired, "{state} was left by {act:?}");
                prop_assert!(told || next != ClosureState::Told);
                state = next;
            }
        }
    }

    #[test]
    fn open_closures_can_be_ended_and_ended_ones_wait_for_nothing() {
        for state in ClosureState::ALL {
            assert_eq!(state.is_ended(), state.after(ClosureAct::GiveUp).is_none(), "{state}");
            assert_eq!(state.is_ended(), state.after(ClosureAct::Expire).is_none(), "{state}");
        }
        assert!(!ClosureState::Reopened.is_settled());
    }
}
