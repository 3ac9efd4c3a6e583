//! Transfer of feedback to another product: it leaves all data of the first product and is grouped in the other. It is
//! recorded as a correction, so it can be undone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::recognition::{keep_aside, noted_aside};
use super::versions;
use crate::domain::base::Id;
use crate::domain::feedback::{ERASED, FeedbackEdit, FeedbackRecord, State};
use crate::domain::stories::stage::Stage;
use crate::domain::themes::{Correction, CorrectionKind};
use crate::error::{Code, Error, Result};
use crate::store::closure::closures;
use crate::store::feedback;
use crate::store::stories::{late_evidence, story_items};
use crate::store::team::products;
use crate::store::themes::corrections::{self, CorrectionItem, NewCorrection};
use crate::store::themes::{strays, vectors};
use crate::store::{Tx, stories, themes};
use crate::usecase::closure::settling::settle;
use crate::usecase::stories::late_attachments;
use crate::usecase::stories::ranking;
use crate::usecase::themes::corrections::members_changed;

/// The reason of a closure whose feedback is about another product.
const OTHER_PRODUCT: &str = "Their feedback turned out to be about another product.";

/// The data needed to undo a transfer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::usecase) struct TransferUndo {
    /// The new product.
    pub to: Option<Id>,
    /// The stories it was attached to.
    pub attached: Vec<Id>,
    /// The stories it was detached from.
    pub taken_off: Vec<Id>,
    /// The stories whose rounds had it as evidence.
    pub told_of: Vec<Id>,
    /// The rounds (story, round) that it was a recurrence of.
    pub recurred: Vec<(Id, i32)>,
    /// All stories that had it as evidence.
    pub behind: Vec<Id>,
}

/// The product that a patch moves a feedback to; `None` where it does not change.
///
/// # Errors
/// 409 where the feedback is dismissed or erased, 422 where there is no such product.
pub(in crate::usecase) fn target(tx: &mut Tx<'_>, before: &FeedbackRecord, edit: &FeedbackEdit) -> Result<Option<Id>> {
    let named = products::known(tx.conn, &edit.product)?;
    let product = named.id;
    if before.product_id == product {
        return Ok(None);
    }
    named.check_current()?;
    if before.text == ERASED {
        return Err(Error::new(Code::Conflict, "It was erased: it has no text left to be grouped in another product."));
    }
    if before.state == State::Dismissed {
        return Err(Error::new(Code::Conflict, "It is dismissed; restore it first."));
    }
    Ok(Some(product))
}

/// The row in another product: it waits for a theme there, unless it is set aside.
pub(in crate::usecase) fn moved(row: FeedbackRecord, product: Id) -> FeedbackRecord {
    let state = if row.set_aside.is_some() { State::SetAside } else { State::Pending };
    FeedbackRecord { product_id: product, state, theme_id: None, similarity: None, pinned: false, ..row }
}

/// Removes a feedback from its product's data: attachments and rounds of stories, recurrences, and the engine's data;
/// its theme is changed by the caller. Closures for which it was the only reason are withdrawn.
pub(in crate::usecase) fn leave(tx: &mut Tx<'_>, row: &FeedbackRecord) -> Result<TransferUndo> {
    let (id, product) = (row.id, row.product_id);
    let mut left = TransferUndo::default();
    let behind = story_items::stories_of(tx.conn, &[id])?;
    left.behind = behind.into_iter().map(|(story, _)| story).collect();
    for (story, taken_off) in story_items::decisions_about(tx.conn, id)? {
        if taken_off {
            left.taken_off.push(story);
        } else {
            left.attached.push(story);
            let data = json!({ "feedback_ids": [id], "reason": "other_product" });
            tx.event("story.feedback_detached", story, Some(product), data);
        }
    }
    story_items::undecide_all(tx, id)?;
    left.recurred = late_evidence::forget_recurrences(tx, id)?;
    left.told_of = leave_rounds(tx, row)?;
    vectors::remove(tx, &[id])?;
    strays::remove(tx, &[id])?;
    Ok(left)
}

