//! Recognition: derives the kind of a feedback where none was given, and whether it is set aside as noise.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::feedback::{ERASED, FeedbackRecord, Impression, KindSource, Sentiment, SetAside, State};
use crate::engine::kinds::telling::{Lessons, Telling};
use crate::error::Result;
use crate::store::feedback::recognised;
use crate::store::{Tx, themes};

use super::lessons::{self, told};

/// Recognises the kind and noise of a row. It changes nothing that a person or a filing set: the kind, the decision to
/// set it aside, a theme set by a person, or a dismissal. `taught` are the product's corrections.
pub fn read(row: &mut FeedbackRecord, taught: &Lessons) {
    read_as(row, &told(row), taught);
}

/// Like [`read`], where it is known what the text says by itself.
pub fn read_as(row: &mut FeedbackRecord, found: &Telling, taught: &Lessons) {
    let source = match row.kind_source {
        Some(known) => known,
        None if row.is_edited("kind") => KindSource::Corrected,
        None if row.kind.is_some() => KindSource::Filed,
        None => KindSource::Derived,
    };
    row.kind_source = Some(source);
    if row.text == ERASED {
        let nothing = Impression { sentiment: Sentiment::Neutral, source: KindSource::Derived, severity: None };
        row.impression.get_or_insert(nothing);
        return;
    }
    if source == KindSource::Derived {
        row.kind = Some(found.kind(taught));
    }
    row.impression = Some(impression(row, found, taught));
    if !row.is_edited("set_aside") && !row.pinned && row.state != State::Dismissed {
        row.set_aside = found.recognised().set_aside;
        keep_aside(row);
    }
}

/// Recognises a row again if its text or rating changed, and its impression also if the kind or the severity did.
pub fn read_again(before: &FeedbackRecord, row: &mut FeedbackRecord, taught: &Lessons) {
    if before.words() != row.words() || (before.rating, before.nps) != (row.rating, row.nps) {
        read(row, taught);
    } else if (before.kind, before.severity) != (row.kind, row.severity) {
        read_impression(row, taught);
    }
}

/// Derives the sentiment and the severity again, as far as nobody gave them.
pub fn read_impression(row: &mut FeedbackRecord, taught: &Lessons) {
    if row.text != ERASED {
        row.impression = Some(impression(row, &told(row), taught));
    }
}

fn impression(row: &FeedbackRecord, found: &Telling, taught: &Lessons) -> Impression {
    let given = row.impression.filter(|known| known.source != KindSource::Derived);
    let known_kind = row.kind.filter(|_| row.kind_source != Some(KindSource::Derived));
    let is_given = row.severity.is_some() || row.is_edited("severity");
    Impression {
        sentiment: given.map_or_else(|| found.sentiment(known_kind, taught), |known| known.sentiment),
        source: given.map_or(KindSource::Derived, |known| known.source),
        severity: if is_given { None } else { found.severity(row.kind, taught) },
    }
}

/// Sets the state that follows from being set aside: set-aside feedback has no theme; otherwise it waits for one. A
/// dismissal stays.
pub fn keep_aside(row: &mut FeedbackRecord) {
    row.state = match row.set_aside.is_some() {
        true if row.state != State::Dismissed => State::SetAside,
        false if row.state == State::SetAside => State::Pending,
        _ => return,
    };
    (row.theme_id, row.similarity, row.pinned) = (None, None, false);
}

/// Writes the event where a feedback has been set aside, or no longer is; `was` is the earlier reason.
pub fn noted_aside(tx: &mut Tx<'_>, was: Option<SetAside>, from: Option<Id>, row: &FeedbackRecord) {
    let (id, product) = (row.id, Some(row.product_id));
    match (was, row.set_aside) {
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
        let taught = lessons::of_product(tx, row.product_id)?;
        read(&mut row, &taught);
        recognised::set(tx, &row)?;
        let from = before.theme_id.filter(|theme| row.theme_id != Some(*theme));
        noted_aside(tx, before.set_aside, from, &row);
        left.extend(from);
    }
    themes::rows::refresh_counts(tx, &left)?;
    themes::rows::mark_stale(tx, &left)?;
    Ok(rows.len())
}
