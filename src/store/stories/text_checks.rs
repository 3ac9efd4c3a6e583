//! Checks of stories' texts before they leave the team: marks of texts that quote no customer, or that a person
//! confirmed.

use std::collections::{HashMap, HashSet};

use crate::domain::base::{Id, Time};
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::{release_stories, stories, text_checks};

/// The state of the checks of a story's texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// Marks of the texts that may be published.
    pub cleared: HashSet<String>,
    /// The member who last confirmed quotations.
    pub confirmed_by: Option<Id>,
    /// When they did.
    pub confirmed_at: Option<Time>,
}

/// The checks of these stories; stories never checked are left out.
pub fn of_stories(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Checked>> {
    type Columns = (DbId, String, Option<DbId>, Option<DbTime>);
    let own = text_checks::table.filter(text_checks::story_id.eq_any(ids.iter().map(|id| DbId(*id))));
    let rows: Vec<Columns> = own.select(text_checks::all_columns).load(conn)?;
    let checked = |(story, cleared, by, at): Columns| {
        let cleared = serde_json::from_str(&cleared).unwrap_or_default();
        let checked = Checked { cleared, confirmed_by: by.map(Id::from), confirmed_at: at.map(Time::from) };
        (story.into(), checked)
    };
    Ok(rows.into_iter().map(checked).collect())
}

/// Writes the checks of a story.
pub fn set(tx: &mut Tx<'_>, story: Id, checked: &Checked) -> Result<()> {
    let mut cleared: Vec<&String> = checked.cleared.iter().collect();
    cleared.sort_unstable();
    diesel::delete(text_checks::table.find(DbId(story))).execute(tx.conn)?;
    let row = (
        text_checks::story_id.eq(DbId(story)),
        text_checks::cleared.eq(json(&cleared)),
        text_checks::confirmed_by.eq(checked.confirmed_by.map(DbId)),
        text_checks::confirmed_at.eq(checked.confirmed_at.map(DbTime)),
    );
    on_each!(tx.conn, c => diesel::insert_into(text_checks::table).values(row).execute(c))?;
    Ok(())
}

/// Deletes the checks of a story, so that its texts are checked again.
pub fn forget(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    diesel::delete(text_checks::table.find(DbId(story))).execute(tx.conn)?;
    Ok(())
}

/// Released stories of a product whose texts were never checked: they are older than the checks, or came from an export.
pub fn missing(conn: &mut Conn, product: Id, limit: i64) -> Result<Vec<Id>> {
    let shipped: Vec<&str> = Stage::ALL.iter().filter(|stage| stage.is_shipped()).map(|stage| stage.as_str()).collect();
    let ids: Vec<DbId> = stories::table
        .left_join(text_checks::table.on(text_checks::story_id.eq(stories::id)))
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::stage.eq_any(shipped))
        .filter(text_checks::story_id.nullable().is_null())
        .select(stories::id)
        .order(stories::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The changelog entries of these stories, without releases that they missed.
pub fn entries_of(conn: &mut Conn, stories: &[Id]) -> Result<HashMap<Id, Vec<String>>> {
    let own = release_stories::table.filter(release_stories::story_id.eq_any(stories.iter().map(|id| DbId(*id))));
    let rows: Vec<(DbId, Option<String>)> = own
        .filter(release_stories::moved_to.is_null())
        .select((release_stories::story_id, release_stories::entry))
        .order((release_stories::story_id.asc(), release_stories::release_id.asc()))
        .load(conn)?;
    let mut entries: HashMap<Id, Vec<String>> = HashMap::new();
    for (story, entry) in rows {
        entries.entry(story.into()).or_default().extend(entry);
    }
    Ok(entries)
}
