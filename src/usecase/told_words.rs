//! The words of a story that customers read: one place, so that mails, the answer page and previews say the same.

use crate::domain::language::Tongue;
use crate::domain::{ClosureKind, Id, Story};
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

/// What a round of this kind tells of a story in a language.
///
/// # Errors
/// Those of the database.
pub fn of(conn: &mut Conn, story: &Story, kind: ClosureKind, release: Option<Id>, tongue: Tongue) -> Result<ToldWords> {
    let released_as = match release.filter(|_| kind != ClosureKind::Decline) {
        Some(release) => story_evidence::released_as(conn, story.id, release)?,
        None => None,
    };
    let (release, entry) = released_as.unzip();
    let entry = entry.flatten().filter(|_| kind == ClosureKind::Release);
    let reason = story.stage_reason.clone().filter(|_| kind == ClosureKind::Decline);
    let fallback = !is_in(tongue, &story.title);
    Ok(ToldWords { title: story.title.clone(), entry, reason, release, fallback })
}

/// Whether words seem to be in a language: Korean is told by its letters.
fn is_in(tongue: Tongue, words: &str) -> bool {
    let korean = crate::domain::language::detect(words).as_deref() == Some(Tongue::Korean.code());
    korean == (tongue == Tongue::Korean)
}
