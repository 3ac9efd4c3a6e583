//! Closing: every customer who asked is told, and says whether it is solved.
//!
//! A round is opened when a story is released. Its evidence is frozen, and every customer behind it who has not
//! confirmed yet, or has asked again since, gets a closure; what was still open from earlier rounds expires, because
//! the new round asks the same people again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;

use super::moving;
use crate::domain::stage::Stage;
use crate::domain::{Channel, ClosureAct, ClosureState, Id, Story, Time};
use crate::error::{Code, Error, Result};
use crate::store::closures::{self, ClosureRow};
use crate::store::customers::{self, CustomerRow};
use crate::store::story_evidence::{self, Frozen};
use crate::store::types::{DbId, DbTime};
use crate::store::{Conn, Tx, members, stories};

/// Why a case of an earlier round ended.
const SUPERSEDED: &str = "A newer release asked again.";
/// Why a case ended whose release was taken back.
const WITHDRAWN: &str = "The release was rolled back before they were told.";
/// Why a case ended whose customer turned out to be somebody who has one.
const SAME_PERSON: &str = "The same person has another closure in this story.";
/// Why a case ended whose customer is gone.
const ERASED: &str = "The customer was erased.";

/// Opens a round of closures for a story that customers just got: its evidence is frozen, and every customer behind it
/// who has not confirmed yet gets a closure. Opening the same round again is nothing new.
///
/// # Errors
/// Those of the database.
pub fn open_round(tx: &mut Tx<'_>, story: &Story, release: Option<Id>) -> Result<()> {
    let earlier = closures::of_story(tx.conn, story.id)?;
    let is_open = earlier.iter().any(|row| row.round == story.round);
    if is_open || story_evidence::is_frozen(tx.conn, story.id, story.round)? {
        return Ok(());
    }
    let evidence = story_evidence::freeze(tx, story)?;
    for row in earlier.iter().filter(|row| row.state().is_ok_and(|state| !state.is_ended())) {
        step(tx, row.clone(), ClosureAct::Expire, |row| row.reason = Some(SUPERSEDED.to_owned()))?;
    }
    let desks: HashSet<String> =
        closures::desks(tx.conn, story.product_id)?.into_iter().map(|(_, origin)| origin).collect();
    let mut rows = Vec::new();
    for (customer, asked) in to_tell(tx.conn, &evidence, &earlier)? {
        let channel = channel_for(&customer, &asked, &desks);
        let assignee = match channel {
            Channel::Agent => assignee(tx.conn, story, &asked.filed_by)?,
            _ => None,
        };
        rows.push(new_row(tx, story, release, &customer, channel, assignee));
    }
    closures::insert(tx, &rows)?;
    for row in &rows {
        let data = json!({ "story_id": story.id, "round": story.round, "channel": row.channel });
        tx.event("closure.opened", row.id.into(), Some(story.product_id), data);
    }
    Ok(())
}

/// What is known of a customer from what they said.
#[derive(Default)]
struct Asked {
    /// When they said it last.
    latest: Option<Time>,
    /// The systems they said it in.
    origins: Vec<String>,
    /// Who filed it, latest first.
    filed_by: Vec<Id>,
}

/// Who is to be told, in the order of their ids: everyone behind the evidence and everyone asked in an earlier round,
/// less those who are erased, and those who confirmed and have said nothing new.
fn to_tell(conn: &mut Conn, evidence: &[Frozen], earlier: &[ClosureRow]) -> Result<Vec<(CustomerRow, Asked)>> {
    let mut asked: BTreeMap<Id, Asked> = BTreeMap::new();
    for item in evidence {
        let Some(customer) = item.customer_id else { continue };
        let known = asked.entry(customer.into()).or_default();
        known.latest = known.latest.max(Some(item.occurred_at.into()));
        known.origins.push(item.origin.clone());
        known.filed_by.extend(item.submitted_by.map(Id::from));
    }
    for row in earlier {
        asked.entry(row.customer_id.into()).or_default();
    }
    let ids: Vec<Id> = asked.keys().copied().collect();
    let known = customers::by_id(conn, &ids)?;
    let now_called: HashMap<Id, Id> =
        known.iter().map(|row| (row.id.into(), row.merged_into.unwrap_or(row.id).into())).collect();
    let mut confirmed: HashMap<Id, Time> = HashMap::new();
    for row in earlier.iter().filter(|row| row.state == ClosureState::Confirmed.as_str()) {
        let customer = Id::from(row.customer_id);
        let person = now_called.get(&customer).copied().unwrap_or(customer);
        let at = row.answered_at.map(Time::from).unwrap_or_default();
        confirmed.entry(person).and_modify(|known| *known = (*known).max(at)).or_insert(at);
    }
    // Feedback follows a merge by itself; a closure that could not move along still names the customer merged away.
    let persons: BTreeSet<Id> = now_called.values().copied().collect();
    let missing: Vec<Id> = persons.into_iter().filter(|id| !asked.contains_key(id)).collect();
    let merged_to = customers::by_id(conn, &missing)?;
    let mut found = Vec::new();
    for customer in known.into_iter().chain(merged_to) {
        let id = Id::from(customer.id);
        let asked = asked.remove(&id).unwrap_or_default();
        let asks_again = confirmed.get(&id).is_none_or(|at| asked.latest.is_some_and(|said| said > *at));
        if customer.merged_into.is_none() && customer.erased_at.is_none() && asks_again {
            found.push((customer, asked));
        }
    }
    found.sort_by_key(|(customer, _)| Id::from(customer.id));
    Ok(found)
}

