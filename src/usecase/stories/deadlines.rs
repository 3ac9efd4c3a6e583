//! Deadlines of stories: each late story is reported once. Stories that waited for others go out once those are there.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::stories::Story;
use crate::error::Result;
use crate::store::{Tx, stories};
use crate::usecase::stories::progress::catch_up;

/// Marks these stories as late where they are, with an event each; answers how many were newly marked.
pub fn note_late(tx: &mut Tx<'_>, ids: &[Id]) -> Result<usize> {
    let now = tx.now;
    let mut noted = 0;
    for story in stories::rows::lock(tx, ids)?.into_iter().filter(|story| story.overdue_at.is_none()) {
        let Some(missed) = story.missed(now) else { continue };
        let data = json!({
            "promise": missed.promise, "since": missed.since, "stage": story.stage, "owner_id": story.owner_id,
        });
        tx.event("story.overdue", story.id, Some(story.product_id), data);
        stories::rows::update(tx, &Story { overdue_at: Some(now), ..story })?;
        noted += 1;
    }
    Ok(noted)
}

/// Releases a story that only waited for what it needs when its release went to production, if that is there now.
///
/// # Errors
/// 404.
pub fn unblocked(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    catch_up(tx, story).map(drop)
}
