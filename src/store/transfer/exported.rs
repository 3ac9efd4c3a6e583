//! A row of an export in the hands of an import, which need not know how the tables look.

use serde_json::Value;

use super::export::ExportRow;
use super::restore;
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback::rows::FeedbackRow;
use crate::store::privacy::erasures::Mark;

/// A row of an export, read back.
#[derive(Clone, Debug)]
pub struct Exported(ExportRow);

impl Exported {
    /// Reads a line of this `type`; `None` where there is no such type or the row is not one of its table.
    pub fn read(kind: &str, row: Value) -> Option<Self> {
        ExportRow::read(kind, row).map(Self)
    }

    /// Puts the row where it is not there yet; answers whether it was missing.
    ///
    /// # Errors
    /// 409 where something else has its identity, or what it refers to is missing; 422 where it holds what this version
    /// does not know.
    pub fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        self.0.restore(tx)
    }

    /// Whether it is a feedback; many of them are restored together by [`restore_feedback`].
    pub fn is_feedback(&self) -> bool {
        self.feedback().is_some()
    }

    /// The length of its text in bytes, where it is a feedback.
    pub fn text_length(&self) -> usize {
        self.feedback().map_or(0, |row| row.text.len())
    }

    /// The marks of the person that it names.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = match &self.0 {
            ExportRow::Customer(row) => row.email.clone().map(Mark::Email).or_else(|| row.name.clone().map(Mark::Name)),
            ExportRow::Identity(row) => Some(Mark::Identity(row.origin.clone(), row.external_id.clone())),
            _ => None,
        };
        mark.into_iter().collect()
    }

    fn feedback(&self) -> Option<&FeedbackRow> {
        if let ExportRow::Feedback(row) = &self.0 { Some(row) } else { None }
    }
}

/// Puts feedback back in few statements; answers for each whether it was missing. It is all or nothing: where one row
/// does not fit, none is restored. Rows of other types are not restored.
///
/// # Errors
/// As for [`Exported::restore`].
pub fn restore_feedback(tx: &mut Tx<'_>, rows: &[&Exported]) -> Result<Vec<bool>> {
    let rows: Vec<&FeedbackRow> = rows.iter().filter_map(|row| row.feedback()).collect();
    restore::all_feedback(tx, &rows)
}
