//! Versions of a feedback.

use crate::error::Result;
use crate::store::Tx;
use crate::store::base::types::DbTime;
use crate::store::feedback::rows::{self as store, FeedbackRow};

/// Writes an edited row as a new version.
pub(in crate::usecase) fn save(tx: &mut Tx<'_>, before: &FeedbackRow, row: FeedbackRow) -> Result<()> {
    store::update(tx, before, &FeedbackRow { version: before.version + 1, updated_at: DbTime(tx.now), ..row })
}
