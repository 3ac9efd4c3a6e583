//! One customer's case in one story, in rounds: told when it is released, then confirmed or reopened by them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::base::{Id, Time};
use crate::domain::feedback::CustomerRef;
use crate::domain::words;

crate::domain::names! {
    /// How far a case has come: `waiting` to be told, `told` and not answered, or ended. `recalled`: its message was
    /// stopped before it left. `withdrawn`: nothing that the customer said stands behind the story any more (`reason` says
    /// why); `told_at` says whether they were told before that.
    pub enum ClosureState {
        Waiting "waiting", Told "told", Confirmed "confirmed", Reopened "reopened", Unreachable "unreachable",
        Expired "expired", Recalled "recalled", Withdrawn "withdrawn",
    }
}

crate::domain::names! {
    /// What the customer is told: that the story is released, that it is declined, or that its release was rolled back.
    /// Of a release they are asked whether it is solved; the other two they can only take note of, or tell us more.
    pub enum ClosureKind { Release "release", Decline "decline", RollBack "roll_back" }
}

impl ClosureKind {
    /// The subject of a mail that tells it, in a language.
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

/// Characters of a title in a subject.
const MOST_TITLE: usize = 120;

crate::domain::names! {
    /// How the customer is told: a mail, a webhook to the support desk that owns their ticket, or a member of the team.
    pub enum Channel { Email "email", Desk "desk", Agent "agent" }
}

/// What happens to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosureAct {
    /// The customer was told.
    Tell,
    /// They say it is solved, or that they understood.
    Confirm,
    /// They say it isn't, or that there is more to say.
    Reopen,
    /// Nobody can reach them, or somebody closes early.
    GiveUp,
    /// They didn't answer in time, or a newer round takes over.
    Expire,
    /// Its message is stopped before it leaves.
    Recall,
    /// What was recalled or withdrawn is sent after all.
    Resume,
    /// Nothing they said stands behind the story any more.
    Withdraw,
    /// Something does again, and they were told before it was withdrawn.
    Reinstate,
    /// An answer was recorded by mistake.
    UndoAnswer,
}

impl ClosureAct {
    /// Every act.
    pub const ALL: [ClosureAct; 10] = [
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
    ];

    /// What to say where it has no place.
    pub fn refusal(self) -> &'static str {
        match self {
            ClosureAct::Recall => "only what waits to be told can be recalled.",
            ClosureAct::Resume => "only what was recalled can be sent after all.",
            ClosureAct::UndoAnswer => "there is no answer to undo.",
            _ => "nothing more can be done with it.",
        }
    }
}

impl ClosureState {
    /// Where an act leads from here; `None` where it has no place.
    ///
    /// | from | tell | confirm | reopen | give up | expire | recall | resume | withdraw | reinstate | undo answer |
    /// | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    /// | `waiting` | `told` | | | `unreachable` | `expired` | `recalled` | | `withdrawn` | | |
    /// | `told` | | `confirmed` | `reopened` | `unreachable` | `expired` | | | `withdrawn` | | |
    /// | `unreachable` | `told` | | | | | | | `withdrawn` | | |
    /// | `recalled` | `told` | | | | | | `waiting` | `withdrawn` | | |
    /// | `withdrawn` | | | | | | | `waiting` | | `told` | |
    /// | `confirmed`, `reopened` | | | | | | | | | | `told` |
    ///
    /// Who could not be reached, or was not to be told, may be told after all; an answer stands until it is undone;
    /// `expired` is final.
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
            _ => None,
        }
    }

    /// Nothing is awaited any more.
    pub fn is_ended(self) -> bool {
        !matches!(self, ClosureState::Waiting | ClosureState::Told)
    }

    /// Ended, and not because something is still wrong: a story whose cases are all settled can be closed.
    pub fn is_settled(self) -> bool {
        self.is_ended() && self != ClosureState::Reopened
    }
}

