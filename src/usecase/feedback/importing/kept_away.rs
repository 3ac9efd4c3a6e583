//! Erasure and waiting imports: people erased while an import waited are not brought back by it.

use super::import_wanted::{RowAction, RowBatch, WantedRow};
use crate::domain::base::Id;
use crate::domain::feedback::ImportError;
use crate::error::Result;
use crate::store::Tx;
use crate::store::privacy::erasures::{ErasedThere, Mark};

/// The batch without rows of people who were erased while the import waited; `None` where there are none.
pub(in crate::usecase) fn without_erased(tx: &mut Tx<'_>, import: Id, batch: &RowBatch) -> Result<Option<RowBatch>> {
    let Some(erased) = ErasedThere::of(tx, import)? else { return Ok(None) };
    let mut kept = batch.clone();
    for asked in &mut kept {
        if erased.names(&marks_of(&asked.wanted))? {
            *asked = WantedRow { wanted: RowAction::Reject(refusal(asked.row)), warnings: Vec::new(), ..asked.clone() };
        }
    }
    Ok(Some(kept))
}

fn refusal(row: i64) -> ImportError {
    let detail = "The person who said this was erased while the import waited.".to_owned();
    ImportError { row, code: "erased".to_owned(), detail }
}

/// The marks of the person that a row names.
fn marks_of(wanted: &RowAction) -> Vec<Mark> {
    let mut marks = Vec::new();
    match wanted {
        RowAction::File(read) => {
            let input = &read.input;
            let Some(customer) = &input.customer else { return marks };
            marks.extend(customer.email.clone().map(Mark::Email));
            let origin = input.origin.clone().unwrap_or_default();
            marks.extend(customer.external_id.clone().map(|id| Mark::Identity(origin, id)));
            if marks.is_empty() {
                marks.extend(customer.name.clone().map(Mark::Name));
            }
        }
        RowAction::Restore(row) => marks = row.marks(),
        RowAction::Reject(_) | RowAction::Skip => {}
    }
    marks
}
