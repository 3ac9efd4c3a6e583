//! Stories left behind: they were in a release when it went to production, but had to wait for a gate.

use super::rows as release_store;
use crate::domain::base::Id;
use crate::domain::releases::{ReleaseState, Section};
use crate::domain::stories::dependency::{DependencyKind, DependencyState};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{left_behind, releases, story_blockers, story_dependencies};

/// The release that a story would have shipped with.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    pub release: Id,
    pub section: Section,
    /// Its changelog entry there.
    pub entry: Option<String>,
}

/// Notes that a release went to production without a story.
pub fn put(tx: &mut Tx<'_>, story: Id, left: &Left) -> Result<()> {
    let row = (
        left_behind::release_id.eq(DbId(left.release)),
        left_behind::section.eq(left.section.as_str()),
        left_behind::entry.eq(left.entry.as_deref()),
        left_behind::left_at.eq(DbTime(tx.now)),
    );
    on_each!(tx.conn, c => diesel::insert_into(left_behind::table)
        .values((left_behind::story_id.eq(DbId(story)), row))
        .on_conflict(left_behind::story_id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}

/// The release that left a story behind, as long as it is in production and the story is in no other open release.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<Option<Left>> {
    let row: Option<(DbId, String, Option<String>)> = left_behind::table
        .inner_join(releases::table.on(releases::id.eq(left_behind::release_id)))
        .filter(left_behind::story_id.eq(DbId(story)))
        .filter(releases::state.eq(ReleaseState::Shipped.as_str()))
        .filter(releases::deployed_at.is_not_null())
        .select((left_behind::release_id, left_behind::section, left_behind::entry))
        .first(conn)
        .optional()?;
    let Some((release, section, entry)) = row else { return Ok(None) };
    if !release_store::open_of(conn, &[story])?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Left { release: release.into(), section: name(&section)?, entry }))
}

/// The stories of a product that were left behind, oldest first.
pub fn of_product(conn: &mut Conn, product: Id) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = left_behind::table
        .inner_join(releases::table.on(releases::id.eq(left_behind::release_id)))
        .filter(releases::product_id.eq(DbId(product)))
        .select(left_behind::story_id)
        .order(left_behind::story_id.asc())
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The stories that were left behind and need others, of which none is missing any more, oldest first.
pub fn unblocked(conn: &mut Conn) -> Result<Vec<Id>> {
    let need = story_dependencies::table.filter(story_dependencies::kind.eq(DependencyKind::Needs.as_str()));
    let satisfied = DependencyState::Satisfied.as_str();
    let blocked = story_blockers::table.filter(story_blockers::state.ne(satisfied));
    let ids: Vec<DbId> = left_behind::table
        .filter(left_behind::story_id.eq_any(need.select(story_dependencies::story_id)))
        .filter(left_behind::story_id.ne_all(blocked.select(story_blockers::story_id)))
        .select(left_behind::story_id)
        .order(left_behind::story_id.asc())
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Deletes the note that a story was left behind.
pub fn remove(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    diesel::delete(left_behind::table.find(DbId(story))).execute(tx.conn)?;
    Ok(())
}