/// Whether a mail may be sent to a customer.
pub fn can_be_mailed(customer: &CustomerRow) -> bool {
    customer.email.is_some()
        && customer.unsubscribed_at.is_none()
        && customer.bounced_at.is_none()
        && customer.erased_at.is_none()
}

fn channel_for(customer: &CustomerRow, asked: &Asked, desks: &HashSet<String>) -> Channel {
    if can_be_mailed(customer) {
        Channel::Email
    } else if asked.origins.iter().any(|origin| desks.contains(origin)) {
        Channel::Desk
    } else {
        Channel::Agent
    }
}

/// Whose to-do it is to tell a customer: the member who filed what they said last, else the story's owner.
fn assignee(conn: &mut Conn, story: &Story, filed_by: &[Id]) -> Result<Option<Id>> {
    for id in filed_by.iter().copied().chain(story.owner_id) {
        if is_active_member(conn, id)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether this is the id of a member who works here; `submitted_by` may be a service's token.
pub(super) fn is_active_member(conn: &mut Conn, id: Id) -> Result<bool> {
    match members::get(conn, id) {
        Ok(member) => Ok(member.active),
        Err(e) if e.code == Code::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn new_row(
    tx: &Tx<'_>,
    story: &Story,
    release: Option<Id>,
    customer: &CustomerRow,
    channel: Channel,
    assignee: Option<Id>,
) -> ClosureRow {
    let now = DbTime(tx.now);
    ClosureRow {
        id: Id::next().into(),
        story_id: story.id.into(),
        product_id: story.product_id.into(),
        customer_id: customer.id,
        round: story.round,
        state: ClosureState::Waiting.as_str().to_owned(),
        channel: channel.as_str().to_owned(),
        release_id: release.map(DbId),
        assignee_id: assignee.map(DbId),
        feedback_id: None,
        reason: None,
        told_at: None,
        reminded_at: None,
        answered_at: None,
        expires_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Takes a closure a step further, with its event; `change` sets what goes with it.
///
/// # Errors
/// 409 where the act has no place in its state.
pub(super) fn step(
    tx: &mut Tx<'_>,
    row: ClosureRow,
    act: ClosureAct,
    change: impl FnOnce(&mut ClosureRow),
) -> Result<ClosureRow> {
    let from = row.state()?;
    let refused = || Error::new(Code::Conflict, format!("This closure is `{from}`: nothing more can be done with it."));
    let to = from.after(act).ok_or_else(refused)?;
    let mut row = ClosureRow { state: to.as_str().to_owned(), ..row };
    change(&mut row);
    save(tx, &mut row)?;
    let kind = match to {
        ClosureState::Told | ClosureState::Waiting => "closure.told",
        ClosureState::Confirmed => "closure.confirmed",
        ClosureState::Reopened => "closure.reopened",
        ClosureState::Unreachable => "closure.unreachable",
        ClosureState::Expired => "closure.expired",
    };
    let mut data = json!({ "story_id": row.story_id.0, "round": row.round, "channel": row.channel, "from": from });
    if let Some(feedback) = row.feedback_id {
        data["feedback_id"] = json!(feedback.0);
    }
    tx.event(kind, row.id.into(), Some(row.product_id.into()), data);
    Ok(row)
}

/// Writes a changed closure as a new version.
pub(super) fn save(tx: &mut Tx<'_>, row: &mut ClosureRow) -> Result<()> {
    row.version += 1;
    row.updated_at = DbTime(tx.now);
    closures::update(tx, row)
}

/// Makes it a to-do of an agent to tell the customer: no mail and no desk will.
///
/// # Errors
/// Those of the database.
pub fn hand_over(tx: &mut Tx<'_>, story: &Story, row: ClosureRow) -> Result<ClosureRow> {
    let said = story_evidence::said(tx.conn, story.id, row.customer_id.into())?;
    let filed_by: Vec<Id> = said.iter().filter_map(|item| item.submitted_by.map(Id::from)).collect();
    let to = assignee(tx.conn, story, &filed_by)?;
    assign(tx, row, to)
}

/// Makes it the to-do of a member, or of nobody in particular.
pub(super) fn assign(tx: &mut Tx<'_>, row: ClosureRow, to: Option<Id>) -> Result<ClosureRow> {
    let mut row = ClosureRow { channel: Channel::Agent.as_str().to_owned(), assignee_id: to.map(DbId), ..row };
    save(tx, &mut row)?;
    let data = json!({ "story_id": row.story_id.0, "round": row.round, "channel": row.channel, "assignee_id": to });
    tx.event("closure.assigned", row.id.into(), Some(row.product_id.into()), data);
    Ok(row)
}

/// How many of a story's closures are `waiting`.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut Conn, story: Id) -> Result<u64> {
    Ok(closures::count(conn, story, ClosureState::Waiting)?.unsigned_abs())
}

/// Marks every customer who still waits as unreachable, for a reason: what closing a story early asks for. Answers how
/// many there were.
///
/// # Errors
/// Those of the database.
pub fn give_up(tx: &mut Tx<'_>, story: Id, reason: &str) -> Result<u64> {
    end_waiting(tx, story, ClosureAct::GiveUp, reason)
}

/// Ends what still waits to be told of a release that was rolled back. Who was told already can answer as before; the
/// next release opens a new round.
///
/// # Errors
/// Those of the database.
pub fn withdraw_round(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    end_waiting(tx, story, ClosureAct::Expire, WITHDRAWN).map(drop)
}

fn end_waiting(tx: &mut Tx<'_>, story: Id, act: ClosureAct, reason: &str) -> Result<u64> {
    let mut ended = 0;
    for row in closures::of_story(tx.conn, story)? {
        if row.state == ClosureState::Waiting.as_str() {
            step(tx, row, act, |row| row.reason = Some(reason.to_owned()))?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Two customers turned out to be one person: the closures of `from` become those of `to`. Where both have one in the
/// same round, the person keeps theirs, and the other ends.
///
/// # Errors
/// Those of the database.
pub fn follow_merge(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let there: HashSet<(DbId, i32)> =
        closures::of_customer(tx.conn, to)?.into_iter().map(|row| (row.story_id, row.round)).collect();
    for mut row in closures::of_customer(tx.conn, from)? {
        let story = row.story_id.into();
        if !there.contains(&(row.story_id, row.round)) {
            row.customer_id = DbId(to);
            save(tx, &mut row)?;
        } else if !row.state()?.is_ended() {
            step(tx, row, ClosureAct::Expire, |row| row.reason = Some(SAME_PERSON.to_owned()))?;
            settle(tx, story)?;
        }
    }
    Ok(())
}

/// A person is erased: their closures keep their states and lose every word; who waited can't be told any more.
///
/// # Errors
/// Those of the database.
pub fn forget(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    for row in closures::of_customer(tx.conn, customer)? {
        let mut row = ClosureRow { reason: None, ..row };
        if row.state == ClosureState::Waiting.as_str() {
            let story = row.story_id.into();
            step(tx, row, ClosureAct::GiveUp, |row| row.reason = Some(ERASED.to_owned()))?;
            settle(tx, story)?;
        } else {
            save(tx, &mut row)?;
        }
    }
    Ok(())
}

/// Moves a story on by what its closures say: to `closing` once somebody was told, and to `closed` once everyone of
/// its round has confirmed, can't be reached, or has let the time pass. Someone who says it isn't solved keeps it open,
/// also below the threshold that reopens it: a person looks at it then. A story nobody asked for stays `released`.
///
/// # Errors
/// Those of the database.
pub(super) fn settle(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let story = stories::get(tx.conn, story)?;
    if !matches!(story.stage, Stage::Released | Stage::Closing) {
        return Ok(());
    }
    let mut round = Vec::new();
    for row in closures::of_story(tx.conn, story.id)?.into_iter().filter(|row| row.round == story.round) {
        round.push((row.state()?, row.told_at.is_some()));
    }
    let is_settled = !round.is_empty() && round.iter().all(|(state, _)| state.is_settled());
    if story.stage == Stage::Released && (is_settled || round.iter().any(|(_, told)| *told)) {
        moving::advance(tx, story.id, Stage::Closing)?;
    }
    if is_settled {
        moving::advance(tx, story.id, Stage::Closed)?;
    }
    Ok(())
}
