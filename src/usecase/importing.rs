//! Importing: a file's rows become feedback, each once, however often the file comes and wherever its reading broke off.

use std::collections::HashSet;

use serde_json::json;

use super::intake::{self, Outcome};
use crate::domain::{Id, ImportCounts, ImportError, NewFeedback};
use crate::error::{Code, Error, Result};
use crate::store::erasures::{ErasedThere, Mark};
use crate::store::export::ExportRow;
use crate::store::feedback::FeedbackRow;
use crate::store::imports::{self, Claim};
use crate::store::{Tx, products, restore};

/// Longest detail of a rejected row, in characters: a row may have any number of unknown fields.
const MAX_DETAIL: usize = 1_000;

/// What a row asks for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// File a feedback.
    File(Box<NewFeedback>),
    /// Put back a row of an export.
    Restore(Box<ExportRow>),
    /// Nothing: it can't be taken.
    Reject(ImportError),
}

/// Some rows in the order of the file, with their numbers.
pub type Batch = Vec<(i64, Wanted)>;

/// Takes a batch: files, restores, notes what can't be taken, and counts, all in one transaction with how far the reading
/// has come; answers the counts. A dry run leaves the counts and the rejected rows only.
///
/// # Errors
/// 409 where another has taken the import over, and those of the database.
pub fn take(tx: &mut Tx<'_>, claim: &Claim, batch: &Batch) -> Result<ImportCounts> {
    let kept_away = without_erased(tx, claim.id, batch)?;
    let batch = kept_away.as_ref().unwrap_or(batch);
    let (counts, rejected) = match claim.job.options.dry_run {
        true => tx.rehearse(|tx| take_rows(tx, batch))?,
        false => take_rows(tx, batch)?,
    };
    imports::reject(tx, claim.id, &rejected)?;
    imports::advance(tx, claim, counts)?;
    Ok(counts)
}

/// The batch without the rows of people who were erased while the import waited; `None` where there were none.
fn without_erased(tx: &mut Tx<'_>, import: Id, batch: &Batch) -> Result<Option<Batch>> {
    let Some(erased) = ErasedThere::of(tx, import)? else { return Ok(None) };
    let mut kept = Batch::with_capacity(batch.len());
    for (number, wanted) in batch {
        let wanted = match wanted {
            wanted if !erased.names(&marks_of(wanted))? => wanted.clone(),
            _ => Wanted::Reject(ImportError {
                row: *number,
                code: "erased".to_owned(),
                detail: "The person who said this was erased while the import waited.".to_owned(),
            }),
        };
        kept.push((*number, wanted));
    }
    Ok(Some(kept))
}

/// By what a row names a person.
fn marks_of(wanted: &Wanted) -> Vec<Mark> {
    let mut marks = Vec::new();
    match wanted {
        Wanted::File(input) => {
            let Some(customer) = &input.customer else { return marks };
            marks.extend(customer.email.clone().map(Mark::Email));
            let origin = input.origin.clone().unwrap_or_default();
            marks.extend(customer.external_id.clone().map(|id| Mark::Identity(origin, id)));
            if marks.is_empty() {
                marks.extend(customer.name.clone().map(Mark::Name));
            }
        }
        Wanted::Restore(row) => match &**row {
            ExportRow::Customer(row) => {
                marks.extend(row.email.clone().map(Mark::Email).or_else(|| row.name.clone().map(Mark::Name)));
            }
            ExportRow::Identity(row) => marks.push(Mark::Identity(row.origin.clone(), row.external_id.clone())),
            _ => {}
        },
        Wanted::Reject(_) => {}
    }
    marks
}

