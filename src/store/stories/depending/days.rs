//! How many working days stories take, where somebody said so.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::story_days;

/// The days of these stories; stories without any are left out.
pub fn of_stories(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, i32>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(500) {
        let own = story_days::table.filter(story_days::story_id.eq_any(ids.iter().map(|id| DbId(*id))));
        let rows: Vec<(DbId, i32)> = own.select((story_days::story_id, story_days::days)).load(conn)?;
        found.extend(rows.into_iter().map(|(story, days)| (Id::from(story), days)));
    }
    Ok(found)
}

/// Sets the days of a story; `None` removes them.
pub fn set(tx: &mut Tx<'_>, story: Id, days: Option<i32>) -> Result<()> {
    diesel::delete(story_days::table.find(DbId(story))).execute(tx.conn)?;
    if let Some(days) = days {
        let row = (story_days::story_id.eq(DbId(story)), story_days::days.eq(days));
        diesel::insert_into(story_days::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
