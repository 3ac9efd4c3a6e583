//! Requests to a language model for drafts. A model is asked once per story, and again only when the feedback has
//! grown.

use crate::domain::base::{Id, Time};
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{llm_drafts, stories};

/// The highest ranked unedited drafts for which a model was not asked, or was asked when there was too little feedback.
pub fn due(conn: &mut Conn, limit: i64) -> Result<Vec<Id>> {
    let machine = stories::drafted_by.eq("builtin").or(stories::drafted_by.like("llm:%"));
    // A model's draft without a row was restored from an export; it is kept.
    let first = llm_drafts::story_id.nullable().is_null().and(stories::drafted_by.eq("builtin"));
    let grown = llm_drafts::ask_again_at.nullable().le(stories::feedback_count.nullable());
    let ids: Vec<DbId> = stories::table
        .left_join(llm_drafts::table.on(llm_drafts::story_id.eq(stories::id)))
        .filter(stories::stage.eq(Stage::Draft.as_str()))
        .filter(stories::edited.eq(false))
        .filter(stories::proposed_duplicate_of.is_null())
        .filter(stories::feedback_count.gt(0))
        .filter(machine)
        .filter(first.or(grown.assume_not_null()))
        .order((stories::score.desc(), stories::id.desc()))
        .select(stories::id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The times of the requests between two times. Times in the future, written by a clock that was ahead, are not
/// counted.
pub fn asked_between(conn: &mut Conn, since: Time, until: Time) -> Result<Vec<Time>> {
    let times: Vec<DbTime> = llm_drafts::table
        .filter(llm_drafts::asked_at.gt(DbTime(since)))
        .filter(llm_drafts::asked_at.le(DbTime(until)))
        .select(llm_drafts::asked_at)
        .order(llm_drafts::asked_at.asc())
        .load(conn)?;
    Ok(times.into_iter().map(Time::from).collect())
}

/// Notes a request to a model: its outcome (`taken`, `taken_in_part`, `refused`, `overtaken`), and the feedback count at which the model
/// is asked again.
pub fn note(tx: &mut Tx<'_>, story: Id, outcome: &str, ask_again_at: i32) -> Result<()> {
    diesel::delete(llm_drafts::table.find(DbId(story))).execute(tx.conn)?;
    diesel::insert_into(llm_drafts::table)
        .values((
            llm_drafts::story_id.eq(DbId(story)),
            llm_drafts::asked_at.eq(DbTime(tx.now)),
            llm_drafts::outcome.eq(outcome),
            llm_drafts::ask_again_at.eq(ask_again_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Marks a story as a built-in draft again, because its texts were erased.
pub fn give_back(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    diesel::delete(llm_drafts::table.find(DbId(story))).execute(tx.conn)?;
    let drafted = stories::table.find(DbId(story)).filter(stories::drafted_by.like("llm:%"));
    diesel::update(drafted).set(stories::drafted_by.eq("builtin")).execute(tx.conn)?;
    Ok(())
}
