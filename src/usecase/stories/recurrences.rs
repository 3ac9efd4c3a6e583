//! Recurrences: feedback in a released story's theme that was said after the release. Each feedback counts once, and
//! enough of them since the latest release take the story back into development.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::stages;
use crate::domain::base::Id;
use crate::domain::stories::Story;
use crate::error::Result;
use crate::store::stories::frozen_evidence;
use crate::store::team::products;
use crate::store::{Tx, stories};

/// Checks feedback that was just assigned to themes (item, theme) for recurrences. It costs one query where none of the
/// stories is released.
pub fn recurred(tx: &mut Tx<'_>, placed: &[(Id, Id)]) -> Result<()> {
    let mut of_theme: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (item, theme) in placed {
        of_theme.entry(*theme).or_default().push(*item);
    }
    let themes: Vec<Id> = of_theme.keys().copied().collect();
    if themes.is_empty() {
        return Ok(());
    }
    let mut of_story: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (theme, story) in frozen_evidence::shipped_on(tx.conn, &themes)? {
        of_story.entry(story).or_default().extend(of_theme.get(&theme).into_iter().flatten());
    }
    if of_story.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id> = of_story.keys().copied().collect();
    let held: HashMap<Id, Story> = stories::rows::lock(tx, &ids)?.into_iter().map(|story| (story.id, story)).collect();
    for (id, items) in of_story {
        if let Some(story) = held.get(&id).filter(|story| story.stage.is_shipped()) {
            count(tx, story, &items)?;
        }
    }
    Ok(())
}

/// Checks feedback that was just attached to a story: if it was said after the release, it is a recurrence.
pub fn recurred_on(tx: &mut Tx<'_>, story: &Story, items: &[Id]) -> Result<()> {
    if story.stage.is_shipped() { count(tx, story, items) } else { Ok(()) }
}

fn count(tx: &mut Tx<'_>, story: &Story, items: &[Id]) -> Result<()> {
    let Some(released_at) = story.released_at else { return Ok(()) };
    let later = frozen_evidence::said_after(tx.conn, items, released_at)?;
    let new = if later.is_empty() { later } else { frozen_evidence::recur(tx, story, &later)? };
    if new.is_empty() {
        return Ok(());
    }
    let since_release = frozen_evidence::recurrences_of(tx.conn, story)?;
    let data =
        json!({ "story_id": story.id, "round": story.round, "feedback_ids": new, "since_release": since_release });
    tx.event("story.recurred", story.id, Some(story.product_id), data);
    let enough = products::get(tx.conn, story.product_id)?.settings.recurrence_threshold;
    if since_release >= i64::from(enough) {
        stages::reopen(tx, story.id, "recurrences")?;
    }
    Ok(())
}
