//! Versions of a feedback.

use crate::domain::feedback::FeedbackRecord;
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback::rows as store;

/// Writes an edited row as a new version.
pub(in crate::usecase) fn save(tx: &mut Tx<'_>, before: &FeedbackRecord, row: FeedbackRecord) -> Result<()> {
    store::update(tx, before, FeedbackRecord { version: before.version + 1, updated_at: tx.now, ..row })
}