/// Removes it from the rounds that have it as evidence, unless its customer was already told; answers the stories.
fn leave_rounds(tx: &mut Tx<'_>, row: &FeedbackRecord) -> Result<Vec<Id>> {
    let id = row.id;
    let rounds = late_evidence::rounds_of(tx.conn, id)?;
    let ids: BTreeSet<Id> = rounds.iter().map(|(story, _)| *story).collect();
    let mut told_of = Vec::new();
    for story in stories::rows::lock(tx, &ids.into_iter().collect::<Vec<_>>())? {
        if story.product_id != row.product_id {
            continue;
        }
        let own = closures::of_story(tx.conn, story.id)?;
        let own: Vec<_> = own.into_iter().filter(|case| Some(case.customer_id) == row.customer_id).collect();
        for (_, round) in rounds.iter().filter(|(of, _)| *of == story.id) {
            let case = own.iter().find(|case| case.round == *round).cloned();
            if case.as_ref().is_none_or(|case| case.told_at.is_none()) {
                late_evidence::remove(tx, (story.id, *round), &[id])?;
            }
            if let Some(case) = case {
                late_attachments::withdraw(tx, case, Some(id), OTHER_PRODUCT)?;
            }
        }
        settle(tx, story.id)?;
        told_of.push(story.id);
    }
    Ok(told_of)
}

/// Records the transfer as a correction, after the row is written; answers its id.
pub(in crate::usecase) fn remember(
    tx: &mut Tx<'_>,
    before: &FeedbackRecord,
    row: &FeedbackRecord,
    left: TransferUndo,
) -> Result<Id> {
    let (id, from, to) = (row.id, before.product_id, row.product_id);
    let theme = before.theme_id;
    let item = CorrectionItem {
        feedback: id,
        from: theme,
        to: None,
        was_pinned: before.pinned,
        was_similarity: before.similarity,
    };
    ranking::recompute(tx, &left.behind)?;
    // For subscribers of the old product.
    tx.event("feedback.transferred", id, Some(from), json!({ "from": from, "to": to, "theme_id": theme }));
    let details = serde_json::to_value(TransferUndo { to: Some(to), ..left }).map_err(Error::internal)?;
    let act = NewCorrection { theme, details, ..NewCorrection::new(CorrectionKind::ChangeProduct, from) };
    corrections::record(tx, act, &[item])
}

/// Undoes the transfer: the feedback returns to its product, theme, attachments and rounds.
pub(in crate::usecase) fn put_back(tx: &mut Tx<'_>, act: &Correction, details: Value) -> Result<()> {
    let was: TransferUndo = serde_json::from_value(details).map_err(Error::internal)?;
    for item in corrections::items(tx.conn, act.id, 1)? {
        let now = feedback::rows::lock(tx, item.feedback)?;
        let left = leave(tx, &now)?;
        let row = back_in(tx, act.product_id, &item, &now)?;
        noted_aside(tx, now.set_aside, now.theme_id, &row);
        let themes = [now.theme_id, row.theme_id];
        versions::save(tx, &now, row)?;
        members_changed(tx, &themes.into_iter().flatten().collect::<Vec<_>>())?;
        let data = json!({ "from": now.product_id, "to": act.product_id, "theme_id": themes[0] });
        tx.event("feedback.transferred", item.feedback, Some(now.product_id), data);
        rejoin(tx, act.product_id, item.feedback, &was)?;
        let touched: BTreeSet<Id> = left.behind.into_iter().chain(was.behind.iter().copied()).collect();
        ranking::recompute(tx, &touched.into_iter().collect::<Vec<_>>())?;
    }
    Ok(())
}

fn back_in(tx: &mut Tx<'_>, product: Id, item: &CorrectionItem, now: &FeedbackRecord) -> Result<FeedbackRecord> {
    let theme = match item.from {
        Some(theme) => Some(themes::rows::resolve(tx.conn, theme)?),
        None => None,
    };
    let state = if theme.is_some() { State::Grouped } else { State::Pending };
    let mut row = FeedbackRecord {
        product_id: product,
        state,
        theme_id: theme,
        pinned: item.was_pinned && theme.is_some(),
        similarity: item.was_similarity,
        updated_at: tx.now,
        ..now.clone()
    };
    keep_aside(&mut row);
    Ok(row)
}

/// Makes it evidence of its earlier stories again. Stories that became duplicates since are skipped, because the
/// original has its evidence.
fn rejoin(tx: &mut Tx<'_>, product: Id, id: Id, was: &TransferUndo) -> Result<()> {
    let is_open =
        |tx: &mut Tx<'_>, story: Id| Ok::<_, Error>(stories::rows::get(tx.conn, story)?.stage != Stage::Duplicate);
    for story in &was.attached {
        if is_open(tx, *story)? {
            story_items::decide(tx, *story, &[id], false)?;
            tx.event("story.feedback_attached", *story, Some(product), json!({ "feedback_ids": [id] }));
        }
    }
    for story in &was.taken_off {
        story_items::decide(tx, *story, &[id], true)?;
    }
    for recurrence in &was.recurred {
        late_evidence::recur_again(tx, id, *recurrence)?;
    }
    for story in &was.told_of {
        if is_open(tx, *story)? {
            late_attachments::join(tx, *story, &[id])?;
        }
    }
    Ok(())
}
