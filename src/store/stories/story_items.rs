//! The current evidence of a story: the feedback of its themes, plus attached and minus detached feedback.

use std::collections::HashSet;

use crate::domain::base::{Id, Time};
use crate::domain::stories::Story;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{feedback, story_feedback, story_items};

/// The most ids per statement.
const CHUNK: usize = 500;

/// A subquery of the ids of a story's evidence.
macro_rules! behind {
    ($story:expr) => {
        $crate::store::schema::story_items::table
            .filter($crate::store::schema::story_items::story_id.eq($crate::store::base::types::DbId($story)))
            .select($crate::store::schema::story_items::feedback_id)
    };
}
pub(in crate::store) use behind;

/// The feedback among these that is evidence of a story now.
pub fn among(conn: &mut Conn, story: Id, ids: &[Id]) -> Result<HashSet<Id>> {
    let mut found = HashSet::new();
    for ids in ids.chunks(CHUNK) {
        let wanted = behind!(story).filter(story_items::feedback_id.eq_any(ids.iter().map(|id| DbId(*id))));
        found.extend(wanted.load::<DbId>(conn)?.into_iter().map(Id::from));
    }
    Ok(found)
}

/// The stories that have these feedbacks as evidence now, each with the feedback.
pub fn stories_of(conn: &mut Conn, ids: &[Id]) -> Result<Vec<(Id, Id)>> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(DbId, DbId)> = story_items::table
            .filter(story_items::feedback_id.eq_any(ids.iter().map(|id| DbId(*id))))
            .select((story_items::story_id, story_items::feedback_id))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(story, feedback)| (Id::from(story), Id::from(feedback))));
    }
    Ok(found)
}

/// The feedback that people attached to these stories: (story, feedback).
pub fn attached(conn: &mut Conn, stories: &[Id]) -> Result<HashSet<(Id, Id)>> {
    let rows: Vec<(DbId, DbId)> = story_feedback::table
        .filter(story_feedback::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .filter(story_feedback::taken_off.eq(false))
        .select((story_feedback::story_id, story_feedback::feedback_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(story, feedback)| (story.into(), feedback.into())).collect())
}

/// The stories with attached or detached feedback that is in one of these themes or among these items. They must be
/// updated when that feedback changes.
pub fn decided_about(conn: &mut Conn, themes: &[Id], items: &[Id]) -> Result<Vec<Id>> {
    let mut found: HashSet<DbId> = HashSet::new();
    for themes in themes.chunks(CHUNK) {
        let stories = story_feedback::table
            .inner_join(feedback::table.on(feedback::id.eq(story_feedback::feedback_id)))
            .filter(feedback::theme_id.eq_any(themes.iter().map(|id| Some(DbId(*id)))))
            .select(story_feedback::story_id)
            .distinct();
        found.extend(stories.load::<DbId>(conn)?);
    }
    for items in items.chunks(CHUNK) {
        let stories = story_feedback::table
            .filter(story_feedback::feedback_id.eq_any(items.iter().map(|id| DbId(*id))))
            .select(story_feedback::story_id)
            .distinct();
        found.extend(stories.load::<DbId>(conn)?);
    }
    Ok(found.into_iter().map(Id::from).collect())
}

/// The decisions about a feedback: each story, and whether it was detached from it (else it was attached).
pub fn decisions_about(conn: &mut Conn, feedback: Id) -> Result<Vec<(Id, bool)>> {
    let rows: Vec<(DbId, bool)> = story_feedback::table
        .filter(story_feedback::feedback_id.eq(DbId(feedback)))
        .select((story_feedback::story_id, story_feedback::taken_off))
        .order(story_feedback::story_id.asc())
        .load(conn)?;
    Ok(rows.into_iter().map(|(story, taken_off)| (story.into(), taken_off)).collect())
}

/// All current evidence of a story.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<HashSet<Id>> {
    Ok(behind!(story).load::<DbId>(conn)?.into_iter().map(Id::from).collect())
}

/// Attaches feedback to a story, or detaches it (`taken_off`).
pub fn decide(tx: &mut Tx<'_>, story: Id, ids: &[Id], taken_off: bool) -> Result<()> {
    for id in ids {
        let decided = (story_feedback::taken_off.eq(taken_off), story_feedback::decided_at.eq(DbTime(tx.now)));
        let row = (story_feedback::story_id.eq(DbId(story)), story_feedback::feedback_id.eq(DbId(*id)), decided);
        on_each!(tx.conn, c => diesel::insert_into(story_feedback::table)
            .values(row)
            .on_conflict((story_feedback::story_id, story_feedback::feedback_id))
            .do_update()
            .set(decided)
            .execute(c))?;
    }
    Ok(())
}

/// Removes the decisions about these feedbacks and a story; their themes decide again.
pub fn undecide(tx: &mut Tx<'_>, story: Id, ids: &[Id]) -> Result<()> {
    for ids in ids.chunks(CHUNK) {
        let rows = story_feedback::table
            .filter(story_feedback::story_id.eq(DbId(story)))
            .filter(story_feedback::feedback_id.eq_any(ids.iter().map(|id| DbId(*id))));
        diesel::delete(rows).execute(tx.conn)?;
    }
    Ok(())
}

/// Removes the decisions about a feedback and all stories, because it now belongs to another product.
pub fn undecide_all(tx: &mut Tx<'_>, feedback: Id) -> Result<()> {
    diesel::delete(story_feedback::table.filter(story_feedback::feedback_id.eq(DbId(feedback)))).execute(tx.conn)?;
    Ok(())
}

/// Moves attached feedback from one story to another, where the other has no decision about it; answers the moved
/// feedback.
pub fn hand_on(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<Vec<Id>> {
    let there = story_feedback::table.filter(story_feedback::story_id.eq(DbId(to))).select(story_feedback::feedback_id);
    let there: HashSet<DbId> = there.load::<DbId>(tx.conn)?.into_iter().collect();
    let attached = story_feedback::table
        .filter(story_feedback::story_id.eq(DbId(from)))
        .filter(story_feedback::taken_off.eq(false))
        .select(story_feedback::feedback_id)
        .order(story_feedback::feedback_id.asc());
    let given: Vec<Id> =
        attached.load::<DbId>(tx.conn)?.into_iter().filter(|id| !there.contains(id)).map(Id::from).collect();
    decide(tx, to, &given, false)?;
    undecide(tx, from, &given)?;
    Ok(given)
}

/// When each of these feedbacks was said, for those that are evidence of the story.
pub fn said_at(conn: &mut Conn, story: &Story, ids: &[Id]) -> Result<Vec<(Id, Time)>> {
    let rows: Vec<(DbId, DbTime)> = feedback::table
        .filter(feedback::id.eq_any(ids.iter().map(|id| DbId(*id))))
        .filter(feedback::id.eq_any(behind!(story.id)))
        .select((feedback::id, feedback::occurred_at))
        .order(feedback::id.asc())
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, at)| (id.into(), at.into())).collect())
}
