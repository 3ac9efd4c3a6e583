//! Deletion of the bodies of finished imports and of interrupted uploads.

use crate::domain::feedback::ImportState;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::claims;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::feedback::imports::{RECEIVING, UPLOAD};
use crate::store::schema::{import_chunks, imports};

/// Interrupted uploads: their deadline has passed, or is implausibly far in the future. The limit allows one extra
/// term, so that a clock that is set back does not end a running upload.
macro_rules! given_up {
    ($now:expr) => {{
        let over = imports::claimed_until.le(DbTime($now));
        let void = imports::claimed_until.gt(DbTime(claims::latest($now, 2 * UPLOAD)));
        imports::state.eq(RECEIVING).and(over.or(void).assume_not_null())
    }};
}

/// Deletes some chunks that are no longer needed: of finished imports and of interrupted uploads. The number is small,
/// so that no request waits long. Answers whether there were any.
pub fn sweep(tx: &mut Tx<'_>) -> Result<bool> {
    const AT_ONCE: i64 = 32;
    let over = imports::state.eq_any([ImportState::Done.as_str(), ImportState::Failed.as_str()]);
    let chunks: Vec<(DbId, i32)> = import_chunks::table
        .inner_join(imports::table)
        .filter(over.or(given_up!(tx.now)))
        .select((import_chunks::import_id, import_chunks::number))
        .limit(AT_ONCE)
        .load(tx.conn)?;
    for chunk in &chunks {
        diesel::delete(import_chunks::table.find(*chunk)).execute(tx.conn)?;
    }
    let broken_off = imports::table.filter(given_up!(tx.now));
    let removed = if chunks.is_empty() { diesel::delete(broken_off).execute(tx.conn)? } else { 0 };
    Ok(!chunks.is_empty() || removed > 0)
}
