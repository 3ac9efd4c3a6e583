//! Stages: transitions of stories, by people within the allowed transitions, and by development work.

use serde_json::json;

use super::duplicates::merge_into;
use super::{gates, quoting};
use crate::domain::base::{Id, check_version};
use crate::domain::closure::ClosureKind;
use crate::domain::stories::stage::{self, Context, Refusal, Stage};
use crate::domain::stories::{Story, Transition};
use crate::domain::team::{Gate, Role, TellRollBack};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::releases::left_behind;
use crate::store::team::products;
use crate::store::{Tx, releases, stories};
use crate::usecase::closure::rounds;

/// The story, locked until the commit.
pub(in crate::usecase) fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Story> {
    stories::rows::lock(tx, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

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
            let settings = products::get(tx.conn, story.product_id)?.settings;
            let respond_by = Some(tx.now.plus_working_days(settings.response_days));
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

/// The API error of a refusal.
pub(in crate::usecase) fn refused(refusal: Refusal) -> Error {
    refused_at(refusal, &[])
}

fn refused_at(refusal: Refusal, open: &[Gate]) -> Error {
    match refusal {
        Refusal::ReasonRequired { to } => {
            Error::field("/reason", "required", format!("is required for the move to `{to}`"))
        }
        Refusal::GatesClosed { to } => Error::new(Code::StageRefused, gates::closed(to, open)),
        _ => Error::new(Code::StageRefused, refusal.to_string()),
    }
}

/// Writes an allowed transition, with its event. A declined story or a duplicate is removed from unshipped releases.
pub(in crate::usecase) fn move_to(
    tx: &mut Tx<'_>,
    story: Story,
    to: Stage,
    reason: Option<String>,
    of: Option<Id>,
) -> Result<Story> {
    let mut data = json!({ "from": story.stage, "to": to, "has_reason": reason.is_some() });
    if let Some(of) = of {
        data["duplicate_of"] = json!(of);
    }
    // Moving back to `ready` is a roll-back, and nothing must be developed.
    let reopens = story.stage.is_shipped() && to < Stage::Ready;
    tx.event(if reopens { "story.reopened" } else { "story.moved" }, story.id, Some(story.product_id), data);
    if matches!(to, Stage::Declined | Stage::Duplicate) {
        for release in releases::rows::leave_open(tx, story.id)? {
            let data = json!({ "story_id": story.id, "stage": to });
            tx.event("release.story_removed", release, Some(story.product_id), data);
        }
    }
    // The first answer to a draft meets its deadline; a due date counts until the story is released.
    let still_late = story.stage != Stage::Draft && to < Stage::Released;
    let story = Story {
        respond_by: story.respond_by.filter(|_| to == Stage::Draft),
        overdue_at: story.overdue_at.filter(|_| still_late),
        stage: to,
        stage_reason: reason,
        duplicate_of: of,
        version: story.version + 1,
        updated_at: tx.now,
        ..story
    };
    stories::rows::update(tx, &story)?;
    Ok(story)
}

/// Releases a story: opens a round of closures.
fn release(tx: &mut Tx<'_>, story: Story, reason: Option<String>) -> Result<Story> {
    rejoin(tx, story.id)?;
    stories::rows::set_roll_back_to_tell(tx, story.id, None)?;
    let story = Story { released_at: Some(tx.now), round: story.round + 1, roll_back_to_tell: None, ..story };
    let story = move_to(tx, story, Stage::Released, reason, None)?;
    let by = releases::rows::bringing(tx.conn, story.id)?;
    rounds::open_round(tx, &story, ClosureKind::Release, by)?;
    Ok(story)
}

/// Adds a story to the release that went to production without it, so that its mails name that release and a roll-back
/// includes it.
fn rejoin(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let left = left_behind::of_story(tx.conn, story)?;
    left_behind::remove(tx, story)?;
    let Some(left) = left else { return Ok(()) };
    releases::rows::put_story(tx, left.release, story, left.section, left.entry.as_deref())?;
    let release = releases::rows::get(tx.conn, left.release)?;
    let data = json!({ "story_id": story, "section": left.section });
    tx.event("release.story_added", release.id, Some(release.product_id), data);
    Ok(())
}

/// Releases a story that only waited for a gate when its release went to production, if its gates are open now; answers
/// it where it was released.
///
/// # Errors
/// 404.
pub(in crate::usecase) fn catch_up(tx: &mut Tx<'_>, story: Id) -> Result<Option<Story>> {
    let stage = stories::rows::get(tx.conn, story)?.stage;
    if !matches!(stage, Stage::Testing | Stage::Ready) || left_behind::of_story(tx.conn, story)?.is_none() {
        return Ok(None);
    }
    advance(tx, story, Stage::Released)
}

/// Moves a story forward for an automatic cause (a pull request, a deployment, a deadline); answers it where it moved.
/// It stays where it is if it is already there or further, is a draft, has a closed gate before it, or has texts that
/// quote a customer.
///
/// # Errors
/// 404.
pub fn advance(tx: &mut Tx<'_>, story: Id, to: Stage) -> Result<Option<Story>> {
    let story = lock(tx, story)?;
    let steps = stage::steps(story.stage, to);
    if steps.is_empty() {
        return Ok(None);
    }
    let mut at = story.stage;
    for next in steps {
        let context = Context {
            gates_open: gates::open(tx.conn, &story, *next)?.is_empty(),
            waiting_closures: if *next == Stage::Closed { rounds::waiting(tx.conn, story.id)? } else { 0 },
            ..Context::automation()
        };
        if stage::transition(at, *next, &context).is_err() {
            return Ok(None);
        }
        at = *next;
    }
    let goes_out = steps.iter().any(|next| matches!(next, Stage::Ready | Stage::Released));
    if goes_out && !quoting::is_clear(tx, &story)? {
        return Ok(None);
    }
    let mut story = story;
    for next in steps {
        story = match next {
            Stage::Released => release(tx, story, None)?,
            next => move_to(tx, story, *next, None, None)?,
        };
    }
    Ok(Some(story))
}

/// Moves a released story back to `building`, because customers say that it is not solved; other stories stay.
/// `reason_code` becomes the stage reason.
///
/// # Errors
/// 404.
pub fn reopen(tx: &mut Tx<'_>, story_id: Id, reason_code: &'static str) -> Result<Story> {
    let story = lock(tx, story_id)?;
    if !story.stage.is_shipped() {
        return Ok(story);
    }
    move_to(tx, story, Stage::Building, Some(reason_code.to_owned()), None)
}

/// Moves a story that was through development back into it, because its work was reverted. A story that is not as far,
/// or is released, stays.
///
/// # Errors
/// 404.
pub(in crate::usecase) fn set_back(tx: &mut Tx<'_>, story: Id, reason: &str) -> Result<()> {
    let story = lock(tx, story)?;
    if matches!(story.stage, Stage::Testing | Stage::Ready) {
        move_to(tx, story, Stage::Building, Some(reason.to_owned()), None)?;
    }
    Ok(())
}

/// Moves a story back to `ready`, because its release was rolled back. `tell` decides whether customers who were told
/// are told of it; `None`: as the product's settings say.
pub(in crate::usecase) fn take_back(tx: &mut Tx<'_>, story: Id, reason: &str, tell: Option<bool>) -> Result<()> {
    let story = lock(tx, story)?;
    if story.stage.is_shipped() {
        withdraw(tx, story, Some(reason.to_owned()), tell)?;
    }
    Ok(())
}

/// Withdraws a released story: waiting closures end, and customers who were told are told of it where `tell` or the
/// settings say so.
fn withdraw(tx: &mut Tx<'_>, story: Story, reason: Option<String>, tell: Option<bool>) -> Result<Story> {
    let was_told = rounds::withdraw_round(tx, &story)?;
    let tell = tell.or(match products::get(tx.conn, story.product_id)?.settings.tell_roll_back {
        TellRollBack::Ask => None,
        TellRollBack::Always => Some(true),
        TellRollBack::Never => Some(false),
    });
    let roll_back_to_tell = (was_told && tell != Some(false)).then_some(story.round);
    stories::rows::set_roll_back_to_tell(tx, story.id, roll_back_to_tell)?;
    let story = Story { released_at: None, roll_back_to_tell, ..story };
    let story = move_to(tx, story, Stage::Ready, reason, None)?;
    if was_told && tell == Some(true) { tell_roll_back(tx, story) } else { Ok(story) }
}

/// Decides whether customers who were told of a release are told that it was rolled back.
///
/// # Errors
/// 404, 409 where there is no customer to tell, 412 where `if_match` is not its current version.
pub fn roll_back_notice(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, tell: bool) -> Result<Story> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    let Some(round) = story.roll_back_to_tell else {
        return Err(Error::new(
            Code::Conflict,
            "No customer was told of a release of this story that was rolled back afterwards.",
        ));
    };
    tx.event("story.roll_back_decided", id, Some(story.product_id), json!({ "round": round, "tell": tell }));
    let story = Story { version: story.version + 1, updated_at: tx.now, ..story };
    if tell {
        return tell_roll_back(tx, story);
    }
    stories::rows::set_roll_back_to_tell(tx, id, None)?;
    let story = Story { roll_back_to_tell: None, ..story };
    stories::rows::update(tx, &story)?;
    Ok(story)
}

/// Opens the round that tells customers of a roll-back.
fn tell_roll_back(tx: &mut Tx<'_>, story: Story) -> Result<Story> {
    let story = Story { round: story.round + 1, ..story };
    let release = rounds::release_of(tx.conn, &story)?;
    rounds::open_round(tx, &story, ClosureKind::RollBack, release)?;
    stories::rows::set_roll_back_to_tell(tx, story.id, None)?;
    let story = Story { roll_back_to_tell: None, ..story };
    stories::rows::update(tx, &story)?;
    Ok(story)
}