fn take_rows(tx: &mut Tx<'_>, batch: &Batch) -> Result<(ImportCounts, Vec<ImportError>)> {
    let mut outcomes: Vec<(i64, Result<Outcome>)> = Vec::with_capacity(batch.len());
    let mut rejected = Vec::new();
    let (mut inputs, mut restored) = (Vec::new(), Vec::new());
    for (number, wanted) in batch {
        match wanted {
            Wanted::Reject(error) => rejected.push(error.clone()),
            Wanted::File(input) => inputs.push((*number, (**input).clone())),
            Wanted::Restore(row) => match &**row {
                ExportRow::Feedback(row) => restored.push((*number, &**row)),
                row => outcomes.push((*number, restore_one(tx, |tx| row.restore(tx)))),
            },
        }
    }
    // Nothing in an export needs its feedback to be there first.
    outcomes.extend(restore_feedback(tx, &restored)?);
    if !inputs.is_empty() {
        let (numbers, inputs): (Vec<i64>, Vec<NewFeedback>) = inputs.into_iter().unzip();
        let filed = intake::file(tx, &inputs)?.into_iter().map(|filed| filed.map(|filed| filed.outcome));
        outcomes.extend(numbers.into_iter().zip(filed));
    }

    let mut counts = ImportCounts { read: batch.len() as i64, ..ImportCounts::default() };
    for (number, outcome) in outcomes {
        match outcome {
            Ok(Outcome::Created) => counts.created += 1,
            Ok(Outcome::Updated) => counts.updated += 1,
            Ok(Outcome::Unchanged) => counts.unchanged += 1,
            Err(e) if is_of_the_row(&e) => rejected.push(rejection(number, &e)),
            Err(e) => return Err(e),
        }
    }
    counts.rejected = rejected.len() as i64;
    Ok((counts, rejected))
}

/// All at once, or one by one where some do not fit.
fn restore_feedback(tx: &mut Tx<'_>, rows: &[(i64, &FeedbackRow)]) -> Result<Vec<(i64, Result<Outcome>)>> {
    let all: Vec<&FeedbackRow> = rows.iter().map(|(_, row)| *row).collect();
    let numbers = rows.iter().map(|(number, _)| *number);
    if all.is_empty() {
        return Ok(Vec::new());
    }
    match tx.attempt(|tx| restore::all_feedback(tx, &all)) {
        Ok(missing) => Ok(numbers.zip(missing.into_iter().map(|missing| Ok(restored(missing)))).collect()),
        Err(e) if is_of_the_row(&e) => {
            let one = |row: &&FeedbackRow| restore_one(tx, |tx| Ok(restore::all_feedback(tx, &[row])? == [true]));
            Ok(numbers.zip(all.iter().map(one).collect::<Vec<_>>()).collect())
        }
        Err(e) => Err(e),
    }
}

fn restore_one(tx: &mut Tx<'_>, row: impl FnOnce(&mut Tx<'_>) -> Result<bool>) -> Result<Outcome> {
    tx.attempt(row).map(restored)
}

fn restored(was_missing: bool) -> Outcome {
    if was_missing { Outcome::Created } else { Outcome::Unchanged }
}

/// Whether another row may fare better.
fn is_of_the_row(error: &Error) -> bool {
    matches!(error.code, Code::Invalid | Code::Conflict)
}

/// A row that can't be taken, with all that is wrong with it.
pub fn rejection(row: i64, error: &Error) -> ImportError {
    let code = error.fields.first().map_or(error.code.as_str(), |field| &field.code).to_owned();
    let fields: Vec<String> = error.fields.iter().map(|f| format!("{} {}", f.pointer, f.detail)).collect();
    let detail = if fields.is_empty() { error.detail.clone() } else { fields.join("; ") };
    ImportError { row, code, detail: detail.chars().take(MAX_DETAIL).collect() }
}

/// Ends an import, with a problem where the file as a whole could not be read. What was filed is refined once.
///
/// # Errors
/// 409 where another has taken the import over.
pub fn finish(
    tx: &mut Tx<'_>,
    claim: &Claim,
    counts: ImportCounts,
    touched: &HashSet<Id>,
    problem: Option<&str>,
) -> Result<()> {
    imports::finish(tx, claim, problem)?;
    if !claim.job.options.dry_run && counts.created + counts.updated > 0 {
        for product in touched {
            products::ask_refinement(tx, *product)?;
        }
    }
    let state = if problem.is_some() { "failed" } else { "done" };
    tx.event("import.finished", claim.id, None, json!({ "state": state, "counts": counts }));
    Ok(())
}
