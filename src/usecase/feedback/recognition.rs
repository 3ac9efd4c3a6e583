//! Recognition: derives the kind of a feedback where none was given, and whether it is set aside as noise.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::feedback::recognition::{Read, recognise};
use crate::domain::feedback::{ERASED, KindSource, State};
use crate::error::Result;
use crate::store::feedback::recognised;
use crate::store::feedback::rows::FeedbackRow;
use crate::store::{Tx, themes};

/// Recognises the kind and noise of a row. It changes nothing that a person or a filing set: the kind, the decision to
/// set it aside, a theme set by a person, or a dismissal.
pub fn read(row: &mut FeedbackRow) {
    let is_edited = |row: &FeedbackRow, name: &str| row.edited.contains(&format!("\"{name}\""));
    let source = match row.kind_source.as_deref() {
        Some(known) => known.parse().unwrap_or(KindSource::Filed),
        None if is_edited(row, "kind") => KindSource::Corrected,
        None if row.kind.is_some() => KindSource::Filed,
        None => KindSource::Derived,
    };
    row.kind_source = Some(source.as_str().to_owned());
    if row.text == ERASED {
        return;
    }
    let found = recognise(&Read { words: &row.own_words(), rating: row.rating, nps: row.nps });
    if source == KindSource::Derived {
        row.kind = Some(found.kind.as_str().to_owned());
    }
    if !is_edited(row, "set_aside") && !row.pinned && row.state != State::Dismissed.as_str() {
        row.set_aside = found.set_aside.map(|reason| reason.as_str().to_owned());
        keep_aside(row);
    }
}

/// Recognises a row again if its text or rating changed.
pub fn read_again(before: &FeedbackRow, row: &mut FeedbackRow) {
    if before.words() != row.words() || (before.rating, before.nps) != (row.rating, row.nps) {
        read(row);
    }
}

/// Sets the state that follows from being set aside: set-aside feedback has no theme; otherwise it waits for one. A
/// dismissal stays.
pub fn keep_aside(row: &mut FeedbackRow) {
    let is = |state: State| row.state == state.as_str();
    let state = match row.set_aside.is_some() {
        true if !is(State::Dismissed) => State::SetAside,
        false if is(State::SetAside) => State::Pending,
        _ => return,
    };
    row.state = state.as_str().to_owned();
    (row.theme_id, row.similarity, row.pinned) = (None, None, false);
}

/// Writes the event where a feedback has been set aside, or no longer is; `was` is the earlier reason.
pub fn noted_aside(tx: &mut Tx<'_>, was: Option<&str>, from: Option<Id>, row: &FeedbackRow) {
    let (id, product) = (row.id.into(), Some(row.product_id.into()));
    match (was, row.set_aside.as_deref()) {
        (was, Some(reason)) if was != Some(reason) => {
            tx.event("feedback.set_aside", id, product, json!({ "reason": reason, "theme_id": from }));
        }
        (Some(reason), None) => tx.event("feedback.taken_back", id, product, json!({ "reason": reason })),
        _ => {}
    }
}

/// Recognises up to `limit` feedbacks filed by an earlier version; answers how many there were.
pub fn read_earlier(tx: &mut Tx<'_>, limit: i64) -> Result<usize> {
    let rows = recognised::unread(tx, limit)?;
    let mut left = Vec::new();
    for before in &rows {
        let mut row = before.clone();
        read(&mut row);
        recognised::set(tx, &row)?;
        let from = before.theme_id.filter(|theme| row.theme_id != Some(*theme)).map(Id::from);
        noted_aside(tx, before.set_aside.as_deref(), from, &row);
        left.extend(from);
    }
    themes::rows::refresh_counts(tx, &left)?;
    themes::rows::mark_stale(tx, &left)?;
    Ok(rows.len())
}
