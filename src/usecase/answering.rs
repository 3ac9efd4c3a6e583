//! Answering: the customer says whether it is solved. "Not solved" is new feedback on the story, and enough of it
//! takes the story back into development.

use serde_json::{Map, json};

use super::closing::{settle, step};
use super::correcting::members_changed;
use super::intake;
use super::moving;
use super::telling::{held, told};
use crate::domain::{Closure, ClosureAct, ClosureAnswer, ClosureState, Fields, Id, NewFeedback, Source, State, Story};
use crate::error::{Error, Result};
use crate::store::closures::{self, ClosureRow};
use crate::store::feedback::{self, FeedbackRow};
use crate::store::types::{DbId, DbTime};
use crate::store::{Tx, products, story_evidence};

/// Where feedback comes from that answers us.
pub const ORIGIN: &str = "hearback";

/// Records what the customer answered. Who was not told yet hears it with the question: an agent asks and is answered
/// in one talk.
///
/// # Errors
/// 404, 409 where it is answered or ended already, 412, 422 where it is not solved and nothing says why.
pub fn answer(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &ClosureAnswer) -> Result<Closure> {
    let because = input.because.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if !input.solved && because.is_none() {
        return Err(Error::field("/because", "required", "is required where it is not solved"));
    }
    let (story, mut row) = held(tx, id, if_match)?;
    if row.state()?.after(ClosureAct::Tell).is_some() {
        row = told(tx, &story, row)?;
    }
    let now = DbTime(tx.now);
    match because.filter(|_| !input.solved) {
        None => {
            step(tx, row, ClosureAct::Confirm, |row| row.answered_at = Some(now))?;
            settle(tx, story.id)?;
        }
        Some(because) => {
            let feedback = file(tx, &story, &row, because)?;
            step(tx, row, ClosureAct::Reopen, |row| {
                row.answered_at = Some(now);
                row.feedback_id = Some(DbId(feedback));
            })?;
            reopen_where_enough(tx, &story)?;
        }
    }
    closures::get(tx.conn, id)
}

/// Files what the customer said as feedback of theirs, pinned to the theme their earlier words are in.
fn file(tx: &mut Tx<'_>, story: &Story, row: &ClosureRow, because: &str) -> Result<Id> {
    let fields = Map::from_iter([("story".to_owned(), json!(story.number)), ("round".to_owned(), json!(row.round))]);
    let said = story_evidence::said(tx.conn, story.id, row.customer_id.into())?;
    let input = NewFeedback {
        votes: None,
        product: Some(story.product_id.to_string()),
        text: because.to_owned(),
        title: None,
        source: Some(Source::Survey),
        origin: Some(ORIGIN.to_owned()),
        external_id: Some(Id::from(row.id).to_string()),
        url: None,
        occurred_at: Some(tx.now),
        customer: None,
        rating: None,
        nps: None,
        severity: None,
        kind: None,
        language: None,
        tags: None,
        fields: Some(Fields(fields)),
    };
    let filed = intake::file(tx, std::slice::from_ref(&input))?.pop();
    let id = filed.ok_or_else(|| Error::internal("nothing was filed"))??.feedback.id;

    let earlier = said.iter().filter_map(|item| item.theme_id.map(Id::from)).find(|id| story.theme_ids.contains(id));
    let theme = earlier.or_else(|| story.theme_ids.first().copied());
    let before = feedback::row(tx.conn, id)?;
    let mut placed = FeedbackRow { customer_id: Some(row.customer_id), ..before.clone() };
    if let Some(theme) = theme {
        placed.theme_id = Some(DbId(theme));
        placed.state = State::Grouped.as_str().to_owned();
        placed.pinned = true;
        placed.set_aside = None;
    }
    feedback::update(tx, &before, &placed)?;
    if let Some(theme) = theme {
        members_changed(tx, &[theme])?;
        tx.event("feedback.grouped", id, Some(story.product_id), json!({ "theme": theme }));
    }
    Ok(id)
}

/// Takes the story back into development once as many of its round as the product says are not content.
fn reopen_where_enough(tx: &mut Tx<'_>, story: &Story) -> Result<()> {
    let round = closures::of_story(tx.conn, story.id)?.into_iter().filter(|row| row.round == story.round);
    let unhappy = round.filter(|row| row.state == ClosureState::Reopened.as_str()).count();
    let enough = products::get(tx.conn, story.product_id)?.settings.reopen_threshold.unsigned_abs() as usize;
    if story.stage.is_shipped() && unhappy >= enough {
        moving::reopen(tx, story.id, "not_solved")?;
    }
    Ok(())
}
