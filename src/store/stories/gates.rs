//! Signoffs: decisions about the items of stories' gates.

use crate::domain::base::Id;
use crate::domain::stories::Signoff;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::signoffs;

#[derive(Queryable, Insertable)]
#[diesel(table_name = signoffs)]
struct Row {
    id: DbId,
    story_id: DbId,
    gate: String,
    decision: String,
    member_id: Option<DbId>,
    evidence: Option<String>,
    reason: Option<String>,
    created_at: DbTime,
}

/// The signoffs of a story, oldest first.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<Vec<Signoff>> {
    let rows: Vec<Row> =
        signoffs::table.filter(signoffs::story_id.eq(DbId(story))).order(signoffs::id.asc()).load(conn)?;
    rows.into_iter().map(signoff).collect()
}

/// The signoffs of these stories, oldest first.
pub fn of_stories(conn: &mut Conn, stories: &[Id]) -> Result<Vec<Signoff>> {
    let mut found = Vec::new();
    for stories in stories.chunks(500) {
        let ids: Vec<DbId> = stories.iter().map(|id| DbId(*id)).collect();
        let rows: Vec<Row> =
            signoffs::table.filter(signoffs::story_id.eq_any(ids)).order(signoffs::id.asc()).load(conn)?;
        found.extend(rows.into_iter().map(signoff).collect::<Result<Vec<Signoff>>>()?);
    }
    Ok(found)
}

fn signoff(row: Row) -> Result<Signoff> {
    Ok(Signoff {
        id: row.id.into(),
        story_id: row.story_id.into(),
        gate: row.gate,
        decision: name(&row.decision)?,
        member_id: row.member_id.map(Id::from),
        evidence: row.evidence,
        reason: row.reason,
        created_at: row.created_at.into(),
    })
}

/// Adds a signoff.
pub fn insert(tx: &mut Tx<'_>, signoff: &Signoff) -> Result<()> {
    let row = Row {
        id: signoff.id.into(),
        story_id: signoff.story_id.into(),
        gate: signoff.gate.clone(),
        decision: signoff.decision.as_str().to_owned(),
        member_id: signoff.member_id.map(DbId),
        evidence: signoff.evidence.clone(),
        reason: signoff.reason.clone(),
        created_at: signoff.created_at.into(),
    };
    diesel::insert_into(signoffs::table).values(row).execute(tx.conn)?;
    Ok(())
}
