//! Rounds of closures: every customer of a story is told and asked whether it is solved.
//!
//! A round opens when a story is released, declined, or rolled back after customers were told. Its evidence is frozen,
//! and each member of its audience (`audience.rs`) gets a closure. Open closures of earlier rounds end, because the new
//! round tells the same people again.

use serde_json::json;

use super::audience::{self, Person, Way};
use crate::domain::base::{Id, Time};
use crate::domain::closure::{Channel, ClosureAct, ClosureKind, ClosureRecord, ClosureState};
use crate::domain::stories::Story;
use crate::error::{Code, Error, Result};
use crate::store::closure::closures;
use crate::store::integrations::undelivered;
use crate::store::stories::frozen_evidence;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};

/// The events that cause a delivery to the customer of a closure.
const MESSAGES: [&str; 4] = ["closure.opened", "closure.resumed", "closure.reminder_due", "closure.tell"];
/// The reason of a closure that ended because of a later round.
const SUPERSEDED: &str = "A newer round asked again.";
/// The reason of a closure that ended because the release was rolled back.
const WITHDRAWN: &str = "The release was rolled back before they were told.";
/// The reason of a closure that ended because the decline was taken back.
const RECONSIDERED: &str = "The decline was taken back before they were told.";
/// Opens a round of closures for a story: freezes its evidence and creates a closure for each person of its audience
/// who is told. Opening the same round again changes nothing.
pub fn open_round(tx: &mut Tx<'_>, story: &Story, kind: ClosureKind, release: Option<Id>) -> Result<()> {
    let earlier = closures::of_story(tx.conn, story.id)?;
    let is_open = earlier.iter().any(|row| row.round == story.round);
    if is_open || frozen_evidence::is_frozen(tx.conn, story.id, story.round)? {
        return Ok(());
    }
    let audience = audience::of(tx.conn, std::slice::from_ref(story), kind)?.pop();
    let audience = audience.ok_or_else(|| Error::internal("a story without an audience"))?;
    let evidence: Vec<_> = audience.evidence.iter().map(|(item, left_out)| (item, *left_out)).collect();
    frozen_evidence::freeze(tx, story, &evidence)?;
    for row in earlier.into_iter().filter(|row| !row.state.is_ended()) {
        step(tx, row, ClosureAct::Expire, |row| row.reason = Some(SUPERSEDED.to_owned()))?;
    }
    let told: Vec<(&Person, &Way)> =
        audience.people.iter().filter_map(|person| Some((person, person.outcome.as_ref().ok()?))).collect();
    open(tx, story, kind, release, &told)
}

/// When messages of a story opened now are sent.
pub(in crate::usecase) fn send_at(tx: &mut Tx<'_>, story: &Story) -> Result<Time> {
    let minutes = products::get(tx.conn, story.product_id)?.settings.recall_minutes;
    Ok(tx.now.plus(i64::from(minutes) * 60 * Time::SECOND))
}

/// Opens a closure in a story's current round for each of these people.
pub(in crate::usecase) fn open(
    tx: &mut Tx<'_>,
    story: &Story,
    kind: ClosureKind,
    release: Option<Id>,
    told: &[(&Person, &Way)],
) -> Result<()> {
    let opening = Opening { kind, release, now: tx.now, send_at: send_at(tx, story)? };
    let rows: Vec<ClosureRecord> = told.iter().map(|(person, way)| opening.row(story, person, way)).collect();
    closures::insert(tx, &rows)?;
    for row in &rows {
        let data = json!({ "story_id": story.id, "round": row.round, "channel": row.channel, "kind": row.kind });
        tx.event("closure.opened", row.id, Some(story.product_id), data);
    }
    Ok(())
}

/// The common data of the closures of a round.
struct Opening {
    kind: ClosureKind,
    release: Option<Id>,
    now: Time,
    /// When messages are sent.
    send_at: Time,
}

impl Opening {
    fn row(&self, story: &Story, person: &Person, way: &Way) -> ClosureRecord {
        let now = self.now;
        ClosureRecord {
            id: Id::next(),
            story_id: story.id,
            product_id: story.product_id,
            customer_id: person.customer.id,
            round: story.round,
            state: ClosureState::Waiting,
            channel: way.channel,
            release_id: self.release,
            assignee_id: way.assignee.filter(|_| way.channel == Channel::Agent),
            feedback_id: None,
            reason: None,
            told_at: None,
            reminded_at: None,
            answered_at: None,
            expires_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
            kind: self.kind,
            note: None,
            handed_at: None,
            send_at: (way.channel != Channel::Agent).then_some(self.send_at),
        }
    }
}

