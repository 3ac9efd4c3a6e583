//! The stages of a story, and the transitions between them.
//!
//! `draft -> accepted -> scoped -> designing -> building -> testing -> ready -> released -> closing -> closed`, with
//! `declined` and `duplicate` as ends. [`step`] is the table of transitions; [`transition`] adds the conditions of
//! each.

use std::fmt;

crate::domain::names! {
    /// The stage of a story. The order of the variants is the order of the work.
    pub enum Stage {
        Draft "draft", Accepted "accepted", Scoped "scoped", Designing "designing", Building "building",
        Testing "testing", Ready "ready", Released "released", Closing "closing", Closed "closed",
        Declined "declined", Duplicate "duplicate",
    }
}

impl Stage {
    /// Whether the story is accepted and not yet released: the team works on it.
    pub fn in_development(self) -> bool {
        (Stage::Accepted..=Stage::Ready).contains(&self)
    }

    /// Whether customers have it: it is released, or later on the way to closed.
    pub fn is_shipped(self) -> bool {
        (Stage::Released..=Stage::Closed).contains(&self)
    }

    /// Whether a gate must be signed before a story enters this stage.
    pub fn is_gated(self) -> bool {
        matches!(self, Stage::Ready | Stage::Released)
    }
}

/// Who moves the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member of the team.
    Person,
    /// A commit, a deployment or a job. It only moves a story forward, and never a draft.
    Automation,
}

/// The conditions that the rules check besides the two stages.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub actor: Actor,
    /// Whether a reason was given that is not blank.
    pub has_reason: bool,
    /// Whether the gates of the target stage are open; only `ready` and `released` have gates.
    pub gates_open: bool,
    /// How many of the story's closures are `waiting`.
    pub waiting_closures: u64,
}

impl Context {
    /// A person without a reason; the gates are open and no closure waits.
    pub fn person() -> Self {
        Self { actor: Actor::Person, has_reason: false, gates_open: true, waiting_closures: 0 }
    }

    /// Automation; the gates are open and no closure waits.
    pub fn automation() -> Self {
        Self { actor: Actor::Automation, ..Self::person() }
    }
}

/// Why a transition was refused. Its `Display` is a sentence that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The story is in this stage already.
    AlreadyThere { stage: Stage },
    /// A duplicate is marked by naming the other story, not by a transition.
    DuplicateNeedsOther,
    /// The table has no transition between these stages.
    Unreachable { from: Stage, to: Stage },
    /// Only a person may do this.
    PersonRequired { from: Stage, to: Stage },
    /// A reason is required for going back, declining and reconsidering.
    ReasonRequired { to: Stage },
    /// A gate of the stage is closed.
    GatesClosed { to: Stage },
    /// Some customers have not been told yet.
    ClosuresWaiting { count: u64 },
}

