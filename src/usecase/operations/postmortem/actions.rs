//! Actions of postmortems: each makes a story, or is one that is there.

use serde_json::json;

use crate::domain::base::{Id, Reference};
use crate::domain::operations::postmortem::Postmortem;
use crate::domain::operations::postmortem::action::{NewPostmortemAction, PostmortemAction};
use crate::domain::stories::{NewStory, StoryNumber};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::operations::{postmortem_actions as stored, postmortems};
use crate::store::stories::links;
use crate::store::team::members;
use crate::store::{Tx, stories};
use crate::usecase::stories::planning;

/// Adds an action to a postmortem.
///
/// # Errors
/// 404, 409 where the story is an action of it already, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, postmortem: Id, input: &NewPostmortemAction) -> Result<PostmortemAction> {
    let postmortem = postmortems::lock(tx, postmortem)?;
    check(tx, &postmortem, input)?;
    let story = match &input.story {
        Some(named) => existing(tx, &postmortem, named, input)?,
        None => planning::create(tx, &new_story(&postmortem, input))?.id,
    };
    let there = stored::of_postmortems(tx.conn, &[postmortem.id], tx.now)?;
    if there.iter().any(|action| action.story_id == story) {
        return Err(Error::new(Code::Conflict, "This story is an action of the postmortem already."));
    }
    let id = Id::next();
    stored::insert(tx, id, postmortem.id, story)?;
    let mut covered: Vec<Id> = input.covers.clone();
    covered.sort_unstable();
    covered.dedup();
    for earlier in covered {
        stored::cover(tx, id, earlier)?;
    }
    let data = json!({ "action_id": id, "story_id": story, "covers": input.covers });
    tx.event("postmortem.action_added", postmortem.id, Some(postmortem.product_id), data);
    one(tx, &postmortem, id)
}

/// The checks that the schema can't say.
fn check(tx: &mut Tx<'_>, postmortem: &Postmortem, input: &NewPostmortemAction) -> Result<()> {
    let mut wrong = Vec::new();
    match (&input.story, &input.title) {
        (None, None) => wrong.push(FieldError::new("/title", "required", "is required where no `story` is given")),
        (Some(_), Some(_)) => {
            wrong.push(FieldError::new("/title", "not_allowed", "is only for a new story: `story` has a title"));
        }
        _ => {}
    }
    if input.story.is_some() && input.so_that.is_some() {
        wrong.push(FieldError::new("/so_that", "not_allowed", "is only for a new story"));
    }
    if let Some(owner) = input.owner_id
        && members::find_active(tx.conn, owner)?.is_none()
    {
        wrong.push(Reference::ActiveMember.unknown("/owner_id"));
    }
    let known = stored::known(tx.conn, postmortem.product_id, &input.covers, tx.now)?;
    for (n, id) in input.covers.iter().enumerate() {
        if !known.iter().any(|action| action.id == *id && action.postmortem_id != postmortem.id) {
            let detail = "is not the id of an action of another postmortem of this product";
            wrong.push(FieldError::new(format!("/covers/{n}"), "unknown", detail));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

fn new_story(postmortem: &Postmortem, input: &NewPostmortemAction) -> NewStory {
    NewStory {
        product: Some(postmortem.product_id.to_string()),
        title: input.title.as_deref().map(|title| title.trim().to_owned()),
        so_that: input.so_that.clone(),
        owner_id: input.owner_id,
        due_at: input.due_at,
        theme_id: None,
        as_a: None,
        i_want: None,
        acceptance_criteria: None,
        in_scope: None,
        out_of_scope: None,
        texts: None,
        days: None,
        effort: None,
    }
}

/// A story that is there; its owner and due date are set where they are given.
fn existing(tx: &mut Tx<'_>, postmortem: &Postmortem, named: &str, input: &NewPostmortemAction) -> Result<Id> {
    let unknown = || Error::field("/story", "unknown", "is not the id or number of a story of this product");
    let id = match (named.parse::<Id>(), named.parse::<StoryNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => links::stories_numbered(tx.conn, &[number])?.into_iter().next(),
        _ => None,
    };
    let story = stories::rows::get_many(tx.conn, &[id.ok_or_else(unknown)?])?.pop().ok_or_else(unknown)?;
    if story.product_id != postmortem.product_id {
        return Err(unknown());
    }
    let mut patch = json!({});
    if let Some(owner) = input.owner_id {
        patch["owner_id"] = json!(owner);
    }
    if let Some(due) = input.due_at {
        patch["due_at"] = json!(due);
    }
    planning::edit(tx, story.id, None, &patch)?;
    Ok(story.id)
}

fn one(tx: &mut Tx<'_>, postmortem: &Postmortem, id: Id) -> Result<PostmortemAction> {
    let found = stored::known(tx.conn, postmortem.product_id, &[id], tx.now)?;
    found.into_iter().next().ok_or_else(|| Error::not_found("action"))
}

/// Takes an action out of a postmortem; its story stays.
///
/// # Errors
/// 404.
pub fn remove(tx: &mut Tx<'_>, postmortem: Id, id: Id) -> Result<()> {
    let postmortem = postmortems::lock(tx, postmortem)?;
    let action = one(tx, &postmortem, id)?;
    if action.postmortem_id != postmortem.id {
        return Err(Error::not_found("action"));
    }
    stored::delete(tx, id)?;
    let data = json!({ "action_id": id, "story_id": action.story_id });
    tx.event("postmortem.action_removed", postmortem.id, Some(postmortem.product_id), data);
    Ok(())
}
