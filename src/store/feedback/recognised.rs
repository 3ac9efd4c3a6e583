//! Recognition (the kind, and whether it is feedback at all) of rows that an earlier version filed.

use super::feedback_row::{FeedbackRow, records};
use crate::domain::feedback::{FeedbackRecord, Kind, KindSource, SetAside};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::feedback;

/// Whether there is feedback of an earlier version whose kind was never recognised.
pub fn has_unread(conn: &mut Conn) -> Result<bool> {
    let unread = feedback::table.filter(feedback::kind_source.is_null()).select(feedback::id);
    Ok(unread.first::<DbId>(conn).optional()?.is_some())
}

/// The oldest such feedback, locked until the commit.
pub fn unread(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<FeedbackRecord>> {
    let unread = feedback::table.filter(feedback::kind_source.is_null()).order(feedback::id.asc()).limit(limit);
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
            feedback::state.eq(row.state.as_str()),
            feedback::theme_id.eq(row.theme_id.map(DbId)),
            feedback::similarity.eq(row.similarity),
        ))
        .execute(tx.conn)?;
    Ok(())
}
