//! Duplicates: marking a story as a duplicate of another, and undoing that.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::depending::cycles;
use super::ranking::recompute;
use super::stages::{lock, move_to, refused};
use super::{late_attachments, recurrences};
use crate::domain::base::{Id, Reference, Time};
use crate::domain::stories::Story;
use crate::domain::stories::stage::{self, Stage};
use crate::domain::themes::CorrectionKind;
use crate::error::{Code, Error, Result};
use crate::store::stories::story_items;
use crate::store::themes::corrections::{self, NewCorrection};
use crate::store::{Tx, stories};

/// The data for undoing a duplicate mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedDuplicate {
    /// The marked story.
    pub story: Id,
    /// The story it duplicates.
    pub of: Id,
    /// Its stage before.
    pub from: Stage,
    /// Its deadline for an answer, if it was a draft.
    #[serde(default)]
    pub respond_by: Option<Time>,
    /// Its themes before.
    pub themes: Vec<Id>,
    /// Those of its themes that the other story did not have.
    pub gained: Vec<Id>,
    /// Its attached feedback that moved to the other story.
    #[serde(default)]
    pub attached: Vec<Id>,
    /// The proposal that was accepted with it.
    pub proposed: Option<Id>,
}

/// Marks a story as a duplicate: its evidence moves to the other story, or to that one's original.
pub(in crate::usecase) fn mark_duplicate(
    tx: &mut Tx<'_>,
    story: Story,
    of: Id,
    reason: Option<String>,
) -> Result<Story> {
    stage::mark_duplicate(story.stage).map_err(refused)?;
    let of = original(tx, &story, of)?;
    cycles::refuse(tx, story.id, of.id, "/duplicate_of")?;
    let marked = MarkedDuplicate {
        story: story.id,
        of: of.id,
        from: story.stage,
        respond_by: story.respond_by,
        gained: story.theme_ids.iter().copied().filter(|theme| !of.theme_ids.contains(theme)).collect(),
        themes: story.theme_ids.clone(),
        attached: story_items::hand_on(tx, story.id, of.id)?,
        proposed: story.proposed_duplicate_of,
    };
    stories::rows::unlink(tx, story.id, &marked.themes)?;
    stories::rows::link(tx, of.id, &marked.gained)?;
    let story = Story { proposed_duplicate_of: None, ..story };
    move_to(tx, story, Stage::Duplicate, reason, Some(of.id))?;
    remember(tx, of.product_id, &marked)?;
    recompute(tx, &[marked.story, marked.of])?;
    stories::rows::get(tx.conn, marked.story)
}

/// Marks a story as a duplicate on behalf of a person. If customers already know the other story as released or declined,
/// the customers of this one are told late, as with feedback that is attached to it; what was said since the release is a
/// recurrence.
pub(super) fn merge_into(tx: &mut Tx<'_>, story: Story, of: Id, reason: Option<String>) -> Result<Story> {
    let of = original(tx, &story, of)?.id;
    let before = story_items::of_story(tx.conn, of)?;
    let marked = mark_duplicate(tx, story, of, reason)?;
    let mut brought: Vec<Id> = story_items::of_story(tx.conn, of)?.difference(&before).copied().collect();
    brought.sort_unstable();
    let of = lock(tx, of)?;
    recurrences::recurred_on(tx, &of, &brought)?;
    late_attachments::join(tx, of.id, &brought)?;
    Ok(marked)
}

/// The story at the end of a chain of duplicates.
fn original(tx: &mut Tx<'_>, story: &Story, of: Id) -> Result<Story> {
    let refusal = |code: &str, detail: &str| Error::field("/duplicate_of", code, detail);
    let mut next = of;
    loop {
        if next == story.id {
            return Err(refusal("itself", "must be another story, and not one that is a duplicate of this one"));
        }
        let other = stories::rows::lock(tx, &[next])?.pop();
        let other = other.ok_or_else(|| Reference::Story.refusal("/duplicate_of"))?;
        if other.product_id != story.product_id {
            return Err(refusal("other_product", "must be a story of the same product"));
        }
        match other.duplicate_of {
            Some(further) => next = further,
            None => return Ok(other),
        }
    }
}

/// Records the mark as a correction of kind `mark_duplicate`, so that it can be undone.
fn remember(tx: &mut Tx<'_>, product: Id, marked: &MarkedDuplicate) -> Result<()> {
    let act = NewCorrection {
        story: Some(marked.story),
        other_story: Some(marked.of),
        details: serde_json::to_value(marked).map_err(Error::internal)?,
        ..NewCorrection::new(CorrectionKind::MarkDuplicate, product)
    };
    corrections::record(tx, act, &[]).map(drop)
}

/// Undoes a duplicate mark: the story returns to its stage and themes.
///
/// # Errors
/// 409 where a later correction depends on it.
pub fn unmark_duplicate(tx: &mut Tx<'_>, marked: &MarkedDuplicate) -> Result<Story> {
    let story = lock(tx, marked.story)?;
    if story.stage != Stage::Duplicate || story.duplicate_of != Some(marked.of) {
        return Err(Code::UndoRefused.into());
    }
    let before = story_items::of_story(tx.conn, marked.of)?;
    if stories::rows::unlink(tx, marked.of, &marked.gained)? != marked.gained.len() {
        return Err(Error::new(Code::UndoRefused, "Its feedback has moved on; undo that correction first."));
    }
    stories::rows::link(tx, marked.story, &marked.themes)?;
    story_items::undecide(tx, marked.of, &marked.attached)?;
    let after = story_items::of_story(tx.conn, marked.of)?;
    late_attachments::leave(tx, marked.of, &before.difference(&after).copied().collect::<Vec<_>>())?;
    story_items::decide(tx, marked.story, &marked.attached, false)?;
    let story = Story { proposed_duplicate_of: marked.proposed, respond_by: marked.respond_by, ..story };
    move_to(tx, story, marked.from, None, None)?;
    recompute(tx, &[marked.story, marked.of])?;
    stories::rows::get(tx.conn, marked.story)
}

/// Closes a draft as a duplicate of the story that its feedback belongs to now.
pub(in crate::usecase) fn become_duplicate(tx: &mut Tx<'_>, story: Story, by: Id) -> Result<()> {
    if stage::mark_duplicate(story.stage).is_err() {
        return Ok(());
    }
    // Merged they would wait for themselves: a person decides.
    if cycles::circle(tx, story.id, by)?.is_some() {
        return stories::rows::propose_duplicate(tx, story.id, Some(by));
    }
    stories::rows::unlink(tx, story.id, &story.theme_ids)?;
    let next = Story {
        stage: Stage::Duplicate,
        duplicate_of: Some(by),
        respond_by: None,
        overdue_at: None,
        updated_at: tx.now,
        ..story
    };
    stories::rows::update(tx, &next)?;
    let data = json!({ "from": story.stage, "to": next.stage, "has_reason": false, "duplicate_of": by });
    tx.event("story.moved", next.id, Some(next.product_id), data);
    Ok(())
}
