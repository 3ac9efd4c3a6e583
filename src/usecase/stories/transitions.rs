//! Stages: transitions of stories, by people within the allowed transitions, and by development work.

use serde_json::json;

use super::duplicates::merge_into;
use super::progress::{catch_up, release, withdraw};
use super::stages::{lock, move_to, refused};
use super::{gates, quoting};
use crate::domain::base::{Id, check_version};
use crate::domain::closure::ClosureKind;
use crate::domain::stories::stage::{self, Context, Refusal, Stage};
use crate::domain::stories::{Story, Transition};
use crate::domain::team::Role;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::team::products;
use crate::usecase::closure::rounds;

/// Moves a story to a stage, for a person with this role, or marks it as a duplicate of another.
///
/// # Errors
/// 403 where a caller who is not an admin overrides gates, 404, 409 where the stage can't be reached, a gate is closed
/// or customers wait, 412 where `if_match` is not its current version, 422 where a reason or the other story is
/// missing.
pub fn transition(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, role: Role, input: &Transition) -> Result<Story> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    let reason = input.reason.as_deref().map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned);
    check_options(input, role, &story, reason.is_some())?;
    match (input.to, input.duplicate_of) {
        (Stage::Duplicate, Some(of)) => merge_into(tx, story, of, reason),
        (Stage::Duplicate, None) => {
            Err(Error::field("/duplicate_of", "required", "is required: the story this one is a duplicate of"))
        }
        (_, Some(_)) => Err(Error::field("/duplicate_of", "not_allowed", "goes with `to: duplicate` only")),
        (to, None) => by_person(tx, story, to, reason, input),
    }
}

fn check_options(input: &Transition, role: Role, story: &Story, has_reason: bool) -> Result<()> {
    let mut wrong = Vec::new();
    if input.override_gates && !input.to.is_gated() {
        wrong.push(FieldError::new("/override_gates", "not_allowed", "goes with `to: ready` and `to: released` only"));
    }
    let takes_back = input.to == Stage::Ready && story.stage.is_shipped();
    if input.tell_customers.is_some() && input.to != Stage::Declined && !takes_back {
        let detail = "goes with `to: declined`, and with `to: ready` from a released stage, only";
        wrong.push(FieldError::new("/tell_customers", "not_allowed", detail));
    }
    if input.override_gates && !has_reason {
        wrong.push(FieldError::new("/reason", "required", "is required to override gates"));
    }
    if input.unreachable_reason.is_some() && input.to != Stage::Closed {
        wrong.push(FieldError::new("/unreachable_reason", "not_allowed", "goes with `to: closed` only"));
    }
    if input.override_gates && role != Role::Admin {
        return Err(Error::new(Code::Forbidden, "Only an admin may override gates."));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

fn by_person(tx: &mut Tx<'_>, story: Story, to: Stage, reason: Option<String>, input: &Transition) -> Result<Story> {
    let open = gates::open(tx.conn, &story, to)?;
    let waiting = if to == Stage::Closed { rounds::waiting(tx.conn, story.id)? } else { 0 };
    let unreachable = input.unreachable_reason.as_deref().map(str::trim).filter(|_| waiting > 0);
    let context = Context {
        has_reason: reason.is_some(),
        gates_open: open.is_empty() || input.override_gates,
        waiting_closures: if unreachable.is_some() { 0 } else { waiting },
        ..Context::person()
    };
    stage::transition(story.stage, to, &context).map_err(|refusal| refused_at(refusal, &open))?;
    if let (Some(reason), false) = (&reason, open.is_empty()) {
        gates::override_open(tx, &story, to, &open, reason)?;
    }
    if let Some(reason) = unreachable {
        rounds::give_up(tx, story.id, reason)?;
    }
    let story = speaks_out(tx, story, to, reason.as_ref(), input)?;
    match to {
        Stage::Released => release(tx, story, reason),
        Stage::Ready if story.stage.is_shipped() => withdraw(tx, story, reason, input.tell_customers),
        Stage::Declined => decline(tx, story, reason, input.tell_customers.unwrap_or(true)),
        Stage::Draft => {
            rounds::reconsidered(tx, story.id)?;
            let respond_by = Some(products::get(tx.conn, story.product_id)?.respond_by(tx.now));
            move_to(tx, Story { respond_by, ..story }, to, reason, None)
        }
        Stage::Accepted if story.stage == Stage::Declined => {
            rounds::reconsidered(tx, story.id)?;
            move_to(tx, story, to, reason, None)
        }
        Stage::Ready => {
            let story = move_to(tx, story, to, reason, None)?;
            Ok(catch_up(tx, story.id)?.unwrap_or(story))
        }
        _ => move_to(tx, story, to, reason, None),
    }
}

/// Declines a story; unless `tell` is false, a round tells its customers why.
fn decline(tx: &mut Tx<'_>, story: Story, reason: Option<String>, tell: bool) -> Result<Story> {
    let data = json!({ "tell_customers": tell });
    tx.event("story.declined", story.id, Some(story.product_id), data);
    let round = story.round + i32::from(tell);
    let story = move_to(tx, Story { round, ..story }, Stage::Declined, reason, None)?;
    if tell {
        rounds::open_round(tx, &story, ClosureKind::Decline, None)?;
    }
    Ok(story)
}

/// Refuses a transition that would send texts to customers while they quote one of them.
fn speaks_out(tx: &mut Tx<'_>, story: Story, to: Stage, reason: Option<&String>, input: &Transition) -> Result<Story> {
    let declines = to == Stage::Declined && input.tell_customers.unwrap_or(true);
    let goes_out = to == Stage::Released || (to == Stage::Ready && !story.stage.is_shipped());
    if declines {
        quoting::check(tx, &Story { stage: to, stage_reason: reason.cloned(), ..story.clone() })?;
    } else if goes_out {
        quoting::check(tx, &story)?;
    }
    Ok(story)
}

fn refused_at(refusal: Refusal, open: &[gates::Closed]) -> Error {
    match refusal {
        Refusal::GatesClosed { to } => Error::new(Code::StageRefused, gates::closed(to, open)),
        other => refused(other),
    }
}
