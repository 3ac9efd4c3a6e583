//! What reading gives: rows, good or bad.

use serde_json::Value;

use super::window::MAX_ROW;

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands: 1 is the first record, a header not counted, records dropped on purpose counted.
    pub number: u64,
    /// A feedback object as `POST /v1/feedback` takes it, not yet checked; or why there is none.
    pub content: Result<Value, RowError>,
}

/// Why a row could not be read. Never holds what the row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// A stable code: `malformed_row invalid_encoding wrong_column_count nul_character too_large unreadable_time
    /// unreadable_number unreadable_text`.
    pub code: &'static str,
    /// The same in words.
    pub detail: String,
}

impl RowError {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new("malformed_row", detail)
    }

    pub(super) fn encoding() -> Self {
        Self::new("invalid_encoding", "contains bytes that are not text in the encoding of the file")
    }

    pub(super) fn too_large() -> Self {
        Self::new("too_large", format!("is longer than {} MiB", MAX_ROW >> 20))
    }
}
