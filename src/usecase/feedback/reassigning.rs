//! Whose feedback it is, corrected by people: who said it, and what follows for those who were, or are to be, told of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::customer_resolver::Resolver;
use crate::domain::base::Id;
use crate::domain::base::text::fold;
use crate::domain::closure::ClosureState;
use crate::domain::feedback::{ERASED, Feedback, FeedbackEdit, NewCustomer};
use crate::domain::team::FilingRights;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::closure::closures::{self, ClosureRow};
use crate::store::feedback::customers;
use crate::store::feedback::rows::FeedbackRow;
use crate::store::stories::{late_evidence, story_items};
use crate::store::{Tx, stories};
use crate::usecase::closure::rounds::{self, settle};
use crate::usecase::stories::{drafts, late_attachments};

/// Why a case ended, or what it says where it was answered, whose customer said nothing of it.
const NOT_THEIRS: &str = "What was said for the story turned out not to be theirs.";

/// Who said a feedback, as somebody says now.
pub(in crate::usecase) struct Speaker {
    pub id: Option<Id>,
    /// JSON Pointers of what was said of them and not taken.
    pub left_out: Vec<&'static str>,
}

/// Who said it by a patch; `None` where the patch says nothing of it. Creates a customer who is new.
///
/// # Errors
/// 409 for erased feedback, 422 where it is no customer, or said in two ways, or nothing says who it is.
pub(in crate::usecase) fn speaker(
    tx: &mut Tx<'_>,
    shown: &Feedback,
    patch: &Value,
    edit: &FeedbackEdit,
    rights: FilingRights,
) -> Result<Option<Speaker>> {
    let says = |name: &str| patch.get(name).is_some();
    if !says("customer_id") && !says("customer") {
        return Ok(None);
    }
    if shown.text == ERASED {
        return Err(Error::new(Code::Conflict, "It was erased with who said it: nobody else said it."));
    }
    match (&edit.customer, edit.customer_id) {
        _ if says("customer_id") && says("customer") => {
            let detail = "goes without `customer_id`: both say who said it";
            Err(Error::field("/customer", "not_allowed", detail))
        }
        (Some(named), _) => inline(tx, shown, named, rights).map(Some),
        (None, Some(id)) if says("customer_id") => {
            Ok(Some(Speaker { id: Some(existing(tx, id)?), left_out: Vec::new() }))
        }
        _ => Ok(Some(Speaker { id: None, left_out: Vec::new() })),
    }
}

/// A customer by id: themselves, or the one they were merged into.
fn existing(tx: &mut Tx<'_>, id: Id) -> Result<Id> {
    let refused = |code, detail| Error::field("/customer_id", code, detail);
    let mut found = customers::by_id(tx.conn, &[id])?;
    if let Some(into) = found.first().and_then(|row| row.merged_into) {
        found = customers::by_id(tx.conn, &[into.into()])?;
    }
    let row = found.pop().ok_or_else(|| refused("unknown", "is not the id of a customer"))?;
    match row.erased_at {
        Some(_) => Err(refused("erased", "is the id of a customer who was erased")),
        None => Ok(row.id.into()),
    }
}

/// A customer named inline, found or created as in filing.
fn inline(tx: &mut Tx<'_>, shown: &Feedback, named: &NewCustomer, rights: FilingRights) -> Result<Speaker> {
    let origin = shown.origin.as_str();
    let mut known = Resolver::load(tx, std::iter::once((origin, named)), rights)?;
    // Somebody known by name only is who they are already; another name is another person.
    let was = shown.customer.as_ref().filter(|was| was.name.as_deref().map(fold) == named.name.as_deref().map(fold));
    let was = was.filter(|was| was.name.is_some()).map(|was| was.id);
    known.remember(tx, was.into_iter())?;
    let id = known.resolve(tx, origin, named, was).ok_or_else(|| {
        Error::field("/customer", "required", "must have at least one of external_id, email, name and account")
    })?;
    let left_out = known.take_left_out();
    known.save(tx)?;
    Ok(Speaker { id: Some(id), left_out })
}

