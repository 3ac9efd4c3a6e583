//! Quotes of customers in the acceptance criteria of a story, chosen by people.

use serde_json::json;

use super::planning;
use super::stages::lock;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::feedback::State;
use crate::domain::stories::{Criterion, CriterionQuote, NewCriterionQuote, Story};
use crate::error::{Error, FieldError, Result};
use crate::store::{Tx, feedback};

/// The most quotes of a criterion, and the most feedback that it cites.
const QUOTES: usize = 20;
const CITED: usize = 100;

/// Adds words of a feedback to a criterion of a story, or to a new one. Words that stand there already are not added
/// again.
///
/// # Errors
/// 404, 412, 422 where the feedback does not contain the words, or where the criterion is unknown or full.
pub fn add(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &NewCriterionQuote) -> Result<Story> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    let quote = CriterionQuote { feedback_id: input.feedback_id, text: input.text.trim().to_owned() };
    let mut wrong = Vec::new();
    wrong.extend(wrong_words(tx, &story, &quote)?);
    let at = place(&story, input);
    let at = at.map_err(|field| wrong.push(field));
    let (Ok(at), true) = (at, wrong.is_empty()) else { return Err(Error::invalid(wrong)) };
    let mut criteria = story.acceptance_criteria.clone();
    if at == criteria.len() {
        let text = input.new_criterion.as_deref().unwrap_or_default().trim().to_owned();
        criteria.push(Criterion { text, ..Criterion::default() });
    }
    let criterion = &mut criteria[at];
    if criterion.quotes.contains(&quote) {
        return Ok(story);
    }
    if !criterion.feedback_ids.contains(&quote.feedback_id) {
        criterion.feedback_ids.push(quote.feedback_id);
    }
    criterion.quotes.push(quote);
    if criterion.quotes.len() > QUOTES || criterion.feedback_ids.len() > CITED {
        return Err(Error::field("/criterion", "full", "has as many quotes as a criterion can have; take another one"));
    }
    planning::edit(tx, id, None, &json!({ "acceptance_criteria": criteria }))
}

/// What is wrong with a quote: the feedback is unknown, or does not contain the words.
fn wrong_words(tx: &mut Tx<'_>, story: &Story, quote: &CriterionQuote) -> Result<Option<FieldError>> {
    let said = feedback::rows::rows(tx.conn, &[quote.feedback_id])?.pop();
    let said = said.filter(|said| said.product_id == story.product_id && said.state != State::Dismissed);
    let Some(said) = said else { return Ok(Some(Reference::Feedback.unknown("/feedback_id"))) };
    let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let detail = "must be words of the feedback, as the customer wrote them";
    Ok((!bare(&said.text).contains(&bare(&quote.text))).then(|| FieldError::new("/text", "not_said", detail)))
}

/// The index of the criterion; that of the one after the last for a new one.
fn place(story: &Story, input: &NewCriterionQuote) -> std::result::Result<usize, FieldError> {
    let count = story.acceptance_criteria.len();
    match (input.criterion, &input.new_criterion) {
        (Some(number), None) => {
            let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).filter(|at| *at < count);
            let detail = format!("must be the number of a criterion; the story has {count}");
            at.ok_or_else(|| FieldError::new("/criterion", "unknown", detail))
        }
        (None, Some(_)) => Ok(count),
        (None, None) => Err(FieldError::new("/criterion", "required", "is required where no new_criterion is given")),
        (Some(_), Some(_)) => Err(FieldError::new("/new_criterion", "not_allowed", "can't stand beside criterion")),
    }
}
