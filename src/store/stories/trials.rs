//! Trials and demos.

use crate::domain::base::{Id, Page, Paging};
use crate::domain::stories::Trial;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::trials;

#[derive(Queryable, Insertable)]
#[diesel(table_name = trials)]
struct Row {
    id: DbId,
    story_id: DbId,
    kind: String,
    customer_id: Option<DbId>,
    tried_by: Option<String>,
    tried_at: DbTime,
    verdict: String,
    note: Option<String>,
    recorded_by: Option<DbId>,
    created_at: DbTime,
}

fn show(row: Row) -> Result<Trial> {
    Ok(Trial {
        id: row.id.into(),
        story_id: row.story_id.into(),
        kind: name(&row.kind)?,
        customer_id: row.customer_id.map(Id::from),
        tried_by: row.tried_by,
        tried_at: row.tried_at.into(),
        verdict: name(&row.verdict)?,
        note: row.note,
        recorded_by: row.recorded_by.map(Id::from),
        created_at: row.created_at.into(),
    })
}

/// The trials of a story, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn of_story(conn: &mut Conn, story: Id, paging: &Paging) -> Result<Page<Trial>> {
    let mut query = trials::table.filter(trials::story_id.eq(DbId(story))).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(trials::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(trials::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Trial>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |trial| vec![trial.id.to_string()]))
}

/// Adds a trial.
pub fn insert(tx: &mut Tx<'_>, trial: &Trial) -> Result<()> {
    let row = Row {
        id: trial.id.into(),
        story_id: trial.story_id.into(),
        kind: trial.kind.as_str().to_owned(),
        customer_id: trial.customer_id.map(DbId),
        tried_by: trial.tried_by.clone(),
        tried_at: trial.tried_at.into(),
        verdict: trial.verdict.as_str().to_owned(),
        note: trial.note.clone(),
        recorded_by: trial.recorded_by.map(DbId),
        created_at: trial.created_at.into(),
    };
    diesel::insert_into(trials::table).values(row).execute(tx.conn)?;
    Ok(())
}
