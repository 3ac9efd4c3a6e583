//! The words of stories and releases as they leave the team, in the language of whoever reads them.

use crate::domain::{Id, Story, Wording};
use crate::error::Result;
use crate::store::{Conn, story_evidence};

/// A story in words for a customer who reads this language (`None`: it is not known), with what the changelog of this
/// release says of it. `fallback` says that nobody has written it in their language, so that they get another.
///
/// # Errors
/// Those of the database.
pub fn of_story(conn: &mut Conn, story: &Story, release: Option<Id>, wanted: Option<&str>) -> Result<Wording> {
    let entry = match release {
        Some(release) => story_evidence::released_as(conn, story.id, release)?.and_then(|(_, entry)| entry),
        None => None,
    };
    Ok(story.in_language(entry.as_deref(), wanted))
}
