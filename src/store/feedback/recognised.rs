//! Recognition (the kind, the impression, and whether it is feedback at all): rows that an earlier version filed, and
//! what people corrected.

use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::feedback_row::{FeedbackRow, records};
use crate::domain::base::Id;
use crate::domain::feedback::{FeedbackRecord, Kind, KindSource, SetAside};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::feedback;

/// As the index of unread feedback says it.
macro_rules! is_unread {
    () => {
        feedback::kind_source.is_null().or(feedback::impression.is_null())
    };
}

/// Whether there is feedback of an earlier version that was never recognised.
pub fn has_unread(conn: &mut Conn) -> Result<bool> {
    let unread = feedback::table.filter(is_unread!()).select(feedback::id);
    Ok(unread.first::<DbId>(conn).optional()?.is_some())
}

/// The oldest such feedback, locked until the commit.
pub fn unread(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<FeedbackRecord>> {
    let unread = feedback::table.filter(is_unread!()).order(feedback::id.asc()).limit(limit);
    records(match &mut *tx.conn {
        Conn::Sqlite(c) => unread.select(FeedbackRow::as_select()).load(c)?,
        Conn::Postgres(c) => unread.select(FeedbackRow::as_select()).for_update().load(c)?,
    })
}

/// Writes the recognised kind of a feedback, and the state that follows from it.
pub fn set(tx: &mut Tx<'_>, row: &FeedbackRecord) -> Result<()> {
    diesel::update(feedback::table.filter(feedback::id.eq(DbId(row.id))))
        .set((
            feedback::kind.eq(row.kind.map(Kind::as_str)),
            feedback::kind_source.eq(row.kind_source.map(KindSource::as_str)),
            feedback::set_aside.eq(row.set_aside.map(SetAside::as_str)),
            feedback::impression.eq(row.impression.map(|impression| impression.to_string())),
            feedback::state.eq(row.state.as_str()),
            feedback::theme_id.eq(row.theme_id.map(DbId)),
            feedback::similarity.eq(row.similarity),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The feedback of a product that people edited last, at most `limit`, oldest edit first.
pub fn edited(conn: &mut Conn, product: Id, limit: i64) -> Result<Vec<FeedbackRecord>> {
    // In SQL text, as the index says it: a bound value would not match its condition.
    let edited = feedback::table
        .filter(feedback::product_id.eq(DbId(product)))
        .filter(sql::<Bool>("feedback.edited <> '[]'"))
        .order((feedback::updated_at.desc(), feedback::id.desc()))
        .limit(limit)
        .select(FeedbackRow::as_select());
    let mut edited = records(edited.load(conn)?)?;
    edited.reverse();
    Ok(edited)
}
