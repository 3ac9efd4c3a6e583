//! What reading gives: rows, good or bad.

use serde_json::Value;

use crate::outside::import::text::window::MAX_ROW;

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands: 1 is the first record, a header not counted, records dropped on purpose counted.
    pub number: u64,
    /// A feedback object as `POST /v1/feedback` takes it, not yet checked; or why there is none.
    pub content: Result<Value, RowError>,
    /// What was left out of the row or changed in it, so that the rest could be taken.
    pub warnings: Vec<RowWarning>,
}

/// Why a row gave no feedback. Never holds what the row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// A stable code: `malformed_row invalid_encoding too_large`, and for rows left out on purpose `no_words
    /// not_feedback`.
    pub code: &'static str,
    /// The same in words.
    pub detail: String,
    /// The row is whole, and holds nothing that a customer said: no error, but said all the same.
    pub on_purpose: bool,
}

/// What was left out of a row or changed in it. Never holds what the row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowWarning {
    /// Which of our fields; empty for the row as a whole.
    pub field: String,
    /// A stable code.
    pub code: &'static str,
    /// The same in words.
    pub detail: String,
}

impl RowWarning {
    pub(in crate::outside) fn new(field: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }
}

impl RowError {
    pub(in crate::outside) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), on_purpose: false }
    }

    /// For a row that holds nothing a customer said.
    pub(in crate::outside) fn left_out(code: &'static str, detail: impl Into<String>) -> Self {
        Self { on_purpose: true, ..Self::new(code, detail) }
    }

    pub(in crate::outside) fn malformed(detail: impl Into<String>) -> Self {
        Self::new("malformed_row", detail)
    }

    pub(in crate::outside) fn encoding() -> Self {
        Self::new(
            "invalid_encoding",
            "most of it is not text in the encoding of the file; the option `encoding` sets another one",
        )
    }

    pub(in crate::outside) fn too_large() -> Self {
        Self::new("too_large", format!("is longer than {} MiB", MAX_ROW >> 20))
    }
}
