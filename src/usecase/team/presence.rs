//! Who looks at a resource in the console just now, or writes about it.

use crate::domain::base::Id;
use crate::domain::stories::StoryNumber;
use crate::domain::team::presence::{LookedAt, PresenceKind};
use crate::error::Result;
use crate::store::feedback::customers;
use crate::store::stories::links;
use crate::store::{Conn, feedback, stories, themes};

/// The resource that a page of the console is about, by the page's path. `None` for other pages, for a resource that
/// does not exist, and for one that the caller may not read.
///
/// # Errors
/// Those of the database.
pub fn looked_at(conn: &mut Conn, may: &dyn Fn(&str) -> bool, path: &str) -> Result<Option<LookedAt>> {
    let Some((folder, name)) = path.strip_prefix("/console/").and_then(|rest| rest.split_once('/')) else {
        return Ok(None);
    };
    let kind = PresenceKind::ALL.iter().copied().find(|kind| kind.folder() == folder);
    let Some(kind) = kind.filter(|kind| may(kind.operation())) else { return Ok(None) };
    if kind == PresenceKind::Story {
        return story(conn, name);
    }
    let Ok(id) = name.parse::<Id>() else { return Ok(None) };
    let found = match kind {
        PresenceKind::Feedback => feedback::rows::row(conn, id).map(drop),
        PresenceKind::Theme => themes::rows::row(conn, id).map(drop),
        PresenceKind::Customer | PresenceKind::Story => customers::row(conn, id).map(drop),
    };
    let place = format!("/console/{folder}/{id}");
    Ok(found.is_ok().then_some(LookedAt { kind, id, place }))
}

/// A story by its number or its id.
fn story(conn: &mut Conn, name: &str) -> Result<Option<LookedAt>> {
    let id = match (name.parse::<Id>(), name.parse::<StoryNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => links::stories_numbered(conn, &[number])?.into_iter().next(),
        _ => None,
    };
    let Some(Ok(story)) = id.map(|id| stories::rows::get(conn, id)) else { return Ok(None) };
    let place = format!("/console/{}/{}", PresenceKind::Story.folder(), story.number);
    Ok(Some(LookedAt { kind: PresenceKind::Story, id: story.id, place }))
}
