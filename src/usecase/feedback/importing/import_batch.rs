//! Import of batches: the rows of a file become feedback exactly once, even if the file is imported again or reading it
//! was interrupted.

use std::collections::HashSet;

use serde_json::json;

use super::import_wanted::{Ids, RowAction, RowBatch, WantedRow};
use super::kept_away;
use crate::domain::base::Id;
use crate::domain::feedback::{ImportCounts, ImportError, ImportWarning};
use crate::domain::privacy::redact::kinds::MaskCounts;
use crate::domain::team::FilingRights;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::feedback::importing::import_notes;
use crate::store::feedback::imports::{self, Claim};
use crate::store::integrations::webhooks;
use crate::store::team::products;
use crate::store::transfer::exported::Exported;
use crate::store::transfer::restore;
use crate::usecase::feedback::filing::read_ahead::ReadInput;
use crate::usecase::feedback::filing::{self, Outcome};

/// The longest detail of a rejected row, in characters. A row may have any number of unknown fields.
const MAX_DETAIL: usize = 1_000;

/// The result of a batch.
#[derive(Clone, Debug, Default)]
pub struct BatchTaken {
    /// The counts.
    pub counts: ImportCounts,
    rejected: Vec<ImportError>,
    /// Warnings about fields that the caller may not change.
    warnings: Vec<ImportWarning>,
    /// What was masked in texts before they were stored.
    pub masked: MaskCounts,
    /// In a dry run of an export: the ids that the batch would create.
    pub would_be_there: HashSet<Id>,
    /// Those of them that the dry run could not insert, because it has rolled back what they refer to.
    assumed: HashSet<Id>,
}

/// Handles a batch in one transaction: files and restores rows, notes rejected rows, and saves counts and progress. A
/// dry run rolls back everything but counts and notes; `earlier` are the ids that its earlier batches would have
/// created.
///
/// # Errors
/// 409 where another holder has taken the import over.
pub fn take(tx: &mut Tx<'_>, claim: &Claim, batch: &RowBatch, earlier: &HashSet<Id>) -> Result<BatchTaken> {
    tx.limit(claim.job.products.clone());
    let kept_away = kept_away::without_erased(tx, claim.id, batch)?;
    let batch = kept_away.as_ref().unwrap_or(batch);
    let rights = claim.job.rights;
    let mut taken = match claim.job.options.dry_run {
        true => tx.rehearse(|tx| take_rows(tx, batch, earlier, rights))?,
        false => take_rows(tx, batch, earlier, rights)?,
    };
    let of_rows = batch.iter().flat_map(|asked| asked.warnings.iter().cloned());
    let warnings: Vec<ImportWarning> = of_rows.chain(std::mem::take(&mut taken.warnings)).collect();
    taken.counts.warnings = warnings.len() as i64;
    import_notes::reject(tx, claim.id, &taken.rejected)?;
    import_notes::warn(tx, claim.id, &warnings)?;
    imports::advance(tx, claim, taken.counts)?;
    Ok(taken)
}

fn take_rows(tx: &mut Tx<'_>, batch: &RowBatch, earlier: &HashSet<Id>, rights: FilingRights) -> Result<BatchTaken> {
    let mut outcomes: Vec<(&WantedRow, Result<Outcome>)> = Vec::with_capacity(batch.len());
    let mut taken = BatchTaken {
        counts: ImportCounts { read: batch.len() as i64, ..ImportCounts::default() },
        ..BatchTaken::default()
    };
    let (mut inputs, mut restored) = (Vec::new(), Vec::new());
    for asked in batch {
        match &asked.wanted {
            RowAction::Reject(error) => taken.rejected.push(error.clone()),
            RowAction::Skip => taken.counts.skipped += 1,
            RowAction::File(input) => inputs.push((asked, (**input).clone())),
            RowAction::Restore(row) if row.is_feedback() => restored.push((asked, &**row)),
            RowAction::Restore(row) => {
                // Later rows may refer to the feedback before them.
                outcomes.extend(restore_feedback(tx, &std::mem::take(&mut restored))?);
                outcomes.push((asked, restore_one(tx, |tx| row.restore(tx))));
            }
        }
    }
    outcomes.extend(restore_feedback(tx, &restored)?);
    if !inputs.is_empty() {
        let (asked, inputs): (Vec<&WantedRow>, Vec<ReadInput>) = inputs.into_iter().unzip();
        let filed = filing::file_read(tx, &inputs, rights)?;
        taken.counts.unreachable = unreachable(tx, &filed)?;
        for (kind, count) in filed.iter().flatten().flat_map(|filed| &filed.masked) {
            *taken.masked.entry(*kind).or_default() += count;
        }
        for (asked, filed) in asked.iter().zip(&filed) {
            let warnings = not_allowed(asked.row, filed);
            taken.counts.warned += i64::from(asked.warnings.is_empty() && !warnings.is_empty());
            taken.warnings.extend(warnings);
        }
        let outcome = |filed: Result<filing::Filed>| filed.map(|filed| filed.outcome);
        outcomes.extend(asked.into_iter().zip(filed.into_iter().map(outcome)));
    }
    for (asked, outcome) in outcomes {
        taken.count(asked, outcome, earlier)?;
    }
    taken.counts.rejected = taken.rejected.len() as i64;
    Ok(taken)
}

