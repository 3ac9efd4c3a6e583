//! Answers of customers: whether their problem is solved. "Not solved" is filed as new feedback on the story, and
//! enough such answers take the story back into development.

use serde_json::{Map, Value, json};

use super::messages::{held, told};
use super::rounds::step;
use super::settling::settle;
use crate::domain::base::{Id, Time};
use crate::domain::closure::{
    Closure, ClosureAct, ClosureAnswer, ClosureKind, ClosureRecord, ClosureState, UndoAnswer,
};
use crate::domain::feedback::{FeedbackRecord, Fields, NewFeedback, Source, State};
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::closure::closures;
use crate::store::feedback;
use crate::store::stories::frozen_evidence;
use crate::store::team::products;
use crate::usecase::feedback::edits;
use crate::usecase::feedback::filing;
use crate::usecase::stories::stages;
use crate::usecase::themes::corrections::members_changed;

/// The origin of feedback that is filed from answers.
pub const ORIGIN: &str = "hearback";

/// The stage reason of a story that answers reopened.
const NOT_SOLVED: &str = "not_solved";
/// The stage reason of a story after the answer that closed or reopened it was undone.
const UNDONE: &str = "answer_undone";

/// Records a customer's answer. A customer who was not told yet counts as told, because an agent tells and asks in one
/// conversation.
///
/// # Errors
/// 404, 409 where it is already answered or ended, 412, 422 where it is not solved and no reason is given.
pub fn answer(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &ClosureAnswer) -> Result<Closure> {
    let because = input.because.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if !input.solved && because.is_none() {
        return Err(Error::field("/because", "required", "is required where it is not solved"));
    }
    let (story, mut row) = held(tx, id, if_match)?;
    if row.state.after(ClosureAct::Tell).is_some() {
        row = told(tx, &story, row)?;
    }
    let (now, row_kind) = (tx.now, row.kind);
    match because.filter(|_| !input.solved) {
        None => {
            step(tx, row, ClosureAct::Confirm, |row| row.answered_at = Some(now))?;
            settle(tx, story.id)?;
        }
        Some(because) => {
            let feedback = file(tx, &story, &row, because)?;
            step(tx, row, ClosureAct::Reopen, |row| {
                row.answered_at = Some(now);
                row.feedback_id = Some(feedback);
            })?;
            if row_kind == ClosureKind::Release {
                reopen_where_enough(tx, &story)?;
            }
        }
    }
    closures::get(tx.conn, id)
}

/// Files the answer as the customer's feedback, pinned to the theme of their earlier feedback.
fn file(tx: &mut Tx<'_>, story: &Story, row: &ClosureRecord, because: &str) -> Result<Id> {
    let fields = Map::from_iter([("story".to_owned(), json!(story.number)), ("round".to_owned(), json!(row.round))]);
    let said = frozen_evidence::said(tx.conn, story.id, row.customer_id)?;
    // The version is part of the id, because an answer after an undone one is new feedback.
    let input = said_in_answer(story.product_id, because, format!("{}.{}", row.id, row.version), fields, tx.now);
    let filed = filing::file(tx, std::slice::from_ref(&input))?.pop();
    let id = filed.ok_or_else(|| Error::internal("nothing was filed"))??.feedback.id;

    let earlier = said.iter().filter_map(|item| item.theme_id).find(|id| story.theme_ids.contains(id));
    let theme = earlier.or_else(|| story.theme_ids.first().copied());
    let before = feedback::rows::row(tx.conn, id)?;
    let mut placed = FeedbackRecord { customer_id: Some(row.customer_id), ..before.clone() };
    if let Some(theme) = theme {
        placed.theme_id = Some(theme);
        placed.state = State::Grouped;
        placed.pinned = true;
        placed.set_aside = None;
    }
    feedback::rows::update(tx, &before, placed)?;
    if let Some(theme) = theme {
        members_changed(tx, &[theme])?;
        tx.event("feedback.grouped", id, Some(story.product_id), json!({ "theme": theme }));
    }
    Ok(id)
}

/// What a customer says in an answer, as feedback to file.
pub(in crate::usecase) fn said_in_answer(
    product: Id,
    because: &str,
    external_id: String,
    fields: Map<String, Value>,
    now: Time,
) -> NewFeedback {
    NewFeedback {
        votes: None,
        product: Some(product.to_string()),
        text: because.to_owned(),
        title: None,
        source: Some(Source::Survey),
        origin: Some(ORIGIN.to_owned()),
        external_id: Some(external_id),
        url: None,
        occurred_at: Some(now),
        customer: None,
        rating: None,
        nps: None,
        severity: None,
        sentiment: None,
        kind: None,
        language: None,
        tags: None,
        fields: Some(Fields(fields)),
    }
}

/// Takes the story back into development once the number of dissatisfied customers reaches the product's threshold.
fn reopen_where_enough(tx: &mut Tx<'_>, story: &Story) -> Result<()> {
    if story.stage.is_shipped() && is_enough(tx, story)? {
        stages::reopen(tx, story.id, NOT_SOLVED)?;
    }
    Ok(())
}

/// Whether enough customers of the story's round are dissatisfied to reopen it.
fn is_enough(tx: &mut Tx<'_>, story: &Story) -> Result<bool> {
    let round = closures::of_story(tx.conn, story.id)?.into_iter().filter(|row| row.round == story.round);
    let unhappy = round.filter(|row| row.state == ClosureState::Reopened).count();
    let enough = products::get(tx.conn, story.product_id)?.settings.reopen_threshold.unsigned_abs() as usize;
    Ok(unhappy >= enough)
}

/// Undoes an answer that was recorded by mistake: the closure is `told` again and can be answered. Feedback filed from
/// the answer is dismissed. A story closed by the answer is `closing` again. So is a story reopened by it, unless other
/// answers keep it open or someone has moved it since.
///
/// # Errors
/// 404, 409 where there is no answer or a later round has been opened, 412.
pub fn undo(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &UndoAnswer) -> Result<Closure> {
    let (story, row) = held(tx, id, if_match)?;
    if row.round != story.round {
        return Err(Error::new(Code::Conflict, "A later round was opened: record the answer there."));
    }
    let filed = row.feedback_id;
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    step(tx, row, ClosureAct::UndoAnswer, |row| {
        row.answered_at = None;
        row.feedback_id = None;
        row.reason = reason;
    })?;
    if let Some(filed) = filed {
        dismiss(tx, filed)?;
    }
    let reopened_by_it = story.stage == Stage::Building && story.stage_reason.as_deref() == Some(NOT_SOLVED);
    if story.stage == Stage::Closed || (reopened_by_it && !is_enough(tx, &story)?) {
        stages::move_to(tx, story, Stage::Closing, Some(UNDONE.to_owned()), None)?;
    }
    closures::get(tx.conn, id)
}

/// Dismisses the feedback filed from an answer, unless it is dismissed already or its customer is erased.
fn dismiss(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let before = feedback::rows::row(tx.conn, id)?;
    if before.state == State::Dismissed {
        return Ok(());
    }
    edits::dismiss(tx, id, None, "The answer that filed it was undone.").map(drop)
}
