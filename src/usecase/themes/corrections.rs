//! Corrections of themes by people: rename, mute, merge, split. Each is recorded, so that it can be undone, and pins
//! the items it moves, so that the engine never reverses it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::wording::UNNAMED;
use crate::domain::base::decode;
use crate::domain::base::{Id, check_version};
use crate::domain::themes::{
    Corrected, CorrectionKind, MoveFeedback, Split, Theme, ThemeEdit, ThemeLabel, ThemeRecord,
};
use crate::engine::language_of;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::themes;
use crate::store::themes::corrections::{self, NewCorrection};
use crate::store::themes::rows::NewTheme;
use crate::store::{Tx, feedback, stories};
use crate::usecase::stories::recurrences::recurred;

/// The data for undoing a correction of a theme, beside its items.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::usecase) struct Details {
    /// The label before, if a person had set it; a label of the engine is not kept, because it is generated again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The story that a merge added to the remaining theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_story: Option<Id>,
    /// The earlier duplicate proposal of the merged theme's story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_before: Option<Id>,
    /// The reason of the dismissal, for a restore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The reason why a feedback was set aside before it was moved to a theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<String>,
}

impl Details {
    pub(in crate::usecase) fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Recounts these themes, and has their texts generated again.
pub(in crate::usecase) fn members_changed(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    themes::rows::refresh_counts(tx, ids)?;
    themes::rows::mark_stale(tx, ids)
}

/// Sets the label of a theme; the engine no longer changes it.
///
/// # Errors
/// 404, 409 where it was merged, 412, 422.
pub fn rename(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Corrected<Theme>> {
    let row = lock(tx, id, if_match)?;
    let current = ThemeEdit { label: row.label.clone() };
    let edit: ThemeEdit = decode::patched(&current, patch)?;
    // Sending the engine's label confirms it, so it counts as set.
    let set = patch.get("label").is_some();
    if !set || (edit == current && row.label_set) {
        return unchanged(tx, id);
    }
    let details = Details { label: row.label_set.then(|| row.label.clone()), ..Details::default() };
    let renamed = labelled(row, edit.label);
    let act = NewCorrection { details: details.value(), ..of_theme(CorrectionKind::Rename, &renamed) };
    tx.event("theme.renamed", id, Some(act.product), json!({ "fields": ["label"] }));
    save(tx, renamed)?;
    remembered(tx, id, act)
}

/// The theme with a label that a person set, which is also that of its language.
fn labelled(row: ThemeRecord, label: String) -> ThemeRecord {
    let mut labels = row.labels;
    labels.insert(language_of(&label).code().to_owned(), ThemeLabel { text: label.clone(), set: true });
    ThemeRecord { label, label_set: true, labels, ..row }
}

/// Mutes or unmutes a theme.
///
/// # Errors
/// 404, 409 where it was merged, 412.
pub fn mute(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, muted: bool) -> Result<Corrected<Theme>> {
    let row = lock(tx, id, if_match)?;
    if row.muted == muted {
        return unchanged(tx, id);
    }
    let kind = if muted { CorrectionKind::Mute } else { CorrectionKind::Unmute };
    let act = of_theme(kind, &row);
    tx.event("theme.muted", id, Some(act.product), json!({ "muted": muted }));
    // An unmuted theme may now need a story.
    save(tx, ThemeRecord { muted, ..row })?;
    remembered(tx, id, act)
}

/// Merges the theme `from` into `into`: its feedback moves there, pinned, and its id resolves to `into`.
///
/// # Errors
/// 404, 409 where one of them was already merged, 412, 422 where `from` is not another theme of the same product.
pub fn merge(tx: &mut Tx<'_>, into: Id, if_match: Option<i32>, from: Id) -> Result<Corrected<Theme>> {
    let refused = |code, detail| Error::field("/theme_id", code, detail);
    if from == into {
        return Err(refused("itself", "must be another theme than the one it is merged into"));
    }
    themes::rows::lock(tx, &[into, from])?;
    let target = lock(tx, into, if_match)?;
    let source = themes::rows::rows(tx.conn, &[from])?.pop().filter(|source| source.product_id == target.product_id);
    let source = source.ok_or_else(|| refused("unknown", "is not the id of a theme of the same product"))?;
    refuse_merged(&source)?;

    let moved = corrections::put_into(tx, from, into, None)?;
    let mut act = NewCorrection { other_theme: Some(into), ..of_theme(CorrectionKind::Merge, &source) };
    act.details = merge_stories(tx, from, into, &mut act)?.value();
    tx.event("theme.merged", from, Some(act.product), json!({ "into": into, "from": from }));
    save(tx, ThemeRecord { merged_into: Some(into), ..source })?;
    save(tx, target)?;
    let correction = corrections::record(tx, act, &moved)?;
    members_changed(tx, &[from, into])?;
    recurred(tx, &moved.iter().map(|item| (item.feedback, into)).collect::<Vec<_>>())?;
    Ok(Corrected { resource: themes::list::get(tx.conn, into)?, correction_id: Some(correction) })
}

/// Handles the stories of a merge. If both themes have one, the story of `from` is proposed as a duplicate of the
/// other. If only `from` has one, it becomes the story of `into`.
fn merge_stories(tx: &mut Tx<'_>, from: Id, into: Id, act: &mut NewCorrection) -> Result<Details> {
    let of = themes::list::stories_of(tx.conn, &[from, into])?;
    let (Some(&moving), there) = (of.get(&from), of.get(&into).copied()) else { return Ok(Details::default()) };
    let mut details = Details::default();
    if there == Some(moving) {
        return Ok(details);
    }
    act.story = Some(moving);
    let Some(there) = there else {
        stories::rows::link(tx, moving, &[into])?;
        details.linked_story = Some(moving);
        return Ok(details);
    };
    let locked = stories::rows::lock(tx, &[moving, there])?;
    details.proposed_before = locked.iter().find(|s| s.id == moving).and_then(|s| s.proposed_duplicate_of);
    stories::rows::propose_duplicate(tx, moving, Some(there))?;
    act.other_story = Some(there);
    let data = json!({ "fields": ["proposed_duplicate_of"], "proposed_duplicate_of": there });
    tx.event("story.updated", moving, Some(act.product), data);
    Ok(details)
}

/// Adds an empty theme with the label that a person gave it, or with one that the engine replaces.
pub(in crate::usecase) fn add(tx: &mut Tx<'_>, product: Id, label: Option<String>) -> Result<Id> {
    let new = Id::next();
    let first = label.clone().unwrap_or_else(|| UNNAMED.to_owned());
    themes::rows::insert(tx, &[NewTheme { id: new, product, label: first }])?;
    if let Some(label) = label {
        let made = themes::rows::row(tx.conn, new)?;
        themes::rows::update(tx, &labelled(made, label))?;
    }
    Ok(new)
}

/// Splits feedback off into a new theme; answers the new theme.
///
/// # Errors
/// 404, 409 where it was merged, 412, 422 for ids that are not in the theme, or that are all of its items.
pub fn split(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &Split) -> Result<Corrected<Theme>> {
    let row = lock(tx, id, if_match)?;
    let wanted: HashSet<Id> = input.feedback_ids.iter().copied().collect();
    check_members(tx, id, &input.feedback_ids)?;
    if feedback::rows::times_of_theme(tx.conn, id)?.len() == wanted.len() {
        return Err(Error::field(
            "/feedback_ids",
            "all",
            "must leave something in the theme; it has no other feedback",
        ));
    }

    let new = add(tx, row.product_id, input.label.clone())?;
    let ids: Vec<Id> = wanted.into_iter().collect();
    let moved = corrections::put_into(tx, id, new, Some(&ids))?;
    let act = NewCorrection { other_theme: Some(new), ..of_theme(CorrectionKind::Split, &row) };
    let split_off: Vec<Id> = moved.iter().map(|item| item.feedback).collect();
    tx.event("theme.split", id, Some(act.product), json!({ "new": new, "feedback": split_off }));
    save(tx, row)?;
    let correction = corrections::record(tx, act, &moved)?;
    members_changed(tx, &[id, new])?;
    Ok(Corrected { resource: themes::list::get(tx.conn, new)?, correction_id: Some(correction) })
}

/// Refuses feedback that is not in a theme; names each.
fn check_members(tx: &mut Tx<'_>, theme: Id, ids: &[Id]) -> Result<()> {
    let chosen = feedback::rows::rows(tx.conn, ids)?;
    let here: HashSet<Id> = chosen.iter().filter(|f| f.theme_id == Some(theme)).map(|f| f.id).collect();
    let elsewhere = ids.iter().enumerate().filter(|(_, id)| !here.contains(id));
    let wrong = elsewhere.map(|(n, _)| {
        let pointer = format!("/feedback_ids/{n}");
        FieldError::new(pointer, "unknown", "is not the id of a feedback in this theme")
    });
    let wrong: Vec<FieldError> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// Moves feedback that a person chose from a theme to another one, as one correction; answers the other theme.
///
/// # Errors
/// 404, 409 where one of the themes was merged, 412, 422 for feedback that is not in the theme, and for a theme that is
/// not another one of the same product.
pub fn move_chosen(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &MoveFeedback) -> Result<Corrected<Theme>> {
    let source = lock(tx, id, if_match)?;
    if input.theme_id == id {
        return Err(Error::field("/theme_id", "itself", "must be another theme than the one that the feedback leaves"));
    }
    let target = themes::rows::rows(tx.conn, &[input.theme_id])?.pop();
    if target.is_none_or(|target| target.product_id != source.product_id) {
        return Err(Error::field("/theme_id", "unknown", "is not the id of a theme of the same product"));
    }
    check_members(tx, id, &input.feedback_ids)?;
    let mut ids = input.feedback_ids.clone();
    ids.sort_unstable();
    ids.dedup();
    move_items(tx, id, input.theme_id, &ids)
}

/// Moves feedback from one theme to another as one correction, pinned; items that have left the theme are skipped.
///
/// # Errors
/// 404, 409 where one of the themes was merged.
pub(in crate::usecase) fn move_items(tx: &mut Tx<'_>, from: Id, to: Id, ids: &[Id]) -> Result<Corrected<Theme>> {
    themes::rows::lock(tx, &[from, to])?;
    let source = lock(tx, from, None)?;
    lock(tx, to, None)?;
    let moved = corrections::put_into(tx, from, to, Some(ids))?;
    let act = NewCorrection { other_theme: Some(to), ..of_theme(CorrectionKind::Move, &source) };
    for item in &moved {
        tx.event("feedback.moved", item.feedback, Some(act.product), json!({ "from": from, "to": to }));
    }
    let correction = corrections::record(tx, act, &moved)?;
    members_changed(tx, &[from, to])?;
    recurred(tx, &moved.iter().map(|item| (item.feedback, to)).collect::<Vec<_>>())?;
    Ok(Corrected { resource: themes::list::get(tx.conn, to)?, correction_id: Some(correction) })
}

fn lock(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<ThemeRecord> {
    let row = themes::rows::lock(tx, &[id])?.pop().ok_or_else(|| Error::not_found("theme"))?;
    check_version(if_match, row.version)?;
    refuse_merged(&row)?;
    Ok(row)
}

fn refuse_merged(row: &ThemeRecord) -> Result<()> {
    match row.merged_into {
        None => Ok(()),
        Some(into) => Err(Error::new(Code::Conflict, format!("It was merged into the theme {into}."))),
    }
}

fn of_theme(kind: CorrectionKind, row: &ThemeRecord) -> NewCorrection {
    NewCorrection { theme: Some(row.id), ..NewCorrection::new(kind, row.product_id) }
}

/// Writes an edited theme as a new version; its texts and stories are updated later.
pub(in crate::usecase) fn save(tx: &mut Tx<'_>, row: ThemeRecord) -> Result<()> {
    themes::rows::update(tx, &ThemeRecord { version: row.version + 1, updated_at: tx.now, ..row })?;
    themes::rows::mark_stale(tx, &[row.id])
}

fn remembered(tx: &mut Tx<'_>, id: Id, act: NewCorrection) -> Result<Corrected<Theme>> {
    let correction = corrections::record(tx, act, &[])?;
    Ok(Corrected { resource: themes::list::get(tx.conn, id)?, correction_id: Some(correction) })
}

fn unchanged(tx: &mut Tx<'_>, id: Id) -> Result<Corrected<Theme>> {
    Ok(Corrected { resource: themes::list::get(tx.conn, id)?, correction_id: None })
}
