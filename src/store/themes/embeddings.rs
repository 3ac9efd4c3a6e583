//! What external embedders said of items, and by which embedder the engine compares now.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::assignments::PendingRow;
use crate::domain::base::Id;
use crate::domain::feedback::{ERASED, State};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows};
use crate::store::base::types::DbId;
use crate::store::schema::{embeddings, engine_state, feedback, feedback_vectors};

/// The embedder that needs no network.
pub const BUILTIN: &str = "builtin";
/// The name under which the present embedder is kept.
const PRESENT: &str = "embedder";

/// By which embedder the engine compares now.
pub fn present(conn: &mut Conn) -> Result<String> {
    let kept: Option<String> = engine_state::table.find(PRESENT).select(engine_state::value).first(conn).optional()?;
    Ok(kept.unwrap_or_else(|| BUILTIN.to_owned()))
}

/// From now on the engine compares by this embedder.
pub fn set_present(tx: &mut Tx<'_>, embedder: &str) -> Result<()> {
    diesel::delete(engine_state::table.find(PRESENT)).execute(tx.conn)?;
    let row = (engine_state::name.eq(PRESENT), engine_state::value.eq(embedder));
    diesel::insert_into(engine_state::table).values(row).execute(tx.conn)?;
    Ok(())
}

macro_rules! lacking {
    ($embedder:expr, $state:expr) => {
        feedback::table.filter(feedback::state.eq($state.as_str())).filter(feedback::text.ne(ERASED)).filter(not(
            exists(
                embeddings::table
                    .filter(embeddings::feedback_id.eq(feedback::id))
                    .filter(embeddings::embedder.eq($embedder)),
            ),
        ))
    };
}

/// The oldest items in this state, after `after`, of which the embedder has said nothing yet.
pub fn lacking(
    conn: &mut Conn,
    embedder: &str,
    state: State,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<PendingRow>> {
    let mut query = lacking!(embedder, state).into_boxed();
    if let Some(after) = after {
        query = query.filter(feedback::id.gt(DbId(after)));
    }
    let columns = (feedback::id, feedback::product_id, feedback::text, feedback::title);
    Ok(query.select(columns).order(feedback::id.asc()).limit(limit).load(conn)?)
}

/// How many items in this state the embedder has said nothing of yet.
pub fn count_lacking(conn: &mut Conn, embedder: &str, state: State) -> Result<i64> {
    Ok(lacking!(embedder, state).count().get_result(conn)?)
}

/// The oldest waiting items of which this embedder has said something, and what.
pub fn ready(conn: &mut Conn, embedder: &str, limit: i64) -> Result<Vec<(PendingRow, Vec<u8>)>> {
    let said = embeddings::feedback_id.eq(feedback::id).and(embeddings::embedder.eq(embedder));
    Ok(feedback::table
        .inner_join(embeddings::table.on(said))
        .filter(feedback::state.eq(State::Pending.as_str()))
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

/// Keeps what the embedder said of items, each with the words it was asked about: an item whose words are others by now
/// is left out, and asked about again.
pub fn put(tx: &mut Tx<'_>, embedder: &str, said: &[(PendingRow, Vec<u8>)]) -> Result<()> {
    let ids: Vec<DbId> = said.iter().map(|(row, _)| row.id).collect();
    let asked = feedback::table.filter(feedback::id.eq_any(&ids));
    let words = (feedback::id, feedback::title, feedback::text);
    // Locked, so that nobody erases what is being written.
    let now: Vec<(DbId, Option<String>, String)> = match &mut *tx.conn {
        Conn::Sqlite(c) => asked.select(words).load(c)?,
        Conn::Postgres(c) => asked.select(words).order(feedback::id.asc()).for_share().load(c)?,
    };
    let same = |row: &PendingRow| {
        now.iter().any(|(id, title, text)| *id == row.id && *title == row.title && *text == row.text)
    };
    let row = |(row, vector): &(PendingRow, Vec<u8>)| Row {
        feedback_id: row.id,
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

/// Forgets what every embedder said of these items: their words changed, or were erased.
pub fn remove(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let ids = ids.iter().map(|id| DbId(*id));
    diesel::delete(embeddings::table.filter(embeddings::feedback_id.eq_any(ids))).execute(tx.conn)?;
    Ok(())
}

/// Forgets some of what embedders other than these two said; answers how much.
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

/// How many grouped items the engine doesn't compare by this embedder yet.
pub fn count_otherwise(conn: &mut Conn, embedder: &str) -> Result<i64> {
    let made = feedback_vectors::feedback_id.eq(feedback::id).and(feedback_vectors::embedder.eq(embedder));
    let lacking = feedback::table
        .filter(feedback::state.eq(State::Grouped.as_str()))
        .filter(feedback::text.ne(ERASED))
        .filter(not(exists(feedback_vectors::table.filter(made))));
    Ok(lacking.count().get_result(conn)?)
}
