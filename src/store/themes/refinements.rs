//! The log of refinements of a product, with the granularity that was chosen.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::themes::{GranularityChoice, Refinement};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::refinements;
use crate::store::themes::embeddings::stored_as;

#[derive(Queryable, Insertable)]
#[diesel(table_name = refinements)]
struct Row {
    id: DbId,
    product_id: DbId,
    kind: String,
    embedder: String,
    items: i32,
    themes_before: i32,
    themes_after: i32,
    moved: i32,
    held_back: i32,
    granularity: f64,
    agreement: f64,
    choice: Option<String>,
    created_at: DbTime,
}

fn show(row: Row) -> Result<Refinement> {
    Ok(Refinement {
        id: row.id.into(),
        product_id: row.product_id.into(),
        kind: name(&row.kind)?,
        items: row.items,
        themes_before: row.themes_before,
        themes_after: row.themes_after,
        moved: row.moved,
        held_back: row.held_back,
        granularity: row.granularity,
        agreement: row.agreement,
        created_at: row.created_at.into(),
    })
}

/// Records a refinement, with its choice of granularity (if it made one) for the vectors of this embedder.
pub fn insert(tx: &mut Tx<'_>, done: &Refinement, embedder: &str, choice: Option<&GranularityChoice>) -> Result<()> {
    let row = Row {
        id: done.id.into(),
        product_id: done.product_id.into(),
        kind: done.kind.as_str().to_owned(),
        embedder: stored_as(embedder).to_owned(),
        items: done.items,
        themes_before: done.themes_before,
        themes_after: done.themes_after,
        moved: done.moved,
        held_back: done.held_back,
        granularity: done.granularity,
        agreement: done.agreement,
        choice: choice.map(json),
        created_at: done.created_at.into(),
    };
    diesel::insert_into(refinements::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The refinements of a product, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn of_product(conn: &mut Conn, product: Id, paging: &Paging) -> Result<Page<Refinement>> {
    let mut query = refinements::table.filter(refinements::product_id.eq(DbId(product))).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(refinements::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(refinements::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Refinement>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |done| vec![done.id.to_string()]))
}

/// The last choice of granularity for a product and this embedder, and when it was made.
pub fn last_choice(conn: &mut Conn, product: Id, embedder: &str) -> Result<Option<(Time, GranularityChoice)>> {
    let last: Option<(DbTime, Option<String>)> = refinements::table
        .filter(refinements::product_id.eq(DbId(product)))
        .filter(refinements::embedder.eq(stored_as(embedder)))
        .filter(refinements::choice.is_not_null())
        .select((refinements::created_at, refinements::choice))
        .order(refinements::id.desc())
        .first(conn)
        .optional()?;
    // A choice that can't be parsed (another version wrote it) counts as none.
    Ok(last.and_then(|(at, choice)| Some((at.into(), serde_json::from_str(&choice?).ok()?))))
}
