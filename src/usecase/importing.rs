//! Importing: a file's rows become feedback, each once, however often the file comes and wherever its reading broke off.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::intake::{self, Outcome};
use crate::connectors::{Mapping, ReadOptions};
use crate::domain::{Id, ImportCounts, ImportError, ImportOptions, NewFeedback};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::export::ExportRow;
use crate::store::imports::{self, Claim};
use crate::store::{Conn, Tx, products};

/// Longest detail of a rejected row, in characters: a row may have any number of unknown fields.
const MAX_DETAIL: usize = 1_000;

/// How to read a file, from what the caller said.
///
/// # Errors
/// 422 with every wrong option.
pub fn read_options(options: &ImportOptions) -> Result<ReadOptions> {
    let mut errors = Vec::new();
    let format = options.format.as_deref().map(str::parse).transpose();
    let preset = options.preset.as_deref().map(str::parse).transpose();
    if format.is_err() {
        errors.push(FieldError::new("/format", "not_one_of", "is not a format"));
    }
    if preset.is_err() {
        errors.push(FieldError::new("/preset", "not_one_of", "is not a preset"));
    }
    let mapping = options.mapping.as_ref().map(Mapping::parse).transpose().unwrap_or_else(|wrong| {
        let error = |e: crate::connectors::MappingError| {
            let pointer = if e.field.is_empty() { "/mapping".to_owned() } else { format!("/mapping/{}", e.field) };
            FieldError::new(pointer, "mapping", e.detail)
        };
        errors.extend(wrong.into_iter().map(error));
        None
    });
    match (format, preset) {
        (Ok(format), Ok(preset)) if errors.is_empty() => Ok(ReadOptions { format, preset, mapping }),
        _ => Err(Error::invalid(errors)),
    }
}

/// Checks options against the database; the product is named by its key from then on.
///
/// # Errors
/// 422 with every wrong option.
pub fn check(conn: &mut Conn, mut options: ImportOptions) -> Result<ImportOptions> {
    let mut errors = read_options(&options).err().map(|e| e.fields).unwrap_or_default();
    if let Some(name) = &options.product {
        match products::find(conn, name)? {
            Some(product) => options.product = Some(product.key),
            None => errors.push(FieldError::new("/product", "unknown", "is not the key or id of a product")),
        }
    }
    if errors.is_empty() { Ok(options) } else { Err(Error::invalid(errors)) }
}

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
    let (counts, rejected) = match claim.job.options.dry_run {
        true => tx.rehearse(|tx| take_rows(tx, batch))?,
        false => take_rows(tx, batch)?,
    };
    imports::reject(tx, claim.id, &rejected)?;
    imports::advance(tx, claim, counts)?;
    Ok(counts)
}

fn take_rows(tx: &mut Tx<'_>, batch: &Batch) -> Result<(ImportCounts, Vec<ImportError>)> {
    let mut counts = ImportCounts { read: batch.len() as i64, ..ImportCounts::default() };
    let mut rejected = Vec::new();
    let mut inputs = Vec::new();
    let mut numbers = Vec::new();
    for (number, wanted) in batch {
        match wanted {
            Wanted::Reject(error) => rejected.push(error.clone()),
            Wanted::File(input) => {
                numbers.push(*number);
                inputs.push((**input).clone());
            }
            Wanted::Restore(row) => match tx.attempt(|tx| row.restore(tx)) {
                Ok(true) => counts.created += 1,
                Ok(false) => counts.unchanged += 1,
                Err(e) if is_of_the_row(&e) => rejected.push(rejection(*number, &e)),
                Err(e) => return Err(e),
            },
        }
    }
    let filed = if inputs.is_empty() { Vec::new() } else { intake::file(tx, &inputs)? };
    for (number, filed) in numbers.into_iter().zip(filed) {
        match filed.map(|filed| filed.outcome) {
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

/// The JSON of a mapping as it stands in a query or on a command line.
///
/// # Errors
/// 422 where it is no JSON.
pub fn mapping_from(text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|_| Error::field("/mapping", "malformed", "must be a JSON object: our field to their column"))
}
