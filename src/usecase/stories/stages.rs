//! Where a story stands: the one place that writes a stage. What a move means for gates and customers is in
//! `transitions.rs`.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::stories::Story;
use crate::domain::stories::stage::{Refusal, Stage};
use crate::error::{Code, Error, Result};
use crate::store::stories::depending::blockers;
use crate::store::{Tx, releases, stories};

/// The story, locked until the commit.
pub(in crate::usecase) fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Story> {
    stories::rows::lock(tx, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

/// The API error of a refusal.
pub(in crate::usecase) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::ReasonRequired { to } => {
            Error::field("/reason", "required", format!("is required for the move to `{to}`"))
        }
        _ => Error::new(Code::StageRefused, refusal.to_string()),
    }
}

/// Writes an allowed transition, with its event. A declined story or a duplicate is removed from unshipped releases.
pub(in crate::usecase) fn move_to(
    tx: &mut Tx<'_>,
    story: Story,
    to: Stage,
    reason: Option<String>,
    of: Option<Id>,
) -> Result<Story> {
    let mut data = json!({ "from": story.stage, "to": to, "has_reason": reason.is_some() });
    if let Some(of) = of {
        data["duplicate_of"] = json!(of);
    }
    // Moving back to `ready` is a roll-back, and nothing must be developed.
    let reopens = story.stage.is_shipped() && to < Stage::Ready;
    tx.event(if reopens { "story.reopened" } else { "story.moved" }, story.id, Some(story.product_id), data);
    if to == Stage::Declined {
        let waiting = blockers::count_waiting(tx.conn, story.id)?;
        if waiting > 0 {
            tx.event("story.blocker_declined", story.id, Some(story.product_id), json!({ "waiting": waiting }));
        }
    }
    if matches!(to, Stage::Declined | Stage::Duplicate) {
        for release in releases::rows::leave_open(tx, story.id)? {
            let data = json!({ "story_id": story.id, "stage": to });
            tx.event("release.story_removed", release, Some(story.product_id), data);
        }
    }
    // The first answer to a draft meets its deadline; a due date counts until the story is released.
    let still_late = story.stage != Stage::Draft && to < Stage::Released;
    let story = Story {
        respond_by: story.respond_by.filter(|_| to == Stage::Draft),
        overdue_at: story.overdue_at.filter(|_| still_late),
        stage: to,
        stage_reason: reason,
        duplicate_of: of,
        version: story.version + 1,
        updated_at: tx.now,
        ..story
    };
    stories::rows::update(tx, &story)?;
    Ok(story)
}

/// Moves a released story back to `building`, because customers say that it is not solved; other stories stay.
/// `reason_code` becomes the stage reason.
///
/// # Errors
/// 404.
pub fn reopen(tx: &mut Tx<'_>, story_id: Id, reason_code: &'static str) -> Result<Story> {
    let story = lock(tx, story_id)?;
    if !story.stage.is_shipped() {
        return Ok(story);
    }
    move_to(tx, story, Stage::Building, Some(reason_code.to_owned()), None)
}

/// Moves a story that was through development back into it, because its work was reverted. A story that is not as far,
/// or is released, stays.
///
/// # Errors
/// 404.
pub(in crate::usecase) fn set_back(tx: &mut Tx<'_>, story: Id, reason: &str) -> Result<()> {
    let story = lock(tx, story)?;
    if matches!(story.stage, Stage::Testing | Stage::Ready) {
        move_to(tx, story, Stage::Building, Some(reason.to_owned()), None)?;
    }
    Ok(())
}
