//! Recall: a waiting message is stopped before it is sent, for one customer or a whole round, and can be resumed. What was
//! sent can't be taken back; that somebody was told can, where it was recorded by mistake.

use super::messages::held;
use super::rounds::step;
use super::settling::settle;
use crate::domain::base::{Id, Time, check_version};
use crate::domain::closure::{
    Channel, Closure, ClosureAct, ClosureKind, ClosureRecord, ClosureState, Recalled, Resumed, UndoAnswer,
};
use crate::domain::privacy::consent::ContactPurpose;
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::error::{Code, Error, Result};
use crate::store::closure::closures;
use crate::store::integrations::deliveries;
use crate::store::privacy::consents;
use crate::store::team::products;
use crate::store::{Tx, releases, stories};

/// Recalls the message to a customer, or removes the to-do.
///
/// # Errors
/// 404, 409 where it is no longer waiting, 412.
pub fn recall(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: Option<&str>) -> Result<Closure> {
    let (story, row) = held(tx, id, if_match)?;
    if row.handed_at.is_some() {
        return Err(Error::new(Code::Conflict, "The support desk has accepted it already: stop it there."));
    }
    stop(tx, row, reason)?;
    settle(tx, story.id)?;
    closures::get(tx.conn, id)
}

/// Recalls all waiting messages of a story's current round.
///
/// # Errors
/// 404, 412.
pub fn recall_round(tx: &mut Tx<'_>, story: Id, if_match: Option<i32>, reason: Option<&str>) -> Result<Recalled> {
    let story = stories::rows::lock(tx, &[story])?.pop().ok_or_else(|| Error::not_found("story"))?;
    check_version(if_match, story.version)?;
    let mut done = Recalled::default();
    for row in round_of(tx, &story)? {
        if row.told_at.is_some() || row.handed_at.is_some() {
            done.too_late += 1;
        } else if row.state == ClosureState::Waiting {
            stop(tx, row, reason)?;
            done.recalled += 1;
        }
    }
    settle(tx, story.id)?;
    Ok(done)
}

/// Recalls all waiting messages about a release.
///
/// # Errors
/// 404.
pub fn recall_release(tx: &mut Tx<'_>, release: Id, reason: Option<&str>) -> Result<Recalled> {
    let release = releases::rows::get(tx.conn, release)?;
    let mut done = Recalled::default();
    let mut ids: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    ids.sort();
    for story in stories::rows::lock(tx, &ids)? {
        let of_it = closures::of_story(tx.conn, story.id)?.into_iter();
        if of_it.filter(|row| row.round == story.round).any(|row| row.release_id == Some(release.id)) {
            let one = recall_round(tx, story.id, None, reason)?;
            done.recalled += one.recalled;
            done.too_late += one.too_late;
        }
    }
    Ok(done)
}

fn stop(tx: &mut Tx<'_>, row: ClosureRecord, reason: Option<&str>) -> Result<()> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    step(tx, row, ClosureAct::Recall, |row| row.reason = reason).map(drop)
}

