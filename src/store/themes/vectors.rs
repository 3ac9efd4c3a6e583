//! The engine's stored data of each item (vector, neighbours), so that a start need not compute it again.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::feedback::own_words::own_words;
use crate::domain::feedback::{ERASED, State};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{embeddings, feedback, feedback_vectors};
use crate::store::themes::embeddings::{UNREAD, stored_as};

/// An item that the engine has read, with or without a theme, and its stored engine data. Vector and neighbours are `None` where they were never computed (the item was
/// restored from another instance's export).
#[derive(Clone, Debug, Queryable)]
pub struct GroupedItem {
    pub id: Id,
    pub product_id: Id,
    pub theme_id: Option<Id>,
    pub pinned: bool,
    pub title: Option<String>,
    pub text: String,
    pub vector: Option<Vec<u8>>,
    pub neighbours: Option<Vec<u8>>,
    /// The embedder of the vector.
    pub embedder: Option<String>,
    /// The vector of the requested embedder.
    pub said: Option<Vec<u8>>,
}

impl GroupedItem {
    /// The text that the engine reads.
    pub fn own_words(&self) -> String {
        own_words(self.title.as_deref(), &self.text)
    }
}

macro_rules! grouped {
    ($embedder:expr) => {
        feedback::table
            .left_join(feedback_vectors::table.on(feedback_vectors::feedback_id.eq(feedback::id)))
            .left_join(
                embeddings::table.on(embeddings::feedback_id.eq(feedback::id).and(embeddings::embedder.eq($embedder))),
            )
            .filter(feedback::state.ne_all(UNREAD.map(State::as_str)))
            .select((
                feedback::id,
                feedback::product_id,
                feedback::theme_id,
                feedback::pinned,
                feedback::title,
                feedback::text,
                feedback_vectors::vector.nullable(),
                feedback_vectors::neighbours.nullable(),
                feedback_vectors::embedder.nullable(),
                embeddings::vector.nullable(),
            ))
    };
}

/// The items of a product that the engine has read, in order of arrival.
pub fn ids(conn: &mut Conn, product: Id) -> Result<Vec<Id>> {
    let read = feedback::table.filter(feedback::product_id.eq(DbId(product)));
    let read = read.filter(feedback::state.ne_all(UNREAD.map(State::as_str)));
    let mut ids: Vec<DbId> = read.select(feedback::id).load(conn)?;
    // Sorted here: the index by product that leads to them has another order.
    ids.sort_unstable();
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The items among these that the engine has read, in order of arrival, with their vectors of this embedder.
pub fn of(conn: &mut Conn, embedder: &str, ids: &[Id]) -> Result<Vec<GroupedItem>> {
    let query = grouped!(embedder).filter(feedback::id.eq_any(ids.iter().map(|id| DbId(*id))));
    Ok(query.order(feedback::id.asc()).load(conn)?)
}

/// The items of these themes.
pub fn members(conn: &mut Conn, themes: &[Id]) -> Result<Vec<(Id, Id, bool)>> {
    let rows: Vec<(DbId, Option<DbId>, bool)> = feedback::table
        .filter(feedback::theme_id.eq_any(themes.iter().map(|id| DbId(*id))))
        .select((feedback::id, feedback::theme_id, feedback::pinned))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, theme, pinned)| Some((id.into(), theme?.into(), pinned))).collect())
}

/// The current theme of each of these items; items without one (also dismissed and erased ones) are left out.
pub fn places(conn: &mut Conn, items: &[Id]) -> Result<HashMap<Id, Id>> {
    let mut places = HashMap::new();
    for items in items.chunks(500) {
        let rows: Vec<(DbId, Option<DbId>)> = feedback::table
            .filter(feedback::id.eq_any(items.iter().map(|id| DbId(*id))))
            .filter(feedback::state.eq(State::Grouped.as_str()))
            .filter(feedback::text.ne(ERASED))
            .select((feedback::id, feedback::theme_id))
            .load(conn)?;
        places.extend(rows.into_iter().filter_map(|(id, theme)| Some((Id::from(id), Id::from(theme?)))));
    }
    Ok(places)
}

/// The engine's data of an item.
#[derive(Clone, Copy, Debug)]
pub struct ItemVector<'a> {
    pub feedback_id: Id,
    pub product_id: Id,
    pub vector: &'a [u8],
    pub neighbours: &'a [u8],
}

#[derive(Insertable)]
#[diesel(table_name = feedback_vectors, treat_none_as_default_value = false)]
struct VectorRow<'a> {
    feedback_id: DbId,
    product_id: DbId,
    vector: &'a [u8],
    neighbours: &'a [u8],
    embedder: &'a str,
}

/// Stores or replaces the engine's data of these items, whose vectors are of this embedder.
pub fn put(tx: &mut Tx<'_>, embedder: &str, items: &[ItemVector<'_>]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let embedder = stored_as(embedder);
    let rows = items.iter().map(|item| VectorRow {
        feedback_id: item.feedback_id.into(),
        product_id: item.product_id.into(),
        vector: item.vector,
        neighbours: item.neighbours,
        embedder,
    });
    let rows: Vec<VectorRow<'_>> = rows.collect();
    match tx.conn {
        Conn::Sqlite(c) => {
            for row in &rows {
                diesel::replace_into(feedback_vectors::table).values(row).execute(c)?;
            }
        }
        Conn::Postgres(c) => {
            let old = feedback_vectors::feedback_id.eq_any(rows.iter().map(|row| row.feedback_id));
            diesel::delete(feedback_vectors::table.filter(old)).execute(c)?;
            for rows in rows.chunks(2_000) {
                diesel::insert_into(feedback_vectors::table).values(rows).execute(c)?;
            }
        }
    }
    Ok(())
}

/// Deletes the engine's data of these items.
pub fn remove(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let ids = ids.iter().map(|id| DbId(*id));
    diesel::delete(feedback_vectors::table.filter(feedback_vectors::feedback_id.eq_any(ids))).execute(tx.conn)?;
    Ok(())
}
