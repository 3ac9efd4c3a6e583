//! Correcting the customer of a feedback, with the consequences for closures of the wrong and the right customer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::filing::customer_resolver::Resolver;
use crate::domain::base::Id;
use crate::domain::base::text::fold;
use crate::domain::closure::{ClosureRecord, ClosureState};
use crate::domain::feedback::{ERASED, Feedback, FeedbackEdit, FeedbackRecord, NewCustomer};
use crate::domain::team::FilingRights;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::stories::{late_evidence, story_items};
use crate::store::{Tx, stories};
use crate::usecase::closure::rounds;
use crate::usecase::closure::settling::settle;
use crate::usecase::stories::{late_attachments, ranking};

/// The reason of a closure whose customer turned out not to have said the feedback.
const NOT_THEIRS: &str = "What was said for the story turned out not to be theirs.";

/// The corrected customer of a feedback.
pub(in crate::usecase) struct CorrectedCustomer {
    pub id: Option<Id>,
    /// JSON Pointers of fields that were not applied.
    pub left_out: Vec<&'static str>,
}

/// The customer that a patch sets; `None` where it sets none. Creates a new customer if needed.
///
/// # Errors
/// 409 for erased feedback; 422 where there is no such customer, the patch names one in two ways, or nothing identifies
/// them.
pub(in crate::usecase) fn speaker(
    tx: &mut Tx<'_>,
    shown: &Feedback,
    patch: &Value,
    edit: &FeedbackEdit,
    rights: FilingRights,
) -> Result<Option<CorrectedCustomer>> {
    let says = |name: &str| patch.get(name).is_some();
    if !says("customer_id") && !says("customer") {
        return Ok(None);
    }
    if shown.text == ERASED {
        return Err(Error::new(Code::Conflict, "It was erased with its customer, who can't be changed any more."));
    }
    match (&edit.customer, edit.customer_id) {
        _ if says("customer_id") && says("customer") => {
            let detail = "can't be combined with `customer_id`: each names the customer";
            Err(Error::field("/customer", "not_allowed", detail))
        }
        (Some(named), _) => inline(tx, shown, named, rights).map(Some),
        (None, Some(id)) if says("customer_id") => {
            Ok(Some(CorrectedCustomer { id: Some(customers::known(tx.conn, id)?), left_out: Vec::new() }))
        }
        _ => Ok(Some(CorrectedCustomer { id: None, left_out: Vec::new() })),
    }
}

/// A customer named inline, found or created as in filing.
fn inline(tx: &mut Tx<'_>, shown: &Feedback, named: &NewCustomer, rights: FilingRights) -> Result<CorrectedCustomer> {
    let origin = shown.origin.as_str();
    let mut known = Resolver::load(tx, std::iter::once((origin, named)), rights)?;
    // A customer known only by a name stays the same where the name is equal; another name means another person.
    let was = shown.customer.as_ref().filter(|was| was.name.as_deref().map(fold) == named.name.as_deref().map(fold));
    let was = was.filter(|was| was.name.is_some()).map(|was| was.id);
    known.remember(tx, was.into_iter())?;
    let id = known.resolve(tx, origin, named, was).ok_or_else(|| {
        Error::field("/customer", "required", "must have at least one of external_id, email, name and account")
    })?;
    let left_out = known.take_left_out();
    known.save(tx)?;
    Ok(CorrectedCustomer { id: Some(id), left_out })
}

/// Applies a corrected customer to the stories: evidence, closures and counts now belong to the right customer. The
/// wrong customer's closure is withdrawn unless other feedback of theirs asks for it. The right customer gets a closure
/// if the rules of the round say so.
pub(in crate::usecase) fn follow(tx: &mut Tx<'_>, before: &FeedbackRecord, row: &FeedbackRecord) -> Result<()> {
    if before.customer_id == row.customer_id {
        return Ok(());
    }
    let id = row.id;
    let rounds: BTreeSet<(Id, i32)> = late_evidence::rounds_of(tx.conn, id)?.into_iter().collect();
    let ids: BTreeSet<Id> = rounds.iter().map(|(story, _)| *story).collect();
    let held = stories::rows::lock(tx, &ids.into_iter().collect::<Vec<_>>())?;
    late_evidence::give_to(tx, id, row.customer_id)?;
    if let Some(wrong) = before.customer_id {
        take_from(tx, &rounds, wrong)?;
    }
    if let Some(right) = row.customer_id {
        take_back(tx, &rounds, right)?;
    }
    let present: BTreeMap<Id, i32> = held.iter().map(|story| (story.id, story.round)).collect();
    for story in held.iter().filter(|story| row.product_id == story.product_id) {
        if rounds.contains(&(story.id, present[&story.id])) {
            late_attachments::join(tx, story.id, &[id])?;
        }
    }
    for story in &held {
        settle(tx, story.id)?;
    }
    let behind: Vec<Id> = story_items::stories_of(tx.conn, &[id])?.into_iter().map(|(story, _)| story).collect();
    ranking::recompute(tx, &behind).map(drop)
}

/// The closures of a customer in these rounds.
fn cases(tx: &mut Tx<'_>, rounds: &BTreeSet<(Id, i32)>, customer: Id) -> Result<Vec<ClosureRecord>> {
    let mut rows = closures::of_customer(tx.conn, customer)?;
    rows.retain(|row| rounds.contains(&(row.story_id, row.round)));
    Ok(rows)
}

/// Whether a closure has an answer; such a closure stays, whoever answered.
fn is_answered(row: &ClosureRecord) -> bool {
    matches!(row.state, ClosureState::Confirmed | ClosureState::Reopened)
}

/// Ends the closures of the wrong customer; an answered one stays, with a reason.
fn take_from(tx: &mut Tx<'_>, rounds: &BTreeSet<(Id, i32)>, wrong: Id) -> Result<()> {
    for row in cases(tx, rounds, wrong)? {
        let place = (row.story_id, row.round);
        if !is_answered(&row) {
            late_attachments::withdraw(tx, row, None, NOT_THEIRS)?;
        } else if !late_evidence::asks(tx.conn, place, wrong, None)? {
            rounds::save(tx, &mut ClosureRecord { reason: Some(NOT_THEIRS.to_owned()), ..row })?;
        }
    }
    Ok(())
}

/// Removes that reason from the right customer's answered closures: the answer is their own after all.
fn take_back(tx: &mut Tx<'_>, rounds: &BTreeSet<(Id, i32)>, right: Id) -> Result<()> {
    for row in cases(tx, rounds, right)? {
        if is_answered(&row) && row.reason.as_deref() == Some(NOT_THEIRS) {
            rounds::save(tx, &mut ClosureRecord { reason: None, ..row })?;
        }
    }
    Ok(())
}

/// Collects the errors of a patch, field by field, where several parts of it were checked.
pub(in crate::usecase) fn all_wrong(errors: Vec<Error>) -> Result<()> {
    if let Some(other) = errors.iter().find(|e| e.fields.is_empty()) {
        return Err(other.clone());
    }
    let fields: Vec<FieldError> = errors.into_iter().flat_map(|e| e.fields).collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::invalid(fields)) }
}