impl BatchTaken {
    fn count(&mut self, asked: &WantedRow, outcome: Result<Outcome>, earlier: &HashSet<Id>) -> Result<()> {
        let ids = asked.ids.as_ref();
        match outcome {
            Ok(Outcome::Created) => self.created(ids),
            // A line that completes a row which the dry run has rolled back; the real run will have it.
            Ok(Outcome::Unchanged) if ids.is_some_and(|ids| self.completes(ids, earlier)) => self.created(ids),
            Ok(Outcome::Updated) => self.counts.updated += 1,
            Ok(Outcome::Unchanged) => self.counts.unchanged += 1,
            // The dry run has no row that this one refers to: it was rolled back, or refers itself to such a row.
            Err(e) if is_of_the_row(&e) && ids.is_some_and(|ids| self.would_find(ids, earlier)) => {
                self.assumed.extend(ids.and_then(|ids| ids.own));
                self.created(ids);
            }
            Err(e) if is_of_the_row(&e) => {
                self.rejected.push(rejection(asked.row, &e));
                return Ok(());
            }
            Err(e) => return Err(e),
        }
        self.counts.warned += i64::from(!asked.warnings.is_empty());
        Ok(())
    }

    /// Counts a row that the run creates.
    fn created(&mut self, ids: Option<&Ids>) {
        self.counts.created += 1;
        self.would_be_there.extend(ids.and_then(|ids| ids.own));
    }

    /// Whether a line completes a row that is not there only because this is a dry run.
    fn completes(&self, ids: &Ids, earlier: &HashSet<Id>) -> bool {
        ids.own.is_some_and(|id| earlier.contains(&id) || self.assumed.contains(&id))
    }

    /// Whether a row refers to one that the real run would have inserted before.
    fn would_find(&self, ids: &Ids, earlier: &HashSet<Id>) -> bool {
        ids.others.iter().any(|id| earlier.contains(id) || self.would_be_there.contains(id))
    }
}

/// Warnings about fields that the caller may not change, and about what was masked.
fn not_allowed(row: i64, filed: &Result<filing::Filed>) -> Vec<ImportWarning> {
    let masked = filed.as_ref().map(|filed| filed.masked.clone()).unwrap_or_default();
    let masked = masked.into_iter().map(|(kind, count)| ImportWarning {
        row: Some(row),
        field: None,
        code: "masked".to_owned(),
        detail: format!("masked before it was stored, as the product asks for: {count} {kind}"),
    });
    let left_out = filed.as_ref().map(|filed| filed.left_out.as_slice()).unwrap_or_default();
    let warning = |field: &&str| ImportWarning {
        row: Some(row),
        field: Some((*field).trim_start_matches('/').replace('/', ".")),
        code: "not_changed".to_owned(),
        detail: "left as it is: it belongs to another, a person corrected it, or this token may not change it"
            .to_owned(),
    };
    left_out.iter().map(warning).chain(masked).collect()
}

/// The number of rows whose customers can be reached neither by mail nor by a desk.
fn unreachable(tx: &mut Tx<'_>, filed: &[Result<filing::Filed>]) -> Result<i64> {
    let without: Vec<&str> = filed
        .iter()
        .flatten()
        .filter(|filed| filed.feedback.customer.as_ref().is_some_and(|customer| customer.email.is_none()))
        .map(|filed| filed.feedback.origin.as_str())
        .collect();
    let mut count = 0;
    let mut desks = std::collections::HashMap::new();
    for origin in without {
        let is_desk = match desks.get(origin) {
            Some(is_desk) => *is_desk,
            None => {
                let is_desk = webhooks::desk_of(tx.conn, origin)?.is_some();
                desks.insert(origin, is_desk);
                is_desk
            }
        };
        count += i64::from(!is_desk);
    }
    Ok(count)
}

/// All in one savepoint; one by one if some of them fail.
fn restore_feedback<'b>(
    tx: &mut Tx<'_>,
    rows: &[(&'b WantedRow, &Exported)],
) -> Result<Vec<(&'b WantedRow, Result<Outcome>)>> {
    let all: Vec<&Exported> = rows.iter().map(|(_, row)| *row).collect();
    let asked = rows.iter().map(|(asked, _)| *asked);
    if all.is_empty() {
        return Ok(Vec::new());
    }
    match tx.attempt(|tx| restore::restore_feedback(tx, &all)) {
        Ok(missing) => Ok(asked.zip(missing.into_iter().map(|missing| Ok(restored(missing)))).collect()),
        Err(e) if is_of_the_row(&e) => {
            let one = |row: &&Exported| restore_one(tx, |tx| row.restore(tx));
            Ok(asked.zip(all.iter().map(one).collect::<Vec<_>>()).collect())
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

/// Whether the error concerns this row only, so that other rows may succeed.
fn is_of_the_row(error: &Error) -> bool {
    matches!(error.code, Code::Invalid | Code::Conflict)
}

/// A rejected row, with all its errors.
pub fn rejection(row: i64, error: &Error) -> ImportError {
    let code = error.fields.first().map_or(error.code.as_str(), |field| &field.code).to_owned();
    let fields: Vec<String> = error.fields.iter().map(|f| format!("{} {}", f.pointer, f.detail)).collect();
    let detail = if fields.is_empty() { error.detail.clone() } else { fields.join("; ") };
    ImportError { row, code, detail: detail.chars().take(MAX_DETAIL).collect() }
}

/// Saves the detected format of the file and the warnings about the whole file: once, before the first row.
///
/// # Errors
/// 409 where another holder has taken the import over.
pub fn begin(
    tx: &mut Tx<'_>,
    claim: &Claim,
    reading: &crate::domain::feedback::ImportReading,
    notes: &[ImportWarning],
) -> Result<ImportCounts> {
    let counts = ImportCounts { warnings: notes.len() as i64, ..ImportCounts::default() };
    imports::set_reading(tx, claim.id, reading)?;
    import_notes::warn(tx, claim.id, notes)?;
    imports::advance(tx, claim, counts)?;
    Ok(counts)
}

/// Ends an import, with a problem where the whole file could not be read. Requests one refinement of the filed
/// feedback.
///
/// # Errors
/// 409 where another holder has taken the import over.
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