impl Refusal {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::AlreadyThere { .. } => "already_there",
            Refusal::DuplicateNeedsOther => "duplicate_needs_other",
            Refusal::Unreachable { .. } => "stage_unreachable",
            Refusal::PersonRequired { .. } => "person_required",
            Refusal::ReasonRequired { .. } => "reason_required",
            Refusal::GatesClosed { .. } => "gates_closed",
            Refusal::ClosuresWaiting { .. } => "closures_waiting",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::AlreadyThere { stage } => write!(f, "The story is in `{stage}` already. {}", ways(*stage)),
            Refusal::DuplicateNeedsOther => {
                write!(f, "To mark a story as a duplicate, name the story it duplicates instead of moving it.")
            }
            Refusal::Unreachable { from, to } => {
                write!(f, "A story can't move from `{from}` to `{to}`. {}", ways(*from))
            }
            Refusal::PersonRequired { from, to } => write!(
                f,
                "Automation moves a story forward only, and never a draft: a person has to move it from `{from}` to `{to}`."
            ),
            Refusal::ReasonRequired { to } => write!(f, "Give a reason for the move to `{to}`."),
            Refusal::GatesClosed { to } => {
                write!(f, "A gate of `{to}` is still closed. Have it signed, then try again.")
            }
            Refusal::ClosuresWaiting { count } => write!(
                f,
                "The story can't be closed while customers wait for an answer ({count} waiting). Tell them first."
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// The possible transitions from a stage, as a sentence.
fn ways(from: Stage) -> String {
    let names: Vec<_> = reachable(from).iter().map(|stage| format!("`{stage}`")).collect();
    match names.as_slice() {
        [] => format!("Nothing leads on from `{from}`; undo what brought it there."),
        names => format!("From `{from}` it can move to {}.", names.join(", ")),
    }
}

/// A kind of transition; each has its own conditions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Forward,
    /// To an earlier stage of development; from a shipped story this is a reopening.
    Back,
    Decline,
    /// A declined story is considered again.
    Reconsider,
}

/// The table of transitions, without their conditions.
fn step(from: Stage, to: Stage) -> Option<Step> {
    use Stage::*;
    match (from, to) {
        (Draft, Accepted) => Some(Step::Forward),
        (a, b) if a.in_development() && b.in_development() && a < b => Some(Step::Forward),
        (Ready, Released) | (Released, Closing) | (Closing, Closed) => Some(Step::Forward),
        (a, b) if a.in_development() && b.in_development() && a > b => Some(Step::Back),
        (a, b) if a.is_shipped() && b.in_development() => Some(Step::Back),
        (a, Declined) if a < Released => Some(Step::Decline),
        (Declined, Draft | Accepted) => Some(Step::Reconsider),
        _ => None,
    }
}

/// Whether a story may move from one stage to another now.
///
/// | transition | conditions |
/// | --- | --- |
/// | `draft` to `accepted` | a person |
/// | forward within development, skipping stages or not | open gates, where it enters `ready` |
/// | `ready` to `released` | open gates |
/// | `released` to `closing` | none |
/// | `closing` to `closed` | no closure `waiting` |
/// | back within development; from `released`, `closing`, `closed` into development | a person and a reason; open
/// gates, where it enters `ready` |
/// | to `declined`, before the release | a person and a reason |
/// | `declined` to `draft` or `accepted` | a person and a reason |
/// | to `duplicate` | not a transition: see [`mark_duplicate`] |
pub fn transition(from: Stage, to: Stage, context: &Context) -> Result<(), Refusal> {
    if from == to {
        return Err(Refusal::AlreadyThere { stage: from });
    }
    if to == Stage::Duplicate {
        return Err(Refusal::DuplicateNeedsOther);
    }
    let step = step(from, to).ok_or(Refusal::Unreachable { from, to })?;
    if context.actor == Actor::Automation && (step != Step::Forward || from == Stage::Draft) {
        return Err(Refusal::PersonRequired { from, to });
    }
    if step != Step::Forward && !context.has_reason {
        return Err(Refusal::ReasonRequired { to });
    }
    if to.is_gated() && !context.gates_open {
        return Err(Refusal::GatesClosed { to });
    }
    if to == Stage::Closed && context.waiting_closures > 0 {
        return Err(Refusal::ClosuresWaiting { count: context.waiting_closures });
    }
    Ok(())
}

/// The stages to which a person can move a story from here if all conditions hold, in the order of the work.
pub fn reachable(from: Stage) -> Vec<Stage> {
    Stage::ALL.iter().copied().filter(|to| step(from, *to).is_some()).collect()
}

/// The transitions by which automation moves a story to a later stage, in order; none where it may not. A story is
/// never released without having been ready, and never closed before it was released.
pub fn steps(from: Stage, to: Stage) -> &'static [Stage] {
    use Stage::*;
    match (from, to) {
        (a, Released) if a.in_development() && a < Ready => &[Ready, Released],
        (Released, Closed) => &[Closing, Closed],
        (a, b) if a != Draft && a < b && step(a, b).is_some_and(|s| s == Step::Forward) => {
            let at = b as usize;
            &Stage::ALL[at..=at]
        }
        _ => &[],
    }
}