/// The member who should tell a customer: the one who filed their latest feedback, else the story's owner.
fn assignee(conn: &mut Conn, story: &Story, filed_by: &[Id]) -> Result<Option<Id>> {
    for id in filed_by.iter().copied().chain(story.owner_id) {
        // `submitted_by` may also be the id of a service's token.
        if members::find_active(conn, id)?.is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Moves a closure to another state, with its event; `change` sets further fields.
///
/// # Errors
/// 409 where its current state does not allow it.
pub(in crate::usecase) fn step(
    tx: &mut Tx<'_>,
    row: ClosureRecord,
    act: ClosureAct,
    change: impl FnOnce(&mut ClosureRecord),
) -> Result<ClosureRecord> {
    let from = row.state;
    let refused = || Error::new(Code::Conflict, format!("This closure is `{from}`: {}", act.refusal()));
    let to = from.after(act).ok_or_else(refused)?;
    stop_messages(tx, &row)?;
    let mut row = ClosureRecord { state: to, ..row };
    change(&mut row);
    save(tx, &mut row)?;
    let kind = match act {
        ClosureAct::Tell => "closure.told",
        ClosureAct::Confirm => "closure.confirmed",
        ClosureAct::Reopen => "closure.reopened",
        ClosureAct::GiveUp => "closure.unreachable",
        ClosureAct::Expire => "closure.expired",
        ClosureAct::Recall => "closure.recalled",
        ClosureAct::Resume => "closure.resumed",
        ClosureAct::Withdraw => "closure.withdrawn",
        ClosureAct::Reinstate => "closure.reinstated",
        ClosureAct::UndoAnswer => "closure.answer_undone",
        ClosureAct::UndoTell => "closure.tell_undone",
    };
    let mut data = json!({
        "story_id": row.story_id, "round": row.round, "channel": row.channel, "kind": row.kind, "from": from,
        "to": to,
    });
    if let Some(feedback) = row.feedback_id {
        data["feedback_id"] = json!(feedback);
    }
    tx.event(kind, row.id, Some(row.product_id), data);
    Ok(row)
}

/// Cancels unsent messages of a closure: it has moved on, or someone else tells the customer.
fn stop_messages(tx: &mut Tx<'_>, row: &ClosureRecord) -> Result<()> {
    let closure = row.id;
    let targets = match row.channel {
        Channel::Email => vec![closure],
        Channel::Desk => closures::desks(tx.conn, row.product_id)?.into_iter().map(|(id, _)| id).collect(),
        Channel::Agent => return Ok(()),
    };
    undelivered::stop(tx, &targets, closure, &MESSAGES)
}

/// Writes a changed closure as a new version.
pub(in crate::usecase) fn save(tx: &mut Tx<'_>, row: &mut ClosureRecord) -> Result<()> {
    row.version += 1;
    row.updated_at = tx.now;
    closures::update(tx, row)
}

/// Makes telling the customer an agent's to-do, because no mail or desk will do it.
pub fn hand_over(tx: &mut Tx<'_>, story: &Story, row: ClosureRecord) -> Result<ClosureRecord> {
    let said = frozen_evidence::said(tx.conn, story.id, row.customer_id)?;
    let filed_by: Vec<Id> = said.iter().filter_map(|item| item.submitted_by).collect();
    let to = assignee(tx.conn, story, &filed_by)?;
    assign(tx, row, to)
}

/// Assigns the to-do to a member, or to nobody.
pub(in crate::usecase) fn assign(tx: &mut Tx<'_>, row: ClosureRecord, to: Option<Id>) -> Result<ClosureRecord> {
    stop_messages(tx, &row)?;
    let mut row = ClosureRecord { channel: Channel::Agent, assignee_id: to, send_at: None, handed_at: None, ..row };
    save(tx, &mut row)?;
    let data = json!({ "story_id": row.story_id, "round": row.round, "channel": row.channel, "assignee_id": to });
    tx.event("closure.assigned", row.id, Some(row.product_id), data);
    Ok(row)
}

/// The number of a story's `waiting` closures.
pub fn waiting(conn: &mut Conn, story: Id) -> Result<u64> {
    Ok(closures::count(conn, story, ClosureState::Waiting)?.unsigned_abs())
}

/// Marks all waiting customers as unreachable, with a reason; needed to close a story early. Answers how many there
/// were.
pub fn give_up(tx: &mut Tx<'_>, story: Id, reason: &str) -> Result<u64> {
    end_waiting(tx, story, ClosureAct::GiveUp, reason)
}

/// Ends the waiting closures of a release that was rolled back; answers whether any customer was told of it. Customers
/// who were told can still answer until they are told of the roll-back. The next release opens a new round.
pub fn withdraw_round(tx: &mut Tx<'_>, story: &Story) -> Result<bool> {
    end_waiting(tx, story.id, ClosureAct::Expire, WITHDRAWN)?;
    let rows = closures::of_story(tx.conn, story.id)?.into_iter();
    let mut released = rows.filter(|row| row.round == story.round && row.kind == ClosureKind::Release);
    Ok(released.any(|row| row.told_at.is_some()))
}

/// The release whose roll-back customers are told of.
pub fn release_of(conn: &mut Conn, story: &Story) -> Result<Option<Id>> {
    let mut rows =
        closures::of_story(conn, story.id)?.into_iter().filter(|row| Some(row.round) == story.roll_back_to_tell);
    Ok(rows.find_map(|row| row.release_id))
}

/// Ends the waiting closures of a decline that was taken back.
pub fn reconsidered(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    end_waiting(tx, story, ClosureAct::Expire, RECONSIDERED).map(drop)
}

fn end_waiting(tx: &mut Tx<'_>, story: Id, act: ClosureAct, reason: &str) -> Result<u64> {
    let mut ended = 0;
    for row in closures::of_story(tx.conn, story)? {
        if row.state == ClosureState::Waiting {
            step(tx, row, act, |row| row.reason = Some(reason.to_owned()))?;
            ended += 1;
        }
    }
    Ok(ended)
}
