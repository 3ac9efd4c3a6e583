//! Attachments: decisions of people about a story's evidence, by feedback or by theme.
//!
//! A theme brings all of its feedback, present and future. A single feedback can be attached, also to several stories,
//! and feedback of an attached theme can be detached from the story; it stays in its theme. If the story is already
//! released or declined, the customers of newly attached feedback are told late.

use serde_json::json;

use super::duplicates::mark_duplicate;
use super::stages::lock;
use super::{late_attachments, ranking, recurrences};
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::closure::Attached;
use crate::domain::feedback::State;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{AttachFeedback, AttachThemes, Story};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::stories::story_items;
use crate::store::{Tx, feedback, stories, themes};
use crate::usecase::closure::previews;

/// Attaches feedback to a story; feedback that is already its evidence is skipped.
///
/// # Errors
/// 404, 409 where the story is a duplicate, 412, 422 naming each id that is dismissed or not feedback of the story's
/// product.
pub fn attach_feedback(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &AttachFeedback) -> Result<Attached> {
    let story = open_for(tx, id, if_match)?;
    check_feedback(tx, &story, &input.feedback_ids)?;
    let there = story_items::among(tx.conn, id, &input.feedback_ids)?;
    let new: Vec<Id> = distinct(&input.feedback_ids).into_iter().filter(|id| !there.contains(id)).collect();
    if new.is_empty() {
        return arrived(tx, id, &new);
    }
    // Feedback of the story's own themes that was detached before needs no attachment: it counts through its theme
    // again.
    story_items::undecide(tx, id, &new)?;
    let by_theme = story_items::among(tx.conn, id, &new)?;
    let apart: Vec<Id> = new.iter().copied().filter(|id| !by_theme.contains(id)).collect();
    story_items::decide(tx, id, &apart, false)?;
    tx.event("story.feedback_attached", id, Some(story.product_id), json!({ "feedback_ids": new }));
    recurrences::recurred_on(tx, &story, &new)?;
    arrived(tx, id, &new)
}

/// The story after an attachment, and the customers who are told because of it.
fn arrived(tx: &mut Tx<'_>, id: Id, new: &[Id]) -> Result<Attached> {
    let joined = late_attachments::join(tx, id, new)?;
    let story = counted(tx, id)?;
    let late = match joined {
        Some(joined) => Some(previews::late(tx.conn, &story, joined)?),
        None => None,
    };
    Ok(Attached { story, late })
}

/// Detaches a feedback from a story, whether it was attached or comes from a theme.
///
/// # Errors
/// 404 where there is no such story or the feedback is not its evidence, 409 where the story is a duplicate, 412.
pub fn detach_feedback(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, item: Id) -> Result<Story> {
    let story = open_for(tx, id, if_match)?;
    if !story_items::among(tx.conn, id, &[item])?.contains(&item) {
        return Err(Error::new(Code::NotFound, "This feedback is not evidence of the story."));
    }
    story_items::undecide(tx, id, &[item])?;
    if story_items::among(tx.conn, id, &[item])?.contains(&item) {
        story_items::decide(tx, id, &[item], true)?;
    }
    tx.event("story.feedback_detached", id, Some(story.product_id), json!({ "feedback_ids": [item] }));
    late_attachments::leave(tx, id, &[item])?;
    counted(tx, id)
}

/// Attaches themes to a story. An untouched draft of the engine for such a theme becomes a duplicate of this story,
/// which can be undone.
///
/// # Errors
/// 404, 409 where the story is a duplicate, 412, 422 naming each id that is not a theme of the story's product.
pub fn attach_themes(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &AttachThemes) -> Result<Attached> {
    let story = open_for(tx, id, if_match)?;
    let wanted = check_themes(tx, &story, &input.theme_ids)?;
    let new: Vec<Id> = wanted.into_iter().filter(|theme| !story.theme_ids.contains(theme)).collect();
    if new.is_empty() {
        return arrived(tx, id, &[]);
    }
    let before = story_items::of_story(tx.conn, id)?;
    for theme in &new {
        for draft in untouched_drafts(tx, *theme)? {
            mark_duplicate(tx, draft, id, None)?;
        }
    }
    stories::rows::link(tx, id, &new)?;
    tx.event("story.theme_attached", id, Some(story.product_id), json!({ "theme_ids": new }));
    let story = lock(tx, id)?;
    for theme in &new {
        let said: Vec<Id> = themes::list::customers_of(tx.conn, *theme)?.into_keys().collect();
        recurrences::recurred_on(tx, &story, &said)?;
    }
    let mut brought: Vec<Id> = story_items::of_story(tx.conn, id)?.difference(&before).copied().collect();
    brought.sort_unstable();
    arrived(tx, id, &brought)
}