/// A story, where it is mentioned.
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
    /// Which round of the story it belongs to: 1 for the first release, decline or roll-back that was told.
    pub round: i32,
    pub kind: ClosureKind,
    pub state: ClosureState,
    pub channel: Channel,
    /// The release that brought it to the customer, or was taken back.
    pub release_id: Option<Id>,
    /// Whose to-do it is to tell them, where `channel` is `agent`; `null` for anybody's.
    pub assignee_id: Option<Id>,
    /// What they said for this story, as it stood when it was released: at most 20, newest first.
    pub said_ids: Vec<Id>,
    /// What they said when it was not solved, as new feedback.
    pub feedback_id: Option<Id>,
    /// Why they could not be reached, or why it ended without an answer.
    pub reason: Option<String>,
    /// How they were told, as whoever told them noted it.
    pub note: Option<String>,
    /// The mail, or the request to the desk, leaves no earlier: until then it can be recalled. `null` where an agent
    /// tells them.
    pub send_at: Option<Time>,
    /// When the support desk took it over. It is `waiting` until the desk says that the customer was told.
    pub handed_at: Option<Time>,
    pub told_at: Option<Time>,
    /// When the reminder became due and went out.
    pub reminded_at: Option<Time>,
    pub answered_at: Option<Time>,
    /// Until when they can answer.
    pub expires_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// Which closures a list shows; every filter given must hold.
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
    /// `me`, or the id of a member: their to-do list; `nobody`: what is nobody's yet.
    #[param(pattern = "^(me|nobody|[0-9a-fA-F-]{36})$")]
    pub assignee: Option<String>,
    /// Id of a story.
    #[param(inline)]
    pub story: Option<Id>,
    /// Id of a customer.
    #[param(inline)]
    pub customer: Option<Id>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// What a customer answered, as an agent records it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"solved": false, "because": "It still takes two weeks by bank transfer."}))]
pub struct ClosureAnswer {
    pub solved: bool,
    /// In the customer's words; needed where it is not solved.
    #[schema(min_length = 1, max_length = 5000, pattern = "\\S")]
    pub because: Option<String>,
}

/// That the customer was told.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"note": "By phone, on her way to work."}))]
pub struct Told {
    /// How they were told, and what they said; kept on the closure.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub note: Option<String>,
}

/// Why an answer is undone.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reason": "Recorded for the wrong customer."}))]
pub struct UndoAnswer {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// Why messages are recalled.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reason": "The entry names the wrong version."}))]
pub struct Recall {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// Why a customer can't be reached.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Has left the company."}))]
pub struct Unreachable {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: String,
}

/// Whose to-do it becomes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Id of an active member, or `me`.
    pub member_id: Id,
}

crate::domain::names! {
    /// `hard`: the address does not work. `soft`: the mail may still arrive; it changes nothing.
    pub enum BounceKind { Hard "hard", Soft "soft" }
}

/// A mail that came back: named by its `Message-ID`, or by the address it was sent to.
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
    /// What the other side said.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

/// What a bounce changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Bounced {
    pub customer_id: Id,
    /// The closures that are `unreachable` now because of it.
    pub closure_ids: Vec<Id>,
}

/// What became of something a customer said: a story, where it stands, and whether they were told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Outcome {
    pub story: StoryRef,
    #[schema(inline)]
    pub stage: crate::domain::stories::stage::Stage,
    /// Why it was moved there: the reason of a decline is for the customer too.
    pub stage_reason: Option<String>,
    pub released_at: Option<Time>,
    /// What they said for it.
    pub feedback_ids: Vec<Id>,
    /// Their latest case in it.
    pub closure_id: Option<Id>,
    pub closure_state: Option<ClosureState>,
}

/// A feedback that somebody filed, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnFeedback {
    pub feedback: crate::domain::feedback::Feedback,
    /// The stories that carry it, newest first, each with its customer's latest case in it.
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
                prop_assert!(next != ClosureState::Waiting || stopped);
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
    fn what_is_open_can_be_ended_and_what_is_ended_awaits_nothing() {
        for state in ClosureState::ALL {
            assert_eq!(state.is_ended(), state.after(ClosureAct::GiveUp).is_none(), "{state}");
            assert_eq!(state.is_ended(), state.after(ClosureAct::Expire).is_none(), "{state}");
        }
        assert!(!ClosureState::Reopened.is_settled());
    }
}
