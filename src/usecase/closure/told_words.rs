//! The texts of a story for its customers. Mails, the answer page and previews all use them, so that they agree.

use std::collections::HashSet;

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureKind;
use crate::domain::feedback::own_words::own_text;
use crate::domain::stories::Story;
use crate::error::Result;
use crate::store::Conn;
use crate::store::stories::frozen_evidence::{self, ReleasedAs};
use crate::store::stories::text_checks;
use crate::usecase::stories::texts;

/// The texts of a story in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldWords {
    pub title: String,
    /// Its changelog entry.
    pub entry: Option<String>,
    /// The reason of its decline.
    pub reason: Option<String>,
    /// The name of the release that was shipped or rolled back.
    pub release: Option<String>,
    /// Whether the texts are in another language than the requested one.
    pub fallback: bool,
}

/// The texts of a story for a round of this kind, for a reader of this language.
pub fn of(
    conn: &mut Conn,
    story: &Story,
    kind: ClosureKind,
    release: Option<Id>,
    language: Option<&str>,
) -> Result<ToldWords> {
    let released = released(conn, &[story.id], kind, release)?;
    let cleared = text_checks::of_stories(conn, &[story.id])?.remove(&story.id).unwrap_or_default().cleared;
    Ok(of_cleared(story, kind, released.as_ref(), language, &cleared))
}

/// The release that a round of this kind names, with its entries for these stories.
pub(in crate::usecase) fn released(
    conn: &mut Conn,
    stories: &[Id],
    kind: ClosureKind,
    release: Option<Id>,
) -> Result<Option<ReleasedAs>> {
    match release.filter(|_| kind != ClosureKind::Decline) {
        Some(release) => frozen_evidence::released_as(conn, stories, release),
        None => Ok(None),
    }
}

/// Like [`of`], given the release and the marks of the texts that may be published.
pub(in crate::usecase) fn of_cleared(
    story: &Story,
    kind: ClosureKind,
    released: Option<&ReleasedAs>,
    language: Option<&str>,
    cleared: &HashSet<String>,
) -> ToldWords {
    let entry = released.and_then(|released| released.entries.get(&story.id)).map(String::as_str);
    let words = texts::of_cleared(story, entry, language, cleared);
    ToldWords {
        title: words.title,
        entry: words.entry.filter(|_| kind == ClosureKind::Release),
        reason: words.reason.filter(|_| kind == ClosureKind::Decline),
        release: released.map(|released| released.name.clone()),
        fallback: words.fallback,
    }
}

/// The customer's own feedback for a story, as a reminder.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnWords {
    /// The text without greetings and signatures; `None` where someone else wrote it down.
    pub words: Option<String>,
    pub at: Time,
    pub language: Option<String>,
}

/// The feedback that a customer is reminded of: the latest they wrote themselves, else only the time of the latest that
/// was noted for them.
pub fn own_words(conn: &mut Conn, story: Id, customer: Id) -> Result<Option<OwnWords>> {
    let said = frozen_evidence::said(conn, story, customer)?;
    let own = said.iter().find(|row| !row.source.is_noted_by_others());
    Ok(own.or(said.first()).map(|row| OwnWords {
        words: own.map(|row| own_text(&row.text).into_owned()),
        at: row.occurred_at,
        language: row.language.clone(),
    }))
}
