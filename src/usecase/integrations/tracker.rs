//! Issue tracker: a story has an issue there, and the issue is open as long as the story is.

use serde_json::{Value, json};

use crate::domain::base::Id;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{IssueRequest, LinkState};
use crate::domain::team::Tracker;
use crate::error::{Code, Error, Result};
use crate::store::base::events::Logged;
use crate::store::stories::links;
use crate::store::team::products;
use crate::store::{Conn, Tx, stories};
use crate::usecase::stories::quoting;

/// Outbox event: create the issue of a story.
pub const CREATE: &str = "issue.requested";
/// Outbox event: update the state of the issue.
pub const SYNC: &str = "issue.synced";
/// Outbox event: write the text of the issue again, because parts of it were erased.
pub const REWORD: &str = "issue.reworded";

/// Requests the issue of a story; the outbox creates it. Answers the issue where it exists already.
///
/// # Errors
/// 404, 409 where the product has no tracker.
pub fn request(tx: &mut Tx<'_>, id: Id) -> Result<IssueRequest> {
    let story = stories::rows::get(tx.conn, id)?;
    let Some(tracker) = products::get(tx.conn, story.product_id)?.settings.tracker else {
        let detail = "The product has no issue tracker: set `settings.tracker` of the product first.";
        return Err(Error::new(Code::Conflict, detail));
    };
    let link = links::issue_of(tx.conn, id, tracker.provider.as_str(), &tracker.repository)?;
    if link.is_none() {
        quoting::check(tx, &story)?;
        let data = json!({ "story_id": id, "provider": tracker.provider, "repository": tracker.repository });
        tx.event(CREATE, id, Some(story.product_id), data);
    }
    Ok(IssueRequest { story_id: id, provider: tracker.provider, repository: tracker.repository, link })
}

/// A task at the tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The story.
    pub story: Id,
    /// [`CREATE`], [`SYNC`] or [`REWORD`].
    pub event: &'static str,
    /// The tracker settings at the time of the request.
    pub body: Value,
}

/// The tracker task of an event of the log, if any.
pub fn task(conn: &mut Conn, event: &Logged) -> Result<Option<Task>> {
    let stage = |name: &str| event.data[name].as_str().and_then(|text| text.parse::<Stage>().ok());
    let wanted = match event.kind.as_str() {
        CREATE => Some(CREATE),
        REWORD => Some(REWORD),
        "story.moved" if stage("to") == Some(Stage::Accepted) => Some(CREATE),
        "story.moved" | "story.reopened" if stage("from").map(is_open) != stage("to").map(is_open) => Some(SYNC),
        _ => None,
    };
    let Some(wanted) = wanted else { return Ok(None) };
    let story = match stories::rows::get(conn, event.subject) {
        Ok(story) => story,
        Err(e) if e.code == Code::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let Some(tracker) = products::get(conn, story.product_id)?.settings.tracker else { return Ok(None) };
    // A declined story that is accepted later may already have its issue.
    let automatic = wanted == CREATE && event.kind != CREATE;
    let event = if automatic && !tracker.automatic { SYNC } else { wanted };
    Ok(Some(Task { story: story.id, event, body: json!({ "tracker": tracker }) }))
}

/// The tracker settings in the body of a task.
pub fn tracker_of(body: &Value) -> Option<Tracker> {
    serde_json::from_value(body["tracker"].clone()).ok()
}

/// Requests that the issues of these stories, where they exist, are written again.
pub(in crate::usecase) fn reword(tx: &mut Tx<'_>, stories: &[Id]) -> Result<()> {
    for (story, product) in links::with_issue(tx.conn, stories)? {
        tx.event(REWORD, story, Some(product), json!({}));
    }
    Ok(())
}

/// Whether the issue of a story in this stage is open: until the story is closed, declined or a duplicate.
pub fn is_open(stage: Stage) -> bool {
    !matches!(stage, Stage::Closed | Stage::Declined | Stage::Duplicate)
}

/// The state of a link to an issue.
pub fn link_state(open: bool) -> LinkState {
    if open { LinkState::Open } else { LinkState::Closed }
}
