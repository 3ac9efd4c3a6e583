//! Reverts: work that takes other work back, so that its stories are no longer done.

use std::collections::BTreeSet;

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Link, LinkKind, LinkReason, LinkState, LinkTarget};
use crate::error::Result;
use crate::store::stories::links as stored_links;
use crate::store::{Conn, Tx, stories};
use crate::usecase::stories::{links, progress, stages};

/// A link to reverted work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::usecase) struct Reverted {
    /// The link.
    pub id: Id,
    /// The story that has it.
    pub story_id: Id,
}

/// The links to the work that a revert names.
pub(in crate::usecase) fn taken_back(conn: &mut Conn, of: &[LinkTarget]) -> Result<BTreeSet<Reverted>> {
    let mut found = BTreeSet::new();
    for target in of {
        let there = match target.kind {
            LinkKind::Commit => stored_links::to_commit(conn, target)?,
            _ => stored_links::to(conn, target)?,
        };
        found.extend(there.into_iter().map(|link| Reverted { id: link.id, story_id: link.story_id }));
    }
    Ok(found)
}

/// Handles a revert that reached a done branch. Its story goes back to `building` if it was further. A released story
/// stays until the next release, and its history notes the revert. A revert of a revert moves the story forward again.
pub(in crate::usecase) fn take_back(tx: &mut Tx<'_>, revert: &Link, reverted: &BTreeSet<Reverted>) -> Result<()> {
    let mut again = false;
    for one in reverted.iter().filter(|one| one.story_id == revert.story_id) {
        let work = stored_links::get(tx.conn, one.id)?;
        again |= work.reason == LinkReason::Revert;
        links::mark(tx, work, LinkState::Reverted)?;
    }
    if again {
        return progress::advance(tx, revert.story_id, Stage::Testing).map(drop);
    }
    let story = stories::rows::get(tx.conn, revert.story_id)?;
    let data = json!({ "link_id": revert.id, "stage": story.stage });
    tx.event("story.reverted", story.id, Some(story.product_id), data);
    let what = match revert.kind {
        LinkKind::Commit => format!("{}@{}", revert.repository, revert.reference.chars().take(10).collect::<String>()),
        _ => format!("{}#{}", revert.repository, revert.reference),
    };
    stages::set_back(tx, story.id, &format!("What was done for it was reverted by {what}."))
}
