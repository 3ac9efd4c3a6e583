//! What people do to one feedback: change it, dismiss and restore it, move it to another theme.

use serde_json::{Value, json};

use super::correcting::{Details, members_changed};
use super::drafting;
use super::grouping::UNNAMED;
use super::intake::regroup_where_words_changed;
use super::recognising::{keep_aside, noted_aside, read_again};
use super::recurring::recurred;
use crate::domain::{Corrected, CorrectionKind, Feedback, FeedbackEdit, Id, KindSource, State, check_version, decode};
use crate::error::{Code, Error, Result};
use crate::store::corrections::{self, Item, NewCorrection};
use crate::store::feedback::{self as store, FeedbackRow};
use crate::store::themes::{self, NewTheme};
use crate::store::types::{DbId, DbTime, json as text_of};
use crate::store::{Conn, Tx, story_items};

/// Changes a feedback by a merge patch. From then on intake leaves the changed fields alone.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Feedback> {
    let before = lock(tx, id, if_match)?;
    let shown = store::get(tx.conn, id)?;
    let current = FeedbackEdit::from(&shown);
    let edit: FeedbackEdit = decode::patched(&current, patch)?;
    let mut fields = decode::changed_fields(&current, &edit);
    // To confirm a derived kind is to set it.
    let confirmed = patch.get("kind").is_some() && shown.kind_source == Some(KindSource::Derived);
    if confirmed && !fields.iter().any(|field| field == "kind") {
        fields.push("kind".to_owned());
    }
    if fields.is_empty() {
        return Ok(shown);
    }
    let is_changed = |name: &str| fields.iter().any(|field| field == name);
    let by_person = is_changed("kind").then(|| KindSource::Corrected.as_str().to_owned());
    let mut row = FeedbackRow {
        text: edit.text,
        title: edit.title,
        source: edit.source.as_str().to_owned(),
        url: edit.url,
        occurred_at: edit.occurred_at.into(),
        rating: edit.rating,
        nps: edit.nps,
        severity: edit.severity.map(|s| s.as_str().to_owned()),
        kind: edit.kind.map(|k| k.as_str().to_owned()),
        kind_source: by_person.or_else(|| before.kind_source.clone()),
        set_aside: edit.set_aside.map(|reason| reason.as_str().to_owned()),
        language: edit.language,
        tags: text_of(&edit.tags),
        fields: text_of(&edit.fields),
        edited: with_edited(&before, &fields),
        ..before.clone()
    };
    regroup_where_words_changed(&before, &mut row);
    read_again(&before, &mut row);
    keep_aside(&mut row);
    noted_aside(tx, before.set_aside.as_deref(), before.theme_id.map(Id::from), &row);
    let mut data = json!({ "fields": fields });
    if row.kind != before.kind {
        data["kind"] = json!({ "from": before.kind, "to": row.kind });
    }
    save(tx, &before, row)?;
    members_changed(tx, before.theme_id.map(Id::from).as_slice())?;
    attached_changed(tx, id)?;
    tx.event("feedback.updated", id, Some(before.product_id.into()), data);
    store::get(tx.conn, id)
}

/// The names of the fields that people edited, with these.
fn with_edited(row: &FeedbackRow, fields: &[String]) -> String {
    let mut edited: Vec<String> = serde_json::from_str(&row.edited).unwrap_or_default();
    edited.extend(fields.iter().filter(|name| !row.edited.contains(&format!("\"{name}\""))).cloned());
    text_of(&edited)
}