/// Resumes a recalled message; its waiting time before it is sent starts again.
///
/// # Errors
/// 404, 409 where it was not recalled, or no longer matches the state of the story; 412.
pub fn resume(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Closure> {
    let (story, row) = held(tx, id, if_match)?;
    if row.state == ClosureState::Withdrawn {
        let detail = "This closure is `withdrawn`: none of their feedback is evidence of the story any more.";
        return Err(Error::new(Code::Conflict, detail));
    }
    check_true_still(&story, &row)?;
    if objected(tx, &row)? {
        return Err(Error::new(Code::Conflict, "The customer objected to messages since then."));
    }
    send_again(tx, &story, row)?;
    closures::get(tx.conn, id)
}

/// Resumes all recalled messages of a story's current round.
///
/// # Errors
/// 404, 409 where the messages no longer match the state of the story, 412.
pub fn resume_round(tx: &mut Tx<'_>, story: Id, if_match: Option<i32>) -> Result<Resumed> {
    let story = stories::rows::lock(tx, &[story])?.pop().ok_or_else(|| Error::not_found("story"))?;
    check_version(if_match, story.version)?;
    let mut done = Resumed::default();
    for row in round_of(tx, &story)?.into_iter().filter(|row| row.state == ClosureState::Recalled) {
        check_true_still(&story, &row)?;
        if objected(tx, &row)? {
            continue;
        }
        send_again(tx, &story, row)?;
        done.resumed += 1;
    }
    Ok(done)
}

/// Whether the customer of a message wants no more of them.
fn objected(tx: &mut Tx<'_>, row: &ClosureRecord) -> Result<bool> {
    Ok(!consents::withdrawn(tx.conn, &[row.customer_id], ContactPurpose::Closure)?.is_empty())
}

/// How long after it was recorded a telling can be undone, in microseconds. Ended deliveries, which show whether a mail
/// went out, are kept for longer.
const UNDONE_WITHIN: i64 = 7 * Time::DAY;

/// Takes back that a customer was told, where that was recorded by mistake: telling them is a to-do again, of the member
/// who had it, else of the one who takes it back.
///
/// # Errors
/// 404, 409 where they were not told, or by a mail of ours, or longer ago than a week, or the message no longer matches
/// the state of the story; 412.
pub fn undo_tell(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &UndoAnswer) -> Result<Closure> {
    let (story, row) = held(tx, id, if_match)?;
    if row.state == ClosureState::Told {
        check_true_still(&story, &row)?;
        if deliveries::arrived_since(tx.conn, id, row.created_at)? {
            let detail = "A message went out to the customer: what was sent can't be taken back.";
            return Err(Error::new(Code::Conflict, detail));
        }
        if row.told_at.is_some_and(|told| told.plus(UNDONE_WITHIN) < tx.now) {
            let detail = "It was recorded more than a week ago: record what the customer answers instead.";
            return Err(Error::new(Code::Conflict, detail));
        }
    }
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    let member = tx.actor.id.filter(|_| tx.actor.kind == "member");
    step(tx, row, ClosureAct::UndoTell, |row| {
        row.channel = Channel::Agent;
        row.assignee_id = row.assignee_id.or(member);
        row.reason = reason;
        row.note = None;
        (row.told_at, row.reminded_at, row.expires_at) = (None, None, None);
        (row.handed_at, row.send_at) = (None, None);
    })?;
    closures::get(tx.conn, id)
}

fn round_of(tx: &mut Tx<'_>, story: &Story) -> Result<Vec<ClosureRecord>> {
    let rows = closures::of_story(tx.conn, story.id)?;
    Ok(rows.into_iter().filter(|row| row.round == story.round).collect())
}

/// Refuses a message that no longer matches the state of the story.
fn check_true_still(story: &Story, row: &ClosureRecord) -> Result<()> {
    let holds = match row.kind {
        ClosureKind::Release => story.stage.is_shipped(),
        ClosureKind::Decline => story.stage == Stage::Declined,
        ClosureKind::RollBack => !story.stage.is_shipped() && story.stage != Stage::Declined,
    };
    if row.round == story.round && holds {
        return Ok(());
    }
    let detail =
        format!("The story is `{}` now, in round {}: the message is no longer true.", story.stage, story.round);
    Err(Error::new(Code::Conflict, detail))
}

fn send_again(tx: &mut Tx<'_>, story: &Story, row: ClosureRecord) -> Result<()> {
    let minutes = products::get(tx.conn, story.product_id)?.settings.recall_minutes;
    let send_at = tx.now.plus(i64::from(minutes) * 60 * Time::SECOND);
    let leaves = row.channel != Channel::Agent;
    step(tx, row, ClosureAct::Resume, |row| {
        row.reason = None;
        row.send_at = leaves.then_some(send_at);
    })
    .map(drop)
}
