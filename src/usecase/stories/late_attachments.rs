//! Late joiners and leavers of a round that is already open: feedback is attached or detached, or gets another
//! customer.

use std::collections::{HashMap, HashSet};

use super::stages;
use crate::domain::base::{Id, Time};
use crate::domain::closure::{Channel, ClosureAct, ClosureKind, ClosureRecord, ClosureState, NotTold};
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::base::events;
use crate::store::closure::closures;
use crate::store::stories::frozen_evidence::{self, Current};
use crate::store::stories::late_evidence;
use crate::store::{Conn, Tx, feedback, releases, stories};
use crate::usecase::closure::audience::{self, Audience, Person, Way};
use crate::usecase::closure::rounds::{self, step};
use crate::usecase::closure::settling::settle;

/// The reason of a closure whose feedback was detached from the story.
const TAKEN_OFF: &str = "Their feedback was taken off the story.";
/// The stage reason of a closed story that was opened again for late joiners.
const TOLD_LATE: &str = "told_late";

/// The late joiners of a round.
pub(in crate::usecase) struct LateJoiners {
    /// The message of the round.
    pub kind: ClosureKind,
    /// When messages to them are sent.
    pub send_at: Time,
    /// The customers, in the order of their ids, each with the outcome; those already told are not told again.
    pub people: Vec<Person>,
    /// The number of feedback said after the release, which does not join.
    pub said_since: u64,
}

/// The last message to a story's customers that still holds: its release or its decline. `None` where it is neither
/// released nor declined, or was declined without telling customers.
pub(in crate::usecase) fn standing(conn: &mut Conn, story: &Story) -> Result<Option<ClosureKind>> {
    if story.stage.is_shipped() {
        return Ok(Some(ClosureKind::Release));
    }
    if story.stage != Stage::Declined {
        return Ok(None);
    }
    let told = match round_of(conn, story)?.first() {
        Some(row) => row.kind == ClosureKind::Decline,
        // The story had no customers then.
        None => {
            let declined = events::latest(conn, story.id, "story.declined")?;
            declined.is_some_and(|data| data["tell_customers"] == true)
        }
    };
    Ok(told.then_some(ClosureKind::Decline))
}

/// Adds feedback of a story to its current round, if its message still holds. Its customers get closures by the same
/// rules as when the round was opened, unless they have one. Feedback said after a release does not join; see
/// `recurrences.rs`.
pub(in crate::usecase) fn join(tx: &mut Tx<'_>, story: Id, items: &[Id]) -> Result<Option<LateJoiners>> {
    let story = stages::lock(tx, story)?;
    reinstate(tx, &story, items)?;
    let Some(kind) = standing(tx.conn, &story)? else { return Ok(None) };
    let frozen = late_evidence::among(tx.conn, &story, items)?;
    let said_since = freeze(tx, &story, kind, items, &frozen)?;
    let audience = audience::of_round(tx.conn, &story, kind)?;
    let asked: HashSet<Id> = items.iter().copied().collect();
    note_left_out(tx, &story, &audience, &asked, &frozen)?;
    let send_at = rounds::send_at(tx, &story)?;
    let joining = audience.people.into_iter().filter(|person| person.said.iter().any(|id| asked.contains(id)));
    let people = tell(tx, &story, kind, joining.collect())?;
    Ok(Some(LateJoiners { kind, send_at, people, said_since }))
}

/// Adds feedback to the evidence of the current round; answers how many were said after the release.
fn freeze(tx: &mut Tx<'_>, story: &Story, kind: ClosureKind, items: &[Id], frozen: &HashSet<Id>) -> Result<u64> {
    let new: HashSet<Id> = items.iter().copied().filter(|id| !frozen.contains(id)).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let mut present = frozen_evidence::current(tx.conn, &[story.id])?;
    present.retain(|item| new.contains(&item.feedback_id));
    let until = story.released_at.filter(|_| kind == ClosureKind::Release);
    let said_since = |item: &&Current| until.is_some_and(|until| item.occurred_at > until);
    let (since, before): (Vec<&Current>, Vec<&Current>) = present.iter().partition(said_since);
    let before: Vec<_> = before.into_iter().map(|item| (item, None)).collect();
    frozen_evidence::freeze(tx, story, &before)?;
    Ok(since.len() as u64)
}

/// Stores for added or reassigned feedback whether it asks for an answer.
fn note_left_out(
    tx: &mut Tx<'_>,
    story: &Story,
    audience: &Audience,
    items: &HashSet<Id>,
    frozen: &HashSet<Id>,
) -> Result<()> {
    for (item, left_out) in &audience.evidence {
        let id = item.feedback_id;
        if items.contains(&id) && (left_out.is_some() || frozen.contains(&id)) {
            late_evidence::set_left_out(tx, story, id, *left_out)?;
        }
    }
    Ok(())
}

