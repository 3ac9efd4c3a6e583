//! The result of reading a file: valid and invalid rows.

use serde_json::Value;

use crate::outside::import::text::window::MAX_ROW;

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Number of the row, from 1. A header is not counted; rows that were skipped on purpose are.
    pub number: u64,
    /// A feedback object in the form of `POST /v1/feedback`, not validated yet; or the reason why there is none.
    pub content: Result<Value, RowError>,
    /// Warnings about parts of the row that were omitted or changed so that the rest could be accepted.
    pub warnings: Vec<RowWarning>,
}

/// Why a row gave no feedback. It never contains content of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// A stable code: `malformed_row`, `invalid_encoding`, `too_large`; for rows skipped on purpose `no_words`,
    /// `not_feedback`.
    pub code: &'static str,
    /// The error as a text.
    pub detail: String,
    /// Whether the row was skipped on purpose: it is valid, but contains nothing that a customer said. It is reported
    /// all the same.
    pub on_purpose: bool,
}

/// A part of a row that was omitted or changed. It never contains content of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowWarning {
    /// The field; empty for the whole row.
    pub field: String,
    /// A stable code.
    pub code: &'static str,
    /// The warning as a text.
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

    /// For a row that contains nothing a customer said.
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