/// Takes a feedback out of its theme and out of every count, for a reason.
///
/// # Errors
/// 404, 409 where it is dismissed already, 412.
pub fn dismiss(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<Corrected<Feedback>> {
    let before = lock(tx, id, if_match)?;
    if is_dismissed(&before) {
        return Err(Error::new(Code::Conflict, "It is dismissed already."));
    }
    let row = FeedbackRow { dismissed_reason: Some(reason.to_owned()), ..taken_out(&before, State::Dismissed) };
    let from = before.theme_id.map(Id::from);
    let act = NewCorrection { theme: from, ..NewCorrection::new(CorrectionKind::Dismiss, row.product_id.into()) };
    tx.event("feedback.dismissed", id, Some(act.product), json!({ "theme_id": from }));
    act_on(tx, &before, row, act)
}

/// Takes a dismissal back: the feedback returns to the theme it was in, or to what that was merged into; what had no
/// theme waits for one.
///
/// # Errors
/// 404, 409 where it is not dismissed, 412.
pub fn restore(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Corrected<Feedback>> {
    let before = lock(tx, id, if_match)?;
    if !is_dismissed(&before) {
        return Err(Error::new(Code::Conflict, "It is not dismissed."));
    }
    let was = corrections::last_dismissal(tx.conn, id)?;
    let row = match was.and_then(|was| was.from.map(|from| (was, from))) {
        _ if before.set_aside.is_some() => taken_out(&before, State::SetAside),
        None => taken_out(&before, State::Pending),
        Some((was, from)) => {
            let to = themes::resolve(tx.conn, from)?;
            themes::lock(tx, &[to])?;
            // Merging a theme pins what it moves; this would have been among it.
            let moved = to != from;
            FeedbackRow {
                theme_id: Some(to.into()),
                pinned: was.was_pinned || moved,
                similarity: was.was_similarity.filter(|_| !moved),
                ..taken_out(&before, State::Grouped)
            }
        }
    };
    let to = row.theme_id.map(Id::from);
    let act = NewCorrection {
        other_theme: to,
        // Undoing dismisses it again, for the same reason.
        details: json!({ "reason": before.dismissed_reason }),
        ..NewCorrection::new(CorrectionKind::Restore, row.product_id.into())
    };
    tx.event("feedback.restored", id, Some(act.product), json!({ "theme_id": to }));
    act_on(tx, &before, row, act)
}

/// Puts a feedback into a theme, or into a new one made of it, and pins it there; what was set aside no longer is.
///
/// # Errors
/// 404, 409 where it is dismissed, 412, 422 where the theme is not one of its product.
pub fn move_to(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, theme: Option<Id>) -> Result<Corrected<Feedback>> {
    let before = lock(tx, id, if_match)?;
    if is_dismissed(&before) {
        return Err(Error::new(Code::Conflict, "It is dismissed; restore it first."));
    }
    let from = before.theme_id.map(Id::from);
    let to = match theme {
        Some(theme) => target(tx.conn, &before, theme)?,
        None => new_theme(tx, &before)?,
    };
    themes::lock(tx, &[from, Some(to)].into_iter().flatten().collect::<Vec<_>>())?;
    if from == Some(to) && before.pinned {
        return Ok(Corrected { resource: store::get(tx.conn, id)?, correction_id: None });
    }
    let was_aside = before.set_aside.iter().map(|_| "set_aside".to_owned()).collect::<Vec<_>>();
    let row = FeedbackRow {
        theme_id: Some(to.into()),
        pinned: true,
        set_aside: None,
        edited: with_edited(&before, &was_aside),
        ..taken_out(&before, State::Grouped)
    };
    noted_aside(tx, before.set_aside.as_deref(), from, &row);
    let act = NewCorrection {
        theme: from,
        other_theme: Some(to),
        details: Details { set_aside: before.set_aside.clone(), ..Details::default() }.value(),
        ..NewCorrection::new(CorrectionKind::Move, row.product_id.into())
    };
    tx.event("feedback.moved", id, Some(act.product), json!({ "from": from, "to": to }));
    let moved = act_on(tx, &before, row, act)?;
    recurred(tx, &[(id, to)])?;
    Ok(moved)
}

/// The theme meant: itself, or what it was merged into.
fn target(conn: &mut Conn, row: &FeedbackRow, theme: Id) -> Result<Id> {
    let refused = || Error::field("/theme_id", "unknown", "is not the id of a theme of the feedback's product");
    let found = themes::rows(conn, &[theme])?.pop().filter(|found| found.product_id == row.product_id);
    themes::resolve(conn, found.ok_or_else(refused)?.id.into())
}

fn new_theme(tx: &mut Tx<'_>, row: &FeedbackRow) -> Result<Id> {
    let new = NewTheme { id: Id::next(), product: row.product_id.into(), label: UNNAMED.to_owned() };
    themes::insert(tx, std::slice::from_ref(&new))?;
    Ok(new.id)
}

fn lock(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<FeedbackRow> {
    let row = store::lock(tx, id)?;
    check_version(if_match, row.version)?;
    Ok(row)
}

fn is_dismissed(row: &FeedbackRow) -> bool {
    row.state == State::Dismissed.as_str()
}

/// The row in another state, without a theme.
fn taken_out(row: &FeedbackRow, state: State) -> FeedbackRow {
    FeedbackRow {
        state: state.as_str().to_owned(),
        theme_id: None,
        similarity: None,
        pinned: false,
        dismissed_reason: None,
        ..row.clone()
    }
}

/// Writes what a person changed: a new version.
fn save(tx: &mut Tx<'_>, before: &FeedbackRow, row: FeedbackRow) -> Result<()> {
    store::update(tx, before, &FeedbackRow { version: before.version + 1, updated_at: DbTime(tx.now), ..row })
}

/// Counts the stories anew to which people attached this feedback, or from which they took it off.
fn attached_changed(tx: &mut Tx<'_>, feedback: Id) -> Result<()> {
    let stories = story_items::decided_about(tx.conn, &[], &[feedback])?;
    drafting::recompute(tx, &stories).map(drop)
}

/// Writes and remembers an act on one feedback.
fn act_on(tx: &mut Tx<'_>, before: &FeedbackRow, row: FeedbackRow, act: NewCorrection) -> Result<Corrected<Feedback>> {
    let themes = [before.theme_id, row.theme_id].map(|id| id.map(Id::from));
    let item = Item {
        feedback: row.id.into(),
        from: themes[0],
        to: themes[1],
        was_pinned: before.pinned,
        was_similarity: before.similarity,
    };
    save(tx, before, row)?;
    let correction = corrections::record(tx, act, &[item])?;
    members_changed(tx, &themes.into_iter().flatten().collect::<Vec<_>>())?;
    attached_changed(tx, item.feedback)?;
    Ok(Corrected { resource: store::get(tx.conn, item.feedback)?, correction_id: Some(correction) })
}

/// Puts a feedback back as it was before an act on it: dismissed or set aside for the reasons in `details`, where it was.
///
/// # Errors
/// Those of the database.
pub(super) fn put_back(tx: &mut Tx<'_>, item: &Item, kind: CorrectionKind, details: &Details) -> Result<()> {
    let now = store::lock(tx, item.feedback)?;
    let state = match (kind, item.from) {
        (CorrectionKind::Restore, _) => State::Dismissed,
        (_, Some(_)) => State::Grouped,
        (_, None) => State::Pending,
    };
    let mut row = FeedbackRow {
        theme_id: item.from.map(DbId),
        pinned: item.was_pinned,
        similarity: item.was_similarity,
        dismissed_reason: details.reason.clone(),
        set_aside: details.set_aside.clone().or_else(|| now.set_aside.clone()),
        ..taken_out(&now, state)
    };
    keep_aside(&mut row);
    noted_aside(tx, now.set_aside.as_deref(), now.theme_id.map(Id::from), &row);
    save(tx, &now, row)?;
    attached_changed(tx, item.feedback)
}
