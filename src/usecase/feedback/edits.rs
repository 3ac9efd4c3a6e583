//! Changes of single feedback by people: edit, dismiss, restore, move to another theme.

use serde_json::{Value, json};

use super::filing::regroup_where_words_changed;
use super::recognition::{keep_aside, noted_aside, read_again, read_impression};
use super::versions::save;
use super::{lessons, reassigning, transferring};
use crate::domain::base::decode;
use crate::domain::base::{Id, check_version};
use crate::domain::feedback::{
    Feedback, FeedbackEdit, FeedbackRecord, FieldsText, Impression, KindSource, Sentiment, State,
};
use crate::domain::team::FilingRights;
use crate::domain::themes::{Corrected, CorrectionKind};
use crate::engine::kinds::telling::Lessons;
use crate::error::{Code, Error, Result};
use crate::store::feedback::rows as store;
use crate::store::stories::story_items;
use crate::store::themes;
use crate::store::themes::corrections::{self, CorrectionItem, NewCorrection};
use crate::store::themes::rows::NewTheme;
use crate::store::{Conn, Tx};
use crate::usecase::stories::ranking;
use crate::usecase::stories::recurrences::recurred;
use crate::usecase::themes::corrections::{Details, members_changed};
use crate::usecase::themes::wording::UNNAMED;

/// The result of an edit.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The feedback after the edit.
    pub feedback: Feedback,
    /// The correction of a move to another product.
    pub correction_id: Option<Id>,
    /// JSON Pointers of customer fields that were not applied; see [`super::filing::Filed`].
    pub left_out: Vec<&'static str>,
}

/// Changes a feedback with all rights; see [`edit_by`].
///
/// # Errors
/// As for [`edit_by`].
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Feedback> {
    Ok(edit_by(tx, id, if_match, patch, FilingRights::ALL)?.feedback)
}

/// Changes a feedback by a merge patch. Later filings leave the changed fields alone. `rights` limit the changes of a
/// customer named inline.
///
/// # Errors
/// 404, 409 where a dismissed or erased feedback would get another product or customer, 412 where `if_match` is not its
/// current version, 422 with every wrong field.
pub fn edit_by(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value, rights: FilingRights) -> Result<Edited> {
    let before = lock(tx, id, if_match)?;
    let shown = store::get(tx.conn, id)?;
    let current = FeedbackEdit::from(&shown);
    let edit: FeedbackEdit = decode::patched(&current, patch)?;
    let mut wrong = Vec::new();
    let product = transferring::target(tx, &before, &edit).unwrap_or_else(|e| {
        wrong.push(e);
        None
    });
    let said_by = reassigning::speaker(tx, &shown, patch, &edit, rights).unwrap_or_else(|e| {
        wrong.push(e);
        None
    });
    reassigning::all_wrong(wrong)?;
    let customer = said_by.as_ref().map_or(before.customer_id, |speaker| speaker.id);
    let left_out = said_by.map(|speaker| speaker.left_out).unwrap_or_default();
    let mut fields = decode::changed_fields(&current, &edit);
    fields.retain(|field| !["customer", "customer_id", "product"].contains(&field.as_str()));
    fields.extend((customer != before.customer_id).then(|| "customer_id".to_owned()));
    confirm(&shown, patch, &mut fields);
    if fields.is_empty() && product.is_none() {
        return Ok(Edited { feedback: shown, correction_id: None, left_out });
    }
    let taught = lessons::of_product(tx, before.product_id)?;
    let row = FeedbackRecord { customer_id: customer, ..edited_row(&before, edit, &fields, &taught) };
    let row = match product {
        Some(product) => transferring::moved(row, product),
        None => row,
    };
    let correction_id = write_edit(tx, &before, &row, &fields)?;
    Ok(Edited { feedback: store::get(tx.conn, id)?, correction_id, left_out })
}

/// Sending a derived value confirms it, so it counts as set.
fn confirm(shown: &Feedback, patch: &Value, fields: &mut Vec<String>) {
    let sources =
        [("kind", shown.kind_source), ("severity", shown.severity_source), ("sentiment", shown.sentiment_source)];
    for (name, source) in sources {
        let is_sent = patch.get(name).is_some_and(|value| !value.is_null());
        if is_sent && source == Some(KindSource::Derived) && !fields.iter().any(|field| field == name) {
            fields.push(name.to_owned());
        }
    }
}

