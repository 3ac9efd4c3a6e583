//! What the rows of a file ask for.

use crate::domain::base::Id;
use crate::domain::feedback::{ImportError, ImportWarning};
use crate::store::transfer::exported::Exported;
use crate::usecase::feedback::filing::read_ahead::ReadInput;

/// The action for a row.
#[derive(Clone, Debug)]
pub enum RowAction {
    /// File a feedback.
    File(Box<ReadInput>),
    /// Restore a row of an export.
    Restore(Box<Exported>),
    /// Reject it, with the errors.
    Reject(ImportError),
    /// Skip it: it has no feedback of a customer.
    Skip,
}

/// A row in the order of the file.
#[derive(Clone, Debug)]
pub struct WantedRow {
    /// Its number in the file.
    pub row: i64,
    /// Its action.
    pub wanted: RowAction,
    /// Warnings: fields left out, or why it is skipped.
    pub warnings: Vec<ImportWarning>,
    /// In a dry run of an export: its own id and the ids it refers to.
    pub ids: Option<Ids>,
}

/// The ids in a row of an export.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    /// Its own id.
    pub own: Option<Id>,
    /// The ids of other rows.
    pub others: Vec<Id>,
}

/// Consecutive rows of the file.
pub type RowBatch = Vec<WantedRow>;
