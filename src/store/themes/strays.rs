//! Feedback that is far from its theme, as of the engine's last check.

use std::collections::{HashMap, HashSet};

use crate::domain::base::Id;
use crate::domain::closure::Far;
use crate::domain::feedback::State;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{far_feedback, feedback, story_feedback, story_items};

#[derive(Clone, Debug, PartialEq, Queryable, Insertable)]
#[diesel(table_name = far_feedback)]
struct Row {
    feedback_id: DbId,
    theme_id: DbId,
    likeness: f64,
    bar: f64,
}

/// The languages of these themes' feedback; feedback without a language is left out.
pub fn languages(conn: &mut Conn, themes: &[Id]) -> Result<HashMap<Id, String>> {
    let rows: Vec<(DbId, Option<String>)> = feedback::table
        .filter(feedback::theme_id.eq_any(themes.iter().map(|id| DbId(*id))))
        .filter(feedback::state.ne(State::Dismissed.as_str()))
        .filter(feedback::language.is_not_null())
        .select((feedback::id, feedback::language))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, language)| Some((id.into(), language?))).collect())
}

/// Replaces the list of a theme's far feedback. If nothing changed, this costs one read.
pub fn note(tx: &mut Tx<'_>, theme: Id, far: &[(Id, Far)]) -> Result<()> {
    let row = |(id, far): &(Id, Far)| Row {
        feedback_id: DbId(*id),
        theme_id: DbId(theme),
        likeness: far.likeness,
        bar: far.bar,
    };
    let new: Vec<Row> = far.iter().map(row).collect();
    let old: Vec<Row> = far_feedback::table
        .filter(far_feedback::theme_id.eq(DbId(theme)))
        .order(far_feedback::feedback_id.asc())
        .load(tx.conn)?;
    if old == new {
        return Ok(());
    }
    diesel::delete(far_feedback::table.filter(far_feedback::theme_id.eq(DbId(theme)))).execute(tx.conn)?;
    // These may still be listed as far from an earlier theme.
    remove(tx, &far.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    for rows in new.chunks(2_000) {
        insert_rows!(tx.conn, far_feedback::table, rows);
    }
    Ok(())
}

/// The (story, feedback) pairs where the feedback is far from its theme. Feedback that people put into the theme or
/// attached to the story is never far.
pub fn of_stories(conn: &mut Conn, stories: &[Id]) -> Result<HashSet<(Id, Id)>> {
    let wanted = || stories.iter().map(|id| DbId(*id));
    let far: Vec<(DbId, DbId)> = story_items::table
        .inner_join(feedback::table.on(feedback::id.eq(story_items::feedback_id)))
        .inner_join(far_feedback::table.on(far_feedback::feedback_id.eq(story_items::feedback_id)))
        .filter(story_items::story_id.eq_any(wanted()))
        .filter(feedback::theme_id.eq(far_feedback::theme_id.nullable()))
        .filter(feedback::pinned.eq(false))
        .select((story_items::story_id, story_items::feedback_id))
        .load(conn)?;
    let attached: Vec<(DbId, DbId)> = story_feedback::table
        .filter(story_feedback::story_id.eq_any(wanted()))
        .filter(story_feedback::taken_off.eq(false))
        .select((story_feedback::story_id, story_feedback::feedback_id))
        .load(conn)?;
    let mut found: HashSet<(Id, Id)> = far.into_iter().map(|(story, id)| (story.into(), id.into())).collect();
    for (story, id) in attached {
        found.remove(&(story.into(), id.into()));
    }
    Ok(found)
}

/// Removes feedback from the list.
pub fn remove(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    for ids in ids.chunks(500) {
        let rows = far_feedback::feedback_id.eq_any(ids.iter().map(|id| DbId(*id)));
        diesel::delete(far_feedback::table.filter(rows)).execute(tx.conn)?;
    }
    Ok(())
}