/// Detaches a theme from a story. Its feedback is no longer evidence of the story, except where it was attached itself.
///
/// # Errors
/// 404 where there is no such story or it does not have the theme, 409 where the story is a duplicate, 412.
pub fn detach_theme(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, theme: Id) -> Result<Story> {
    let story = open_for(tx, id, if_match)?;
    let before = story_items::of_story(tx.conn, id)?;
    if stories::rows::unlink(tx, id, &[theme])? == 0 {
        return Err(Error::new(Code::NotFound, "The story is not linked to this theme."));
    }
    // The theme may now need a story of its own.
    themes::rows::mark_stale(tx, &[theme])?;
    tx.event("story.theme_detached", id, Some(story.product_id), json!({ "theme_ids": [theme] }));
    let now = story_items::of_story(tx.conn, id)?;
    late_attachments::leave(tx, id, &before.difference(&now).copied().collect::<Vec<_>>())?;
    counted(tx, id)
}

/// Locks a story whose evidence may be changed; the evidence of a duplicate belongs to the original.
fn open_for(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Story> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    match story.stage {
        Stage::Duplicate => Err(Error::new(
            Code::Conflict,
            "The story is a duplicate: its evidence is that of the story in `duplicate_of`.",
        )),
        _ => Ok(story),
    }
}

fn check_feedback(tx: &mut Tx<'_>, story: &Story, ids: &[Id]) -> Result<()> {
    let rows = feedback::rows::rows(tx.conn, ids)?;
    let mut wrong = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let row = rows.iter().find(|row| row.id == *id);
        let pointer = format!("/feedback_ids/{n}");
        let (code, detail) = match row {
            None => {
                wrong.push(Reference::Feedback.unknown(pointer));
                continue;
            }
            Some(row) if row.product_id != story.product_id => {
                ("other_product", "is feedback of another product than the story's")
            }
            Some(row) if row.state == State::Dismissed => ("dismissed", "is dismissed; restore it first"),
            Some(_) => continue,
        };
        wrong.push(FieldError::new(pointer, code, detail));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// The ids of the themes, or of those they were merged into.
fn check_themes(tx: &mut Tx<'_>, story: &Story, ids: &[Id]) -> Result<Vec<Id>> {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for (n, id) in ids.iter().enumerate() {
        let known = match themes::rows::resolve(tx.conn, *id) {
            Ok(theme) => themes::rows::rows(tx.conn, &[theme])?.pop(),
            Err(e) if e.code == Code::NotFound => None,
            Err(e) => return Err(e),
        };
        match known.filter(|row| row.product_id == story.product_id) {
            Some(row) => found.push(row.id),
            None => wrong.push(FieldError::new(
                format!("/theme_ids/{n}"),
                "unknown",
                "is not the id of a theme of the story's product",
            )),
        }
    }
    if wrong.is_empty() { Ok(distinct(&found)) } else { Err(Error::invalid(wrong)) }
}

/// Untouched drafts of the engine that have only this theme.
fn untouched_drafts(tx: &mut Tx<'_>, theme: Id) -> Result<Vec<Story>> {
    let ids = stories::rows::of_themes(tx.conn, &[theme])?.remove(&theme).unwrap_or_default();
    let found = stories::rows::lock(tx, &ids)?;
    Ok(found.into_iter().filter(|story| story.is_untouched() && story.theme_ids.len() == 1).collect())
}

/// The story with its current counts and rank.
fn counted(tx: &mut Tx<'_>, id: Id) -> Result<Story> {
    ranking::recompute(tx, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

fn distinct(ids: &[Id]) -> Vec<Id> {
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
