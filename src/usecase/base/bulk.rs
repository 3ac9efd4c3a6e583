//! One act on many resources: each by the very function that does it to one, so that rules, events, undo and errors are
//! the same. Each is done whole or not at all, and one that is refused does not stop the others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::domain::base::Id;
use crate::domain::base::bulk::{
    Acted, BulkResult, ClosureBulk, ClosureBulkAct, CorrectionBulk, FeedbackAct, FeedbackBulk, tagged, untagged,
};
use crate::domain::closure::{Assignment, Told};
use crate::domain::feedback::Feedback;
use crate::domain::themes::Corrected;
use crate::error::{Error, Result};
use crate::store::{Tx, feedback, themes};
use crate::usecase::closure::{messages, recalls, rounds};
use crate::usecase::feedback::edits;
use crate::usecase::themes::undo;

/// How long one transaction goes on taking further ones: others who write wait as long.
const PART: Duration = Duration::from_millis(150);

/// Does the next part of an act on feedback.
///
/// # Errors
/// 422 where the theme is unknown; then nothing of the part was done.
pub fn feedback(tx: &mut Tx<'_>, input: &FeedbackBulk, so_far: &mut BulkResult) -> Result<()> {
    if let Some(theme) = input.theme_id
        && themes::rows::rows(tx.conn, &[theme])?.is_empty()
    {
        return Err(Error::field("/theme_id", "unknown", "is not the id of a theme"));
    }
    go_on(tx, &input.ids, so_far, |tx, id| one_feedback(tx, id, input))
}

fn one_feedback(tx: &mut Tx<'_>, id: Id, input: &FeedbackBulk) -> Result<Acted> {
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

/// Changes a feedback by the merge patch that follows from the tags it has.
fn change(tx: &mut Tx<'_>, id: Id, patch: impl FnOnce(Vec<String>) -> Value) -> Result<Acted> {
    // Locked before it is read: a tag that somebody else puts on it meanwhile is not lost.
    let before = feedback::rows::lock(tx, id)?;
    let after = edits::edit(tx, id, None, &patch(before.tags()))?;
    Ok(Acted { changed: after.version != before.version, correction: None })
}

/// Does the next part of an act on closures.
///
/// # Errors
/// 422 where the member is unknown; then nothing of the part was done.
pub fn closures(tx: &mut Tx<'_>, input: &ClosureBulk, so_far: &mut BulkResult) -> Result<()> {
    if let Some(member) = input.member_id
        && !rounds::is_active_member(tx.conn, member)?
    {
        return Err(Error::field("/member_id", "unknown", "is not the id of an active member"));
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

/// Does the next part of an act on corrections: undoes them, in the order given.
pub fn corrections(tx: &mut Tx<'_>, input: &CorrectionBulk, so_far: &mut BulkResult) -> Result<()> {
    go_on(tx, &input.ids, so_far, |tx, id| {
        undo::undo(tx, id)?;
        Ok(Acted { changed: true, correction: None })
    })
}

/// Acts on those that are left, at least on one, until the time of a part is over.
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
            // Not a fault of this one: the whole part fails, or is run again.
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
