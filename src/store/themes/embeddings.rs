//! Vectors of external embedders, and the embedder that the engine uses now.

use diesel::dsl::{exists, not};

use super::assignments::{WaitingItem, is_waiting};
use crate::domain::base::Id;
use crate::domain::feedback::{ERASED, State};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{embeddings, engine_state, feedback, feedback_vectors};

/// The name of the built-in embedder, which needs no network.
pub const BUILTIN: &str = "builtin";
/// The name under which the vectors of the built-in embedder are stored. It changes with them: vectors of an older
/// version can't be compared with those of this one, so they are computed again, and each item keeps its theme.
const BUILTIN_VECTORS: &str = "builtin:4";
/// The name under which `engine_state` has the current embedder.
const CURRENT: &str = "embedder";

/// The name under which an embedder's vectors, and what was chosen by them, are stored.
pub fn stored_as(embedder: &str) -> &str {
    if embedder == BUILTIN { BUILTIN_VECTORS } else { embedder }
}

/// The embedder whose vectors the engine compares now.
pub fn present(conn: &mut Conn) -> Result<String> {
    let kept: Option<String> = engine_state::table.find(CURRENT).select(engine_state::value).first(conn).optional()?;
    Ok(kept.unwrap_or_else(|| BUILTIN.to_owned()))
}

/// Sets the embedder whose vectors the engine compares.
pub fn set_present(tx: &mut Tx<'_>, embedder: &str) -> Result<()> {
    diesel::delete(engine_state::table.find(CURRENT)).execute(tx.conn)?;
    let row = (engine_state::name.eq(CURRENT), engine_state::value.eq(embedder));
    diesel::insert_into(engine_state::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The states of items that the engine has read.
pub const READ: [State; 2] = [State::Grouped, State::Ungrouped];
/// The other states. Pages of all items that were read are selected by not being in these: for one of several states
/// SQLite would take the index on states and sort what is left for each page.
pub(in crate::store) const UNREAD: [State; 3] = [State::Pending, State::Dismissed, State::SetAside];

macro_rules! lacking {
    ($embedder:expr, $states:expr) => {{
        let all = feedback::table
            .filter(feedback::text.ne(ERASED))
            .filter(not(exists(
                embeddings::table
                    .filter(embeddings::feedback_id.eq(feedback::id))
                    .filter(embeddings::embedder.eq($embedder)),
            )))
            .into_boxed();
        match $states {
            [state] => all.filter(feedback::state.eq(state.as_str())),
            _ => all.filter(feedback::state.ne_all(UNREAD.map(State::as_str))),
        }
    }};
}

/// The oldest items in this state, or in those of [`READ`], after the id `after`, without a vector of the embedder.
pub fn lacking(
    conn: &mut Conn,
    embedder: &str,
    states: &[State],
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<WaitingItem>> {
    let mut query = lacking!(embedder, states);
    if let Some(after) = after {
        query = query.filter(feedback::id.gt(DbId(after)));
    }
    let columns = (feedback::id, feedback::product_id, feedback::text, feedback::title);
    Ok(query.select(columns).order(feedback::id.asc()).limit(limit).load(conn)?)
}

/// The number of items in this state, or in those of [`READ`], without a vector of the embedder.
pub fn count_lacking(conn: &mut Conn, embedder: &str, states: &[State]) -> Result<i64> {
    Ok(lacking!(embedder, states).count().get_result(conn)?)
}

/// The oldest waiting items of a product with a vector of this embedder, and the vector.
pub fn ready(conn: &mut Conn, embedder: &str, product: Id, limit: i64) -> Result<Vec<(WaitingItem, Vec<u8>)>> {
    let said = embeddings::feedback_id.eq(feedback::id).and(embeddings::embedder.eq(embedder));
    Ok(feedback::table
        .inner_join(embeddings::table.on(said))
        .filter(is_waiting())
        .filter(feedback::product_id.eq(DbId(product)))
        .select(((feedback::id, feedback::product_id, feedback::text, feedback::title), embeddings::vector))
        .order(feedback::id.asc())
        .limit(limit)
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = embeddings)]
struct Row {
    feedback_id: DbId,
    embedder: String,
    vector: Vec<u8>,
}

/// Stores the vectors of items, each with the text it was computed from. An item whose text has changed since is
/// skipped and embedded again.
pub fn put(tx: &mut Tx<'_>, embedder: &str, said: &[(WaitingItem, Vec<u8>)]) -> Result<()> {
    let ids: Vec<DbId> = said.iter().map(|(row, _)| row.id.into()).collect();
    let asked = feedback::table.filter(feedback::id.eq_any(&ids));
    let words = (feedback::id, feedback::title, feedback::text);
    // Locked, so that an erasure can't run between this check and the write.
    let now: Vec<(DbId, Option<String>, String)> = match &mut *tx.conn {
        Conn::Sqlite(c) => asked.select(words).load(c)?,
        Conn::Postgres(c) => asked.select(words).order(feedback::id.asc()).for_share().load(c)?,
    };
    let same = |row: &WaitingItem| {
        now.iter().any(|(id, title, text)| id.0 == row.id && *title == row.title && *text == row.text)
    };
    let row = |(row, vector): &(WaitingItem, Vec<u8>)| Row {
        feedback_id: row.id.into(),
        embedder: embedder.to_owned(),
        vector: vector.clone(),
    };
    let rows: Vec<Row> = said.iter().filter(|(row, _)| same(row)).map(row).collect();
    let old = embeddings::table.filter(embeddings::feedback_id.eq_any(&ids)).filter(embeddings::embedder.eq(embedder));
    diesel::delete(old).execute(tx.conn)?;
    if !rows.is_empty() {
        insert_rows!(tx.conn, embeddings::table, &rows);
    }
    Ok(())
}

/// Deletes all vectors of these items, because their texts changed or were erased.
pub fn remove(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let ids = ids.iter().map(|id| DbId(*id));
    diesel::delete(embeddings::table.filter(embeddings::feedback_id.eq_any(ids))).execute(tx.conn)?;
    Ok(())
}

/// Deletes some vectors of embedders other than these two; answers how many.
pub fn sweep(tx: &mut Tx<'_>, keep: [&str; 2], limit: i64) -> Result<usize> {
    let old: Vec<(DbId, String)> = embeddings::table
        .filter(embeddings::embedder.ne_all(keep))
        .select((embeddings::feedback_id, embeddings::embedder))
        .limit(limit)
        .load(tx.conn)?;
    let ids = old.iter().map(|(id, _)| *id);
    let rows = embeddings::table.filter(embeddings::feedback_id.eq_any(ids)).filter(embeddings::embedder.ne_all(keep));
    Ok(diesel::delete(rows).execute(tx.conn)?)
}

/// The number of items that the engine has read whose vector in the engine is not of this embedder.
pub fn count_otherwise(conn: &mut Conn, embedder: &str) -> Result<i64> {
    let made = feedback_vectors::feedback_id.eq(feedback::id).and(feedback_vectors::embedder.eq(stored_as(embedder)));
    let lacking = feedback::table
        .filter(feedback::state.eq_any(READ.map(State::as_str)))
        .filter(feedback::text.ne(ERASED))
        .filter(not(exists(feedback_vectors::table.filter(made))));
    Ok(lacking.count().get_result(conn)?)
}