/// The row with the edited fields.
fn edited_row(before: &FeedbackRecord, edit: FeedbackEdit, fields: &[String], taught: &Lessons) -> FeedbackRecord {
    let is_changed = |name: &str| fields.iter().any(|field| field == name);
    let by_person = is_changed("kind").then_some(KindSource::Corrected);
    let mut row = FeedbackRecord {
        text: edit.text,
        title: edit.title,
        source: edit.source,
        url: edit.url,
        occurred_at: edit.occurred_at,
        rating: edit.rating,
        nps: edit.nps,
        votes: edit.votes,
        // Where it was not edited, the edit shows the derived one.
        severity: if is_changed("severity") { edit.severity } else { before.severity },
        kind: edit.kind,
        kind_source: by_person.or(before.kind_source),
        set_aside: edit.set_aside,
        language: edit.language,
        tags: edit.tags,
        fields: FieldsText::from(&edit.fields),
        edited: with_edited(before, fields),
        ..before.clone()
    };
    if is_changed("sentiment") {
        set_sentiment(&mut row, edit.sentiment);
    }
    regroup_where_words_changed(before, &mut row);
    if ["kind", "severity", "sentiment"].into_iter().any(is_changed) {
        read_impression(&mut row, taught);
    }
    read_again(before, &mut row, taught);
    keep_aside(&mut row);
    row
}

/// The sentiment that a person set; without one it is derived again.
fn set_sentiment(row: &mut FeedbackRecord, sentiment: Option<Sentiment>) {
    let by_person = |sentiment| Impression { sentiment, source: KindSource::Corrected, severity: None };
    row.impression = sentiment.map(by_person);
    if sentiment.is_none() {
        row.edited.retain(|field| field != "sentiment");
    }
}

/// Writes an edit and its consequences; answers the correction if it moved to another product.
fn write_edit(tx: &mut Tx<'_>, before: &FeedbackRecord, row: &FeedbackRecord, fields: &[String]) -> Result<Option<Id>> {
    let (id, theme) = (row.id, before.theme_id);
    let moves = before.product_id != row.product_id;
    noted_aside(tx, before.set_aside, theme, row);
    let left = if moves { Some(transferring::leave(tx, before)?) } else { None };
    save(tx, before, row.clone())?;
    if fields.iter().any(|field| ["kind", "severity", "sentiment"].contains(&field.as_str())) {
        lessons::forget(row.product_id);
    }
    let correction = match left {
        Some(left) => Some(transferring::remember(tx, before, row, left)?),
        None => None,
    };
    members_changed(tx, theme.as_slice())?;
    reassigning::follow(tx, before, row)?;
    attached_changed(tx, id)?;
    let mut fields = fields.to_vec();
    fields.extend(moves.then(|| "product_id".to_owned()));
    let mut data = json!({ "fields": fields });
    if row.kind != before.kind {
        data["kind"] = json!({ "from": before.kind, "to": row.kind });
    }
    if before.customer_id != row.customer_id {
        data["customer_id"] = json!({ "from": before.customer_id, "to": row.customer_id });
    }
    if moves {
        data["product_id"] = json!({ "from": before.product_id, "to": row.product_id });
        data["correction_id"] = json!(correction);
    }
    tx.event("feedback.updated", id, Some(row.product_id), data);
    Ok(correction)
}

/// The names of all fields that people edited, including these.
fn with_edited(row: &FeedbackRecord, fields: &[String]) -> Vec<String> {
    let new = fields.iter().filter(|name| !row.is_edited(name));
    row.edited.iter().chain(new).cloned().collect()
}

/// Removes a feedback from its theme and from all counts, with a reason.
///
/// # Errors
/// 404, 409 where it is already dismissed, 412.
pub fn dismiss(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<Corrected<Feedback>> {
    let before = lock(tx, id, if_match)?;
    if is_dismissed(&before) {
        return Err(Error::new(Code::Conflict, "It is dismissed already."));
    }
    let row = FeedbackRecord { dismissed_reason: Some(reason.to_owned()), ..taken_out(&before, State::Dismissed) };
    let from = before.theme_id;
    let act = NewCorrection { theme: from, ..NewCorrection::new(CorrectionKind::Dismiss, row.product_id) };
    tx.event("feedback.dismissed", id, Some(act.product), json!({ "theme_id": from }));
    act_on(tx, &before, row, act)
}

/// Restores a dismissed feedback: it returns to its theme, or to the one that was merged into; without one it waits for
/// a theme.
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
            let to = themes::rows::resolve(tx.conn, from)?;
            themes::rows::lock(tx, &[to])?;
            // Its theme was merged meanwhile. A merge pins the feedback it moves, and this would have been moved too.
            let moved = to != from;
            FeedbackRecord {
                theme_id: Some(to),
                pinned: was.was_pinned || moved,
                similarity: was.was_similarity.filter(|_| !moved),
                ..taken_out(&before, State::Grouped)
            }
        }
    };
    let to = row.theme_id;
    let act = NewCorrection {
        other_theme: to,
        // Undoing the restore dismisses it again, for the same reason.
        details: json!({ "reason": before.dismissed_reason }),
        ..NewCorrection::new(CorrectionKind::Restore, row.product_id)
    };
    tx.event("feedback.restored", id, Some(act.product), json!({ "theme_id": to }));
    act_on(tx, &before, row, act)
}

