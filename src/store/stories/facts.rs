//! What the customers of stories mentioned.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::stories::Facts;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, json};
use crate::store::schema::story_facts;

/// The most ids per statement.
const CHUNK: usize = 500;

/// The facts of these stories; stories without any are left out.
pub fn of_stories(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Facts>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let own = story_facts::table.filter(story_facts::story_id.eq_any(ids.iter().map(|id| DbId(*id))));
        let rows: Vec<(DbId, String)> = own.load(conn)?;
        for (story, facts) in rows {
            found.insert(story.into(), read(&facts)?);
        }
    }
    Ok(found)
}

/// The facts of all stories.
pub fn all(conn: &mut Conn) -> Result<Vec<(Id, Facts)>> {
    let rows: Vec<(DbId, String)> = story_facts::table.load(conn)?;
    rows.into_iter().map(|(story, facts)| Ok((story.into(), read(&facts)?))).collect()
}

fn read(facts: &str) -> Result<Facts> {
    serde_json::from_str(facts).map_err(Error::internal)
}

/// Replaces the facts of a story.
pub fn set(tx: &mut Tx<'_>, story: Id, facts: &Facts) -> Result<()> {
    diesel::delete(story_facts::table.find(DbId(story))).execute(tx.conn)?;
    if *facts != Facts::default() {
        let row = (story_facts::story_id.eq(DbId(story)), story_facts::facts.eq(json(facts)));
        diesel::insert_into(story_facts::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