/// Follows a corrected customer through the stories: evidence, closures and counts are the right person's. The wrong
/// person's closure is withdrawn where nothing else of theirs asked for it; the right one gets a closure where the rules of the
/// round give them one.
pub(in crate::usecase) fn follow(tx: &mut Tx<'_>, before: &FeedbackRow, row: &FeedbackRow) -> Result<()> {
    if before.customer_id == row.customer_id {
        return Ok(());
    }
    let id = Id::from(row.id);
    let rounds: BTreeSet<(Id, i32)> = late_evidence::rounds_of(tx.conn, id)?.into_iter().collect();
    let ids: BTreeSet<Id> = rounds.iter().map(|(story, _)| *story).collect();
    let held = stories::rows::lock(tx, &ids.into_iter().collect::<Vec<_>>())?;
    late_evidence::give_to(tx, id, row.customer_id.map(Id::from))?;
    if let Some(wrong) = before.customer_id {
        take_from(tx, &rounds, wrong.into())?;
    }
    if let Some(right) = row.customer_id {
        take_back(tx, &rounds, right.into())?;
    }
    let present: BTreeMap<Id, i32> = held.iter().map(|story| (story.id, story.round)).collect();
    for story in held.iter().filter(|story| row.product_id == story.product_id.into()) {
        if rounds.contains(&(story.id, present[&story.id])) {
            late_attachments::join(tx, story.id, &[id])?;
        }
    }
    for story in &held {
        settle(tx, story.id)?;
    }
    let behind: Vec<Id> = story_items::stories_of(tx.conn, &[id])?.into_iter().map(|(story, _)| story).collect();
    drafts::recompute(tx, &behind).map(drop)
}

/// The cases of a customer in these rounds.
fn cases(tx: &mut Tx<'_>, rounds: &BTreeSet<(Id, i32)>, customer: Id) -> Result<Vec<ClosureRow>> {
    let mut rows = closures::of_customer(tx.conn, customer)?;
    rows.retain(|row| rounds.contains(&(row.story_id.into(), row.round)));
    Ok(rows)
}

/// Whether a case has an answer, which stands whoever gave it.
fn is_answered(row: &ClosureRow) -> bool {
    [ClosureState::Confirmed, ClosureState::Reopened].iter().any(|state| row.state == state.as_str())
}

/// Ends the cases of who did not say it; an answered one stays and says so.
fn take_from(tx: &mut Tx<'_>, rounds: &BTreeSet<(Id, i32)>, wrong: Id) -> Result<()> {
    for row in cases(tx, rounds, wrong)? {
        let place = (row.story_id.into(), row.round);
        if !is_answered(&row) {
            late_attachments::withdraw(tx, row, None, NOT_THEIRS)?;
        } else if !late_evidence::asks(tx.conn, place, wrong, None)? {
            rounds::save(tx, &mut ClosureRow { reason: Some(NOT_THEIRS.to_owned()), ..row })?;
        }
    }
    Ok(())
}

/// Whoever turns out to have said it after all has answered for themselves.
fn take_back(tx: &mut Tx<'_>, rounds: &BTreeSet<(Id, i32)>, right: Id) -> Result<()> {
    for row in cases(tx, rounds, right)? {
        if is_answered(&row) && row.reason.as_deref() == Some(NOT_THEIRS) {
            rounds::save(tx, &mut ClosureRow { reason: None, ..row })?;
        }
    }
    Ok(())
}

/// What is wrong with a patch, field by field, where more than one part of it was read.
pub(in crate::usecase) fn all_wrong(errors: Vec<Error>) -> Result<()> {
    if let Some(other) = errors.iter().find(|e| e.fields.is_empty()) {
        return Err(other.clone());
    }
    let fields: Vec<FieldError> = errors.into_iter().flat_map(|e| e.fields).collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::invalid(fields)) }
}
