//! What a story's closures mean for the story: once somebody was told it is `closing`, once everyone has an end it is
//! `closed`.

use std::collections::HashMap;

use super::rounds::{save, step};
use crate::domain::base::Id;
use crate::domain::closure::{ClosureAct, ClosureRecord, ClosureState};
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::closure::closures;
use crate::store::closure::tell_choices;
use crate::store::{Tx, stories};
use crate::usecase::stories::progress;

/// The reason of a closure that ended because its customer was merged with one who has another.
const SAME_PERSON: &str = "The same person has another closure in this story.";

/// The reason of a closure that ended because its customer was erased.
const ERASED: &str = "The customer was erased.";

/// Follows a merge of two customers: the closures of `from` become those of `to`. Where both have one in the same
/// round, `to` keeps its own and the other ends. If the kept one was withdrawn while the other was waiting, it is sent
/// after all.
pub fn follow_merge(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let own = closures::of_customer(tx.conn, to)?.into_iter();
    let mut there: HashMap<(Id, i32), ClosureRecord> = own.map(|row| ((row.story_id, row.round), row)).collect();
    for mut row in closures::of_customer(tx.conn, from)? {
        let Some(kept) = there.remove(&(row.story_id, row.round)) else {
            row.customer_id = to;
            save(tx, &mut row)?;
            continue;
        };
        let (story, state, send_at) = (row.story_id, row.state, row.send_at);
        if state.is_ended() {
            continue;
        }
        step(tx, row, ClosureAct::Expire, |row| row.reason = Some(SAME_PERSON.to_owned()))?;
        let again = kept.state == ClosureState::Withdrawn && kept.told_at.is_none();
        if again && state == ClosureState::Waiting {
            step(tx, kept, ClosureAct::Resume, |row| (row.reason, row.send_at) = (None, send_at))?;
        }
        settle(tx, story)?;
    }
    tell_choices::follow_merge(tx, from, to)
}

/// Erases a customer from closures: states stay, all texts are removed, and waiting closures end.
pub fn forget(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    tell_choices::forget(tx, customer)?;
    for row in closures::of_customer(tx.conn, customer)? {
        let mut row = ClosureRecord { reason: None, note: None, ..row };
        if row.state == ClosureState::Waiting {
            let story = row.story_id;
            step(tx, row, ClosureAct::GiveUp, |row| row.reason = Some(ERASED.to_owned()))?;
            settle(tx, story)?;
        } else {
            save(tx, &mut row)?;
        }
    }
    Ok(())
}

/// Moves a story according to its closures: to `closing` once a customer was told; to `closed` once every closure of
/// the round is confirmed, unreachable or expired. A customer who answers "not solved" keeps it open, even below the
/// threshold that reopens it, because a person must look at it. A story without closures stays `released`, and so does
/// one whose messages were all recalled or withdrawn.
pub(in crate::usecase) fn settle(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let story = stories::rows::get(tx.conn, story)?;
    if !matches!(story.stage, Stage::Released | Stage::Closing) {
        return Ok(());
    }
    let mut round = Vec::new();
    for row in closures::of_story(tx.conn, story.id)?.into_iter().filter(|row| row.round == story.round) {
        round.push((row.state, row.told_at.is_some()));
    }
    let is_stopped = |state: &ClosureState| matches!(state, ClosureState::Recalled | ClosureState::Withdrawn);
    let nobody_left = round.iter().all(|(state, told)| is_stopped(state) && !told);
    // A story may be `closing` without anyone told: it was closed, and then opened again for a customer who is not told
    // in the end.
    let may_settle = !nobody_left || story.stage == Stage::Closing;
    let is_settled = may_settle && round.iter().all(|(state, _)| state.is_settled());
    if story.stage == Stage::Released && (is_settled || round.iter().any(|(_, told)| *told)) {
        progress::advance(tx, story.id, Stage::Closing)?;
    }
    if is_settled {
        progress::advance(tx, story.id, Stage::Closed)?;
    }
    Ok(())
}