/// Opens closures for the customers who must be told and have none; answers all customers with their outcome.
fn tell(tx: &mut Tx<'_>, story: &Story, kind: ClosureKind, people: Vec<Person>) -> Result<Vec<Person>> {
    let round = round_of(tx.conn, story)?;
    let release = match kind {
        ClosureKind::Release => match round.iter().find_map(|row| row.release_id) {
            Some(release) => Some(release),
            None => releases::rows::bringing(tx.conn, story.id)?,
        },
        _ => None,
    };
    let mut cases: HashMap<Id, ClosureRecord> = round.into_iter().map(|row| (row.customer_id, row)).collect();
    let (mut told, mut known) = (Vec::new(), Vec::new());
    for mut person in people {
        let Some(case) = cases.remove(&person.customer.id) else {
            told.push(person);
            continue;
        };
        person.outcome = again(tx, story, case, person.outcome)?;
        known.push(person);
    }
    let opened: Vec<(&Person, &Way)> =
        told.iter().filter_map(|person| Some((person, person.outcome.as_ref().ok()?))).collect();
    let waits = !opened.is_empty() || known.iter().any(|person| person.outcome.is_ok());
    rounds::open(tx, story, kind, release, &opened)?;
    if waits && story.stage == Stage::Closed {
        let story = stages::lock(tx, story.id)?;
        stages::move_to(tx, story, Stage::Closing, Some(TOLD_LATE.to_owned()), None)?;
    }
    told.extend(known);
    told.sort_by_key(|person| person.customer.id);
    Ok(told)
}

/// The outcome for a customer who has a closure in this round: it stays as it is, except that a withdrawn one is
/// resumed.
fn again(
    tx: &mut Tx<'_>,
    story: &Story,
    case: ClosureRecord,
    outcome: std::result::Result<Way, NotTold>,
) -> Result<std::result::Result<Way, NotTold>> {
    let state = case.state;
    let way = match (state, outcome) {
        (ClosureState::Waiting, _) => {
            let assignee = case.assignee_id;
            return Ok(Ok(Way { channel: case.channel, why_not_mailed: None, assignee }));
        }
        (ClosureState::Withdrawn, Ok(way)) if case.told_at.is_none() => way,
        (ClosureState::Withdrawn, Err(why)) => return Ok(Err(why)),
        (state, _) => return Ok(Err(NotTold::of_case(state).unwrap_or(NotTold::AlreadyTold))),
    };
    let send_at = rounds::send_at(tx, story)?;
    let by_agent = way.channel == Channel::Agent;
    step(tx, case, ClosureAct::Resume, |row| {
        row.reason = None;
        row.channel = way.channel;
        row.assignee_id = way.assignee.filter(|_| by_agent);
        row.handed_at = None;
        row.send_at = (!by_agent).then_some(send_at);
    })?;
    Ok(Ok(way))
}

/// Reopens the closures of customers who were told before their closure was withdrawn: they can answer again, and are
/// not told again.
fn reinstate(tx: &mut Tx<'_>, story: &Story, items: &[Id]) -> Result<()> {
    let is_told = |row: &ClosureRecord| row.state == ClosureState::Withdrawn && row.told_at.is_some();
    let told: Vec<ClosureRecord> = round_of(tx.conn, story)?.into_iter().filter(is_told).collect();
    let mut theirs = HashSet::new();
    for ids in items.chunks(500).filter(|_| !told.is_empty()) {
        theirs.extend(feedback::rows::rows(tx.conn, ids)?.into_iter().filter_map(|row| row.customer_id));
    }
    for row in told.into_iter().filter(|row| theirs.contains(&row.customer_id)) {
        if late_evidence::asks(tx.conn, (story.id, row.round), row.customer_id, None)? {
            step(tx, row, ClosureAct::Reinstate, |row| row.reason = None)?;
        }
    }
    Ok(())
}

/// Removes feedback from the evidence of a story's current round. Waiting closures of customers without other feedback
/// are withdrawn. The feedback of customers who were told stays, because they were told because of it.
pub(in crate::usecase) fn leave(tx: &mut Tx<'_>, story: Id, items: &[Id]) -> Result<()> {
    let story = stories::rows::get(tx.conn, story)?;
    let frozen: Vec<Id> = late_evidence::among(tx.conn, &story, items)?.into_iter().collect();
    if frozen.is_empty() {
        return Ok(());
    }
    let round = round_of(tx.conn, &story)?;
    let told: HashSet<Id> = round.iter().filter(|row| row.told_at.is_some()).map(|row| row.customer_id).collect();
    let mut left = HashSet::new();
    let mut gone = Vec::new();
    for ids in frozen.chunks(500) {
        for row in feedback::rows::rows(tx.conn, ids)? {
            if row.customer_id.is_none_or(|customer| !told.contains(&customer)) {
                gone.push(row.id);
                left.extend(row.customer_id);
            }
        }
    }
    late_evidence::remove(tx, (story.id, story.round), &gone)?;
    for row in round.into_iter().filter(|row| left.contains(&row.customer_id)) {
        withdraw(tx, row, None, TAKEN_OFF)?;
    }
    settle(tx, story.id)
}

/// Withdraws a closure if its customer has no other feedback in the round that asks for an answer (`but` is ignored);
/// answers whether it did. An answered or ended closure stays.
pub(in crate::usecase) fn withdraw(tx: &mut Tx<'_>, row: ClosureRecord, but: Option<Id>, reason: &str) -> Result<bool> {
    let place = (row.story_id, row.round);
    let may = row.state.after(ClosureAct::Withdraw).is_some();
    if !may || late_evidence::asks(tx.conn, place, row.customer_id, but)? {
        return Ok(false);
    }
    step(tx, row, ClosureAct::Withdraw, |row| row.reason = Some(reason.to_owned()))?;
    Ok(true)
}

fn round_of(conn: &mut Conn, story: &Story) -> Result<Vec<ClosureRecord>> {
    let mut rows = closures::of_story(conn, story.id)?;
    rows.retain(|row| row.round == story.round);
    Ok(rows)
}
