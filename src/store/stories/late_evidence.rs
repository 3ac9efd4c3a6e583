//! Corrections of frozen evidence: feedback that was attached or detached, got another customer, or moved to another
//! product after the round was opened.

use std::collections::HashSet;

use diesel::dsl::exists;

use super::frozen_evidence::Current;
use crate::domain::base::Id;
use crate::domain::closure::LeftOut;
use crate::domain::feedback::State;
use crate::domain::stories::Story;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{feedback, recurrences, stories, story_evidence};

/// The most ids per statement.
const CHUNK: usize = 500;

/// The frozen evidence of a story's current round, latest first, without feedback dismissed since.
pub fn of_round(conn: &mut Conn, story: &Story) -> Result<Vec<Current>> {
    Ok(story_evidence::table
        .inner_join(feedback::table.on(feedback::id.eq(story_evidence::feedback_id)))
        .filter(story_evidence::story_id.eq(DbId(story.id)))
        .filter(story_evidence::round.eq(story.round))
        .filter(feedback::state.ne(State::Dismissed.as_str()))
        .select((
            story_evidence::story_id,
            feedback::id,
            feedback::customer_id,
            feedback::origin,
            feedback::submitted_by,
            feedback::occurred_at,
            feedback::language,
            feedback::kind,
            feedback::set_aside,
        ))
        .order((feedback::occurred_at.desc(), feedback::id.desc()))
        .load(conn)?)
}

/// The feedback among these that is evidence of a story's current round.
pub fn among(conn: &mut Conn, story: &Story, ids: &[Id]) -> Result<HashSet<Id>> {
    let mut found = HashSet::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<DbId> = story_evidence::table
            .filter(story_evidence::story_id.eq(DbId(story.id)))
            .filter(story_evidence::round.eq(story.round))
            .filter(story_evidence::feedback_id.eq_any(ids.iter().map(|id| DbId(*id))))
            .select(story_evidence::feedback_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(Id::from));
    }
    Ok(found)
}

/// The rounds (story, round) that have a feedback as evidence.
pub fn rounds_of(conn: &mut Conn, feedback: Id) -> Result<Vec<(Id, i32)>> {
    let rows: Vec<(DbId, i32)> = story_evidence::table
        .filter(story_evidence::feedback_id.eq(DbId(feedback)))
        .select((story_evidence::story_id, story_evidence::round))
        .order((story_evidence::story_id.asc(), story_evidence::round.asc()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(story, round)| (story.into(), round)).collect())
}

/// Whether a customer has feedback in the evidence of a round that asks for an answer; the feedback `but` is ignored.
pub fn asks(conn: &mut Conn, (story, round): (Id, i32), customer: Id, but: Option<Id>) -> Result<bool> {
    let asking = story_evidence::table
        .inner_join(feedback::table.on(feedback::id.eq(story_evidence::feedback_id)))
        .filter(story_evidence::story_id.eq(DbId(story)))
        .filter(story_evidence::round.eq(round))
        .filter(story_evidence::left_out.is_null())
        .filter(feedback::customer_id.eq(DbId(customer)))
        .filter(feedback::state.ne(State::Dismissed.as_str()))
        .filter(feedback::id.ne_all(but.map(DbId)));
    Ok(diesel::select(exists(asking)).get_result(conn)?)
}

/// Sets the reason why a feedback in a story's current round asks for no answer; `None` where it asks for one.
pub fn set_left_out(tx: &mut Tx<'_>, story: &Story, feedback: Id, left_out: Option<LeftOut>) -> Result<()> {
    diesel::update(story_evidence::table.find((DbId(story.id), story.round, DbId(feedback))))
        .set(story_evidence::left_out.eq(left_out.map(LeftOut::as_str)))
        .execute(tx.conn)?;
    Ok(())
}

/// Sets the customer of a feedback in every round that has it as evidence.
pub fn give_to(tx: &mut Tx<'_>, feedback: Id, customer: Option<Id>) -> Result<()> {
    diesel::update(story_evidence::table.filter(story_evidence::feedback_id.eq(DbId(feedback))))
        .set(story_evidence::customer_id.eq(customer.map(DbId)))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes feedback from the evidence of a round.
pub fn remove(tx: &mut Tx<'_>, (story, round): (Id, i32), ids: &[Id]) -> Result<()> {
    for ids in ids.chunks(CHUNK) {
        let rows = story_evidence::table
            .filter(story_evidence::story_id.eq(DbId(story)))
            .filter(story_evidence::round.eq(round))
            .filter(story_evidence::feedback_id.eq_any(ids.iter().map(|id| DbId(*id))));
        diesel::delete(rows).execute(tx.conn)?;
    }
    Ok(())
}

/// Removes a feedback from the recurrences of all stories; answers the (story, round) pairs it was counted in.
pub fn forget_recurrences(tx: &mut Tx<'_>, feedback: Id) -> Result<Vec<(Id, i32)>> {
    let own = || recurrences::table.filter(recurrences::feedback_id.eq(DbId(feedback)));
    let rows: Vec<(DbId, i32)> = own().select((recurrences::story_id, recurrences::round)).load(tx.conn)?;
    diesel::delete(own()).execute(tx.conn)?;
    for (story, _) in &rows {
        count_recurrences(tx, *story)?;
    }
    Ok(rows.into_iter().map(|(story, round)| (story.into(), round)).collect())
}

/// Counts a feedback as a recurrence of a round again. It does not reopen the story.
pub fn recur_again(tx: &mut Tx<'_>, feedback: Id, (story, round): (Id, i32)) -> Result<()> {
    let row = (
        recurrences::story_id.eq(DbId(story)),
        recurrences::feedback_id.eq(DbId(feedback)),
        recurrences::round.eq(round),
        recurrences::noticed_at.eq(DbTime(tx.now)),
    );
    on_each!(tx.conn, c => diesel::insert_into(recurrences::table).values(row).on_conflict_do_nothing().execute(c))?;
    count_recurrences(tx, story.into())
}

fn count_recurrences(tx: &mut Tx<'_>, story: DbId) -> Result<()> {
    let all: i64 = recurrences::table.filter(recurrences::story_id.eq(story)).count().get_result(tx.conn)?;
    diesel::update(stories::table.find(story))
        .set(stories::recurrences.eq(i32::try_from(all).unwrap_or(i32::MAX)))
        .execute(tx.conn)?;
    Ok(())
}
