//! Undo of corrections. It restores the exact state before, as long as no later correction depends on it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::corrections::{Details, members_changed, save};
use crate::domain::base::Id;
use crate::domain::themes::{Correction, CorrectionKind, ThemeLabel, ThemeRecord};
use crate::engine::language_of;
use crate::error::{Code, Error, Result};
use crate::store::themes;
use crate::store::themes::corrections;
use crate::store::{Tx, stories};
use crate::usecase::feedback::{edits, transferring};
use crate::usecase::stories::duplicates::{MarkedDuplicate, unmark_duplicate};

/// The most feedback ids in an event; readers of a larger correction must read the correction.
const NAMED: i64 = 1_000;

/// Undoes a correction.
///
/// # Errors
/// 404, 409 where it is already undone, or a later correction (which is named) depends on it.
pub fn undo(tx: &mut Tx<'_>, id: Id) -> Result<Correction> {
    let (act, details) = corrections::lock(tx, id)?;
    if act.undone_at.is_some() {
        return Err(Error::new(Code::Conflict, "It is undone already."));
    }
    let touched: BTreeSet<Id> = [act.theme_id, act.other_theme_id].into_iter().flatten().collect();
    let touched: Vec<Id> = touched.into_iter().collect();
    themes::rows::lock(tx, &touched)?;
    if let Some(later) = corrections::standing_on(tx.conn, &act)? {
        let detail = format!("The correction {later} depends on it; undo that one first.");
        return Err(Error::new(Code::UndoRefused, detail));
    }
    reverse(tx, &act, details)?;
    corrections::set_undone(tx, id)?;
    if act.feedback_count > 0 {
        members_changed(tx, &touched)?;
    }
    let named = if act.feedback_count <= NAMED { corrections::items(tx.conn, id, NAMED)? } else { Vec::new() };
    let named: Vec<Id> = named.iter().map(|item| item.feedback).collect();
    let data = json!({
        "kind": act.kind, "themes": touched, "feedback": named, "feedback_count": act.feedback_count,
    });
    tx.event("correction.undone", id, Some(act.product_id), data);
    corrections::get(tx.conn, id)
}

fn reverse(tx: &mut Tx<'_>, act: &Correction, details: Value) -> Result<()> {
    use CorrectionKind::*;
    if act.kind == MarkDuplicate {
        let marked: MarkedDuplicate = serde_json::from_value(details).map_err(Error::internal)?;
        return unmark_duplicate(tx, &marked).map(drop);
    }
    if act.kind == ChangeProduct {
        return transferring::put_back(tx, act, details);
    }
    let details: Details = serde_json::from_value(details).map_err(Error::internal)?;
    match act.kind {
        Rename => {
            let row = theme(tx, act)?;
            // If no person had set a label before, the engine generates one again.
            let mut labels = row.labels.clone();
            labels.remove(language_of(&row.label).code());
            let by_person = details.label.is_some();
            let label = details.label.unwrap_or_else(|| row.label.clone());
            let restored = ThemeLabel { text: label.clone(), set: by_person };
            labels.insert(language_of(&label).code().to_owned(), restored);
            save(tx, ThemeRecord { label, label_set: by_person, labels, ..row })
        }
        Mute | Unmute => {
            let row = theme(tx, act)?;
            save(tx, ThemeRecord { muted: act.kind == Unmute, ..row })
        }
        Merge => {
            corrections::put_back(tx, act.id)?;
            separate_stories(tx, act, &details)?;
            let row = theme(tx, act)?;
            save(tx, ThemeRecord { merged_into: None, ..row })
        }
        Split => corrections::put_back(tx, act.id),
        // A move of several items comes from an accepted proposal; all of them were in a theme.
        Move if act.feedback_count > 1 => corrections::put_back(tx, act.id),
        Move | Dismiss | Restore => {
            for item in corrections::items(tx.conn, act.id, NAMED)? {
                edits::put_back(tx, &item, act.kind, &details)?;
            }
            Ok(())
        }
        MarkDuplicate | ChangeProduct => Ok(()),
    }
}

fn theme(tx: &mut Tx<'_>, act: &Correction) -> Result<ThemeRecord> {
    themes::rows::row(tx.conn, act.theme_id.ok_or_else(|| Error::internal("a correction of no theme"))?)
}

/// Undoes the changes of a merge to the stories of the two themes.
fn separate_stories(tx: &mut Tx<'_>, act: &Correction, details: &Details) -> Result<()> {
    if let (Some(story), Some(into)) = (details.linked_story, act.other_theme_id) {
        stories::rows::unlink(tx, story, &[into])?;
    }
    if let (Some(newer), Some(_)) = (act.story_id, act.other_story_id) {
        stories::rows::propose_duplicate(tx, newer, details.proposed_before)?;
        let data = json!({ "fields": ["proposed_duplicate_of"], "proposed_duplicate_of": details.proposed_before });
        tx.event("story.updated", newer, Some(act.product_id), data);
    }
    Ok(())
}