/// Moves a feedback to a theme, or to a new theme, and pins it there. It is then no longer set aside.
///
/// # Errors
/// 404, 409 where it is dismissed, 412, 422 where the theme is not of its product.
pub fn move_to(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, theme: Option<Id>) -> Result<Corrected<Feedback>> {
    let before = lock(tx, id, if_match)?;
    if is_dismissed(&before) {
        return Err(Error::new(Code::Conflict, "It is dismissed; restore it first."));
    }
    let from = before.theme_id;
    let to = match theme {
        Some(theme) => target(tx.conn, &before, theme)?,
        None => new_theme(tx, &before)?,
    };
    themes::rows::lock(tx, &[from, Some(to)].into_iter().flatten().collect::<Vec<_>>())?;
    if from == Some(to) && before.pinned {
        return Ok(Corrected { resource: store::get(tx.conn, id)?, correction_id: None });
    }
    let was_aside = before.set_aside.iter().map(|_| "set_aside".to_owned()).collect::<Vec<_>>();
    let row = FeedbackRecord {
        theme_id: Some(to),
        pinned: true,
        set_aside: None,
        edited: with_edited(&before, &was_aside),
        ..taken_out(&before, State::Grouped)
    };
    noted_aside(tx, before.set_aside, from, &row);
    let act = NewCorrection {
        theme: from,
        other_theme: Some(to),
        details: Details { set_aside: before.set_aside.map(|reason| reason.to_string()), ..Details::default() }.value(),
        ..NewCorrection::new(CorrectionKind::Move, row.product_id)
    };
    tx.event("feedback.moved", id, Some(act.product), json!({ "from": from, "to": to }));
    let moved = act_on(tx, &before, row, act)?;
    recurred(tx, &[(id, to)])?;
    Ok(moved)
}

/// The theme with this id, or the one it was merged into.
fn target(conn: &mut Conn, row: &FeedbackRecord, theme: Id) -> Result<Id> {
    let refused = || Error::field("/theme_id", "unknown", "is not the id of a theme of the feedback's product");
    let found = themes::rows::rows(conn, &[theme])?.pop().filter(|found| found.product_id == row.product_id);
    themes::rows::resolve(conn, found.ok_or_else(refused)?.id)
}

fn new_theme(tx: &mut Tx<'_>, row: &FeedbackRecord) -> Result<Id> {
    let new = NewTheme { id: Id::next(), product: row.product_id, label: UNNAMED.to_owned() };
    themes::rows::insert(tx, std::slice::from_ref(&new))?;
    Ok(new.id)
}

fn lock(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<FeedbackRecord> {
    let row = store::lock(tx, id)?;
    check_version(if_match, row.version)?;
    Ok(row)
}

fn is_dismissed(row: &FeedbackRecord) -> bool {
    row.state == State::Dismissed
}

/// The row in another state, without a theme.
fn taken_out(row: &FeedbackRecord, state: State) -> FeedbackRecord {
    FeedbackRecord { state, theme_id: None, similarity: None, pinned: false, dismissed_reason: None, ..row.clone() }
}

/// Recounts the stories that this feedback was attached to or detached from.
fn attached_changed(tx: &mut Tx<'_>, feedback: Id) -> Result<()> {
    let stories = story_items::decided_about(tx.conn, &[], &[feedback])?;
    ranking::recompute(tx, &stories).map(drop)
}

/// Writes a change of one feedback, and records it as a correction.
fn act_on(
    tx: &mut Tx<'_>,
    before: &FeedbackRecord,
    row: FeedbackRecord,
    act: NewCorrection,
) -> Result<Corrected<Feedback>> {
    let themes = [before.theme_id, row.theme_id];
    let item = CorrectionItem {
        feedback: row.id,
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

/// Restores a feedback to its state before a correction; `details` has the reason of a dismissal or of setting it
/// aside.
pub(in crate::usecase) fn put_back(
    tx: &mut Tx<'_>,
    item: &CorrectionItem,
    kind: CorrectionKind,
    details: &Details,
) -> Result<()> {
    let now = store::lock(tx, item.feedback)?;
    let state = match (kind, item.from) {
        (CorrectionKind::Restore, _) => State::Dismissed,
        (_, Some(_)) => State::Grouped,
        (_, None) => State::Pending,
    };
    let mut row = FeedbackRecord {
        theme_id: item.from,
        pinned: item.was_pinned,
        similarity: item.was_similarity,
        dismissed_reason: details.reason.clone(),
        set_aside: details.set_aside.as_deref().and_then(|reason| reason.parse().ok()).or(now.set_aside),
        ..taken_out(&now, state)
    };
    keep_aside(&mut row);
    noted_aside(tx, now.set_aside, now.theme_id, &row);
    save(tx, &now, row)?;
    attached_changed(tx, item.feedback)
}