/// Whether a story may become a duplicate of another, which the caller names. This is possible only before its release,
/// because customers are told of it afterwards. The engine may do it to an untouched draft.
pub fn mark_duplicate(from: Stage) -> Result<(), Refusal> {
    match from {
        Stage::Duplicate => Err(Refusal::AlreadyThere { stage: from }),
        stage if stage < Stage::Released => Ok(()),
        _ => Err(Refusal::Unreachable { from, to: Stage::Duplicate }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::Stage::*;
    use super::*;

    fn stage() -> impl Strategy<Value = Stage> {
        select(Stage::ALL)
    }

    fn context() -> impl Strategy<Value = Context> {
        (select(vec![Actor::Person, Actor::Automation]), any::<bool>(), any::<bool>(), 0..3u64).prop_map(
            |(actor, has_reason, gates_open, waiting_closures)| Context {
                actor,
                has_reason,
                gates_open,
                waiting_closures,
            },
        )
    }

    /// The allowed transitions of a random walk.
    fn walk(attempts: &[(Stage, Context)]) -> Vec<(Stage, Stage, Context)> {
        let mut at = Draft;
        let mut moves = Vec::new();
        for (to, context) in attempts {
            if transition(at, *to, context).is_ok() {
                moves.push((at, *to, *context));
                at = *to;
            }
        }
        moves
    }

    /// The stages that a person with a reason can reach in any number of transitions.
    fn all_ahead(from: Stage) -> Vec<Stage> {
        let mut found = vec![from];
        let mut next = 0;
        while let Some(at) = found.get(next).copied() {
            next += 1;
            for to in reachable(at) {
                if !found.contains(&to) {
                    found.push(to);
                }
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn a_walk_keeps_every_rule(attempts in prop::collection::vec((stage(), context()), 0..60)) {
            for (from, to, context) in walk(&attempts) {
                prop_assert!(to != Closed || context.waiting_closures == 0, "closed while customers wait");
                prop_assert!(!to.is_gated() || context.gates_open, "past a closed gate");
                prop_assert!(to != Released || from == Ready, "released without being ready");
                prop_assert!(to != Closing || from == Released);
                prop_assert!(to != Closed || from == Closing);
                prop_assert!(to != Duplicate, "a duplicate of nothing");
                prop_assert!(from != Draft || matches!(to, Accepted | Declined), "work on a draft");
                prop_assert!(to != Declined || !from.is_shipped(), "declined what customers have");
                let forward = from < to && to != Declined;
                prop_assert!(forward || context.has_reason, "back, declined or reconsidered without a reason");
                if context.actor == Actor::Automation {
                    prop_assert!(forward, "automation went back");
                    prop_assert!(from != Draft, "automation moved a draft");
                }
            }
        }

        #[test]
        fn an_allowed_move_is_a_reachable_one(from in stage(), to in stage(), context in context()) {
            if transition(from, to, &context).is_ok() {
                prop_assert!(reachable(from).contains(&to));
            }
            if reachable(from).contains(&to) {
                let ideal = Context { has_reason: true, ..Context::person() };
                prop_assert_eq!(transition(from, to, &ideal), Ok(()));
            }
        }

        #[test]
        fn automation_gets_there_by_allowed_moves_or_not_at_all(from in stage(), to in stage()) {
            let mut at = from;
            for next in steps(from, to) {
                prop_assert_eq!(transition(at, *next, &Context::automation()), Ok(()));
                at = *next;
            }
            prop_assert!(steps(from, to).is_empty() || at == to);
        }

        #[test]
        fn a_refusal_says_what_to_do(from in stage(), to in stage(), context in context()) {
            if let Err(refusal) = transition(from, to, &context) {
                let sentence = refusal.to_string();
                prop_assert!(sentence.ends_with('.') && sentence.len() > 20);
                if let Refusal::Unreachable { .. } = refusal {
                    for way in reachable(from) {
                        let name = format!("`{way}`");
                        prop_assert!(sentence.contains(&name));
                    }
                }
            }
        }
    }

    #[test]
    fn a_story_can_be_closed_from_everywhere_but_a_duplicate() {
        for from in Stage::ALL.iter().copied().filter(|stage| *stage != Duplicate) {
            assert!(all_ahead(from).contains(&Closed), "{from} leads nowhere");
        }
        assert!(reachable(Duplicate).is_empty());
    }

    #[test]
    fn names_are_the_same_in_json_and_text() {
        for stage in Stage::ALL {
            assert_eq!(stage.as_str().parse(), Ok(*stage));
            assert_eq!(serde_json::to_string(stage).ok(), Some(format!("\"{stage}\"")));
        }
        assert_eq!("done".parse::<Stage>(), Err(()));
    }

    #[test]
    fn the_examples_of_the_design() {
        let person = Context::person();
        let with_reason = Context { has_reason: true, ..person };
        assert_eq!(transition(Accepted, Testing, &person), Ok(()));
        assert_eq!(transition(Testing, Building, &person), Err(Refusal::ReasonRequired { to: Building }));
        assert_eq!(transition(Testing, Building, &with_reason), Ok(()));
        assert_eq!(transition(Testing, Released, &person), Err(Refusal::Unreachable { from: Testing, to: Released }));
        assert_eq!(transition(Closed, Building, &with_reason), Ok(()));
        assert_eq!(transition(Declined, Draft, &with_reason), Ok(()));
        assert_eq!(transition(Building, Duplicate, &with_reason), Err(Refusal::DuplicateNeedsOther));
        assert_eq!(mark_duplicate(Building), Ok(()));
        assert!(mark_duplicate(Released).is_err());
        assert_eq!(
            transition(Draft, Building, &person).map_err(|refusal| refusal.to_string()),
            Err("A story can't move from `draft` to `building`. From `draft` it can move to `accepted`, `declined`."
                .into())
        );
    }
}
