//! Bulk operations. Each item goes through the same function as a single change, so rules, events, undo and errors are
//! the same. Each item is changed entirely or not at all, and a refused item does not stop the others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::domain::base::bulk::{
    Acted, BulkResult, ClosureBulk, ClosureBulkAct, CorrectionBulk, FeedbackAct, FeedbackBulk, tagged, untagged,
};
use crate::domain::base::{Id, Reference};
use crate::domain::closure::{Assignment, Told};
use crate::domain::feedback::Feedback;
use crate::domain::themes::Corrected;
use crate::error::{Error, Result};
use crate::store::team::members;
use crate::store::{Tx, feedback, themes};
use crate::usecase::closure::{messages, recalls};
use crate::usecase::feedback::edits;
use crate::usecase::themes::undo;

/// How long one transaction takes further items; other writers wait that long.
const PART: Duration = Duration::from_millis(150);

/// Runs the next part of a bulk operation on feedback.
///
/// # Errors
/// 422 where the theme is unknown; then no item of the part was changed.
pub fn feedback(tx: &mut Tx<'_>, input: &FeedbackBulk, so_far: &mut BulkResult) -> Result<()> {
    if let Some(theme) = input.theme_id
        && themes::rows::rows(tx.conn, &[theme])?.is_empty()
    {
        return Err(Reference::Theme.refusal("/theme_id").into());
    }
    go_on(tx, &input.ids, so_far, |tx, id| one_feedback(tx, id, input))
}

/// Does one act on one feedback.
pub(in crate::usecase) fn one_feedback(tx: &mut Tx<'_>, id: Id, input: &FeedbackBulk) -> Result<Acted> {
    let tags = input.tags.as_deref().unwrap_or_default();
    match input.act {
        FeedbackAct::Dismiss => {
            edits::dismiss(tx, id, None, input.reason.as_deref().unwrap_or_default()).map(corrected)
        }
        FeedbackAct::Restore => edits::restore(tx, id, None).map(corrected),
        FeedbackAct::Move => edits::move_to(tx, id, None, input.theme_id).map(corrected),
        FeedbackAct::Tag => change(tx, id, |had| json!({ "tags": tagged(had, tags) })),
        FeedbackAct::Untag => change(tx, id, |had| json!({ "tags": untagged(had, tags) })),
        FeedbackAct::SetAside => change(tx, id, |_| json!({ "set_aside": input.set_aside })),
        FeedbackAct::TakeBack => change(tx, id, |_| json!({ "set_aside": null })),
    }
}

fn corrected(done: Corrected<Feedback>) -> Acted {
    Acted { changed: done.correction_id.is_some(), correction: done.correction_id }
}

/// Changes a feedback by a merge patch that is computed from its tags.
fn change(tx: &mut Tx<'_>, id: Id, patch: impl FnOnce(Vec<String>) -> Value) -> Result<Acted> {
    // Locked before it is read, so that a tag added by someone else meanwhile is not lost.
    let mut before = feedback::rows::lock(tx, id)?;
    // Earlier versions accepted blank tags; a patch with them would be refused.
    before.tags.retain(|tag| !tag.trim().is_empty());
    let after = edits::edit(tx, id, None, &patch(before.tags))?;
    Ok(Acted { changed: after.version != before.version, correction: None })
}

/// Runs the next part of a bulk operation on closures.
///
/// # Errors
/// 422 where the member is unknown; then no item of the part was changed.
pub fn closures(tx: &mut Tx<'_>, input: &ClosureBulk, so_far: &mut BulkResult) -> Result<()> {
    if let Some(member) = input.member_id {
        members::known_active(tx.conn, member, "/member_id")?;
    }
    go_on(tx, &input.ids, so_far, |tx, id| one_closure(tx, id, input))
}

fn one_closure(tx: &mut Tx<'_>, id: Id, input: &ClosureBulk) -> Result<Acted> {
    let reason = input.reason.as_deref();
    match input.act {
        ClosureBulkAct::Tell => messages::tell(tx, id, None, &Told { note: input.note.clone() }),
        ClosureBulkAct::Assign => {
            let member_id = input.member_id.ok_or_else(|| Error::internal("an assignment to nobody"))?;
            messages::assign_to(tx, id, None, &Assignment { member_id })
        }
        ClosureBulkAct::Unreachable => messages::unreachable(tx, id, None, reason.unwrap_or_default()),
        ClosureBulkAct::Recall => recalls::recall(tx, id, None, reason),
        ClosureBulkAct::Resume => recalls::resume(tx, id, None),
    }?;
    Ok(Acted { changed: true, correction: None })
}

/// Runs the next part of a bulk undo of corrections, in the given order.
pub fn corrections(tx: &mut Tx<'_>, input: &CorrectionBulk, so_far: &mut BulkResult) -> Result<()> {
    go_on(tx, &input.ids, so_far, |tx, id| {
        undo::undo(tx, id)?;
        Ok(Acted { changed: true, correction: None })
    })
}

/// Handles the remaining items, at least one, until the time of the part is over.
fn go_on(
    tx: &mut Tx<'_>,
    ids: &[Id],
    so_far: &mut BulkResult,
    act: impl Fn(&mut Tx<'_>, Id) -> Result<Acted>,
) -> Result<()> {
    let started = Instant::now();
    tx.bulk = Some(so_far.bulk_id);
    for id in ids.iter().skip(so_far.results.len()) {
        let outcome = tx.attempt(|tx| act(tx, *id));
        match &outcome {
            // Not an error of this item: the whole part fails or is retried.
            Err(e) if e.transient || e.lost || e.code.status() >= 500 => return outcome.map(drop),
            _ => so_far.note(*id, &outcome),
        }
        if started.elapsed() >= PART {
            break;
        }
    }
    tx.bulk = None;
    Ok(())
}
