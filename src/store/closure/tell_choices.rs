//! Decisions of people about which customers of a story are told.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::closure::{TellChoice, TellChosen};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::tell_choices;

#[derive(Queryable)]
struct Row {
    story_id: DbId,
    customer_id: DbId,
    choice: String,
    reason: Option<String>,
    decided_by: Option<DbId>,
    decided_at: DbTime,
}

/// The decisions about these stories, by story and customer.
pub fn of_stories(conn: &mut Conn, stories: &[Id]) -> Result<HashMap<(Id, Id), TellChosen>> {
    let own = tell_choices::story_id.eq_any(stories.iter().map(|id| DbId(*id)));
    let rows: Vec<Row> = tell_choices::table.filter(own).load(conn)?;
    let chosen = |row: Row| {
        let customer_id = row.customer_id.into();
        let chosen = TellChosen {
            customer_id,
            choice: name(&row.choice)?,
            reason: row.reason,
            decided_by: row.decided_by.map(Id::from),
            decided_at: row.decided_at.into(),
        };
        Ok(((row.story_id.into(), customer_id), chosen))
    };
    rows.into_iter().map(chosen).collect()
}

/// Writes a decision in place of an earlier one; `undecided` deletes it.
pub fn put(tx: &mut Tx<'_>, story: Id, chosen: &TellChosen) -> Result<()> {
    let row = tell_choices::table.find((DbId(story), DbId(chosen.customer_id)));
    if chosen.choice == TellChoice::Undecided {
        diesel::delete(row).execute(tx.conn)?;
        return Ok(());
    }
    let decided = (
        tell_choices::choice.eq(chosen.choice.as_str()),
        tell_choices::reason.eq(chosen.reason.as_deref()),
        tell_choices::decided_by.eq(chosen.decided_by.map(DbId)),
        tell_choices::decided_at.eq(DbTime(chosen.decided_at)),
    );
    let key = (tell_choices::story_id.eq(DbId(story)), tell_choices::customer_id.eq(DbId(chosen.customer_id)));
    on_each!(tx.conn, c => diesel::insert_into(tell_choices::table)
        .values((key, decided))
        .on_conflict((tell_choices::story_id, tell_choices::customer_id))
        .do_update()
        .set(decided)
        .execute(c))?;
    Ok(())
}

/// After customers were merged: moves the decisions about one to the other, except where the other has a decision
/// already.
pub fn follow_merge(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let there: Vec<DbId> = tell_choices::table
        .filter(tell_choices::customer_id.eq(DbId(to)))
        .select(tell_choices::story_id)
        .load(tx.conn)?;
    let own = tell_choices::table.filter(tell_choices::customer_id.eq(DbId(from)));
    diesel::update(own.filter(tell_choices::story_id.ne_all(there)))
        .set(tell_choices::customer_id.eq(DbId(to)))
        .execute(tx.conn)?;
    forget(tx, from)
}

/// Deletes the decisions about a customer.
pub fn forget(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    diesel::delete(tell_choices::table.filter(tell_choices::customer_id.eq(DbId(customer)))).execute(tx.conn)?;
    Ok(())
}
