//! The words of a story that customers are told in: one place, so that mails, the answer page and previews say the same.

use std::collections::HashSet;

use super::texts;
use crate::domain::{ClosureKind, Id, Story, Wording};
use crate::error::Result;
use crate::store::{Conn, story_evidence};

/// What customers read of a story in a language.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldWords {
    pub title: String,
    /// What the changelog says of it.
    pub entry: Option<String>,
    /// Why it is declined.
    pub reason: Option<String>,
    /// The name of the release that brought it, or was taken back.
    pub release: Option<String>,
    /// The words are not in that language.
    pub fallback: bool,
}

/// What a round of this kind tells of a story to somebody who reads this language.
///
/// # Errors
/// Those of the database.
pub fn of(
    conn: &mut Conn,
    story: &Story,
    kind: ClosureKind,
    release: Option<Id>,
    language: Option<&str>,
) -> Result<ToldWords> {
    let release = release.filter(|_| kind != ClosureKind::Decline);
    let words = texts::of_story(conn, story, release, language)?;
    told(conn, story, kind, release, words)
}

/// The same where these are the marks of the texts that may go out: what would be told, were it told now.
///
/// # Errors
/// Those of the database.
pub(super) fn of_cleared(
    conn: &mut Conn,
    story: &Story,
    kind: ClosureKind,
    release: Option<Id>,
    language: Option<&str>,
    cleared: &HashSet<String>,
) -> Result<ToldWords> {
    let release = release.filter(|_| kind != ClosureKind::Decline);
    let words = texts::of_cleared(conn, story, release, language, cleared)?;
    told(conn, story, kind, release, words)
}

fn told(conn: &mut Conn, story: &Story, kind: ClosureKind, release: Option<Id>, words: Wording) -> Result<ToldWords> {
    let named = match release {
        Some(release) => story_evidence::released_as(conn, story.id, release)?.map(|(name, _)| name),
        None => None,
    };
    Ok(ToldWords {
        title: words.title,
        entry: words.entry.filter(|_| kind == ClosureKind::Release),
        reason: words.reason.filter(|_| kind == ClosureKind::Decline),
        release: named,
        fallback: words.fallback,
    })
}
