//! The words of a story that customers are told in: one place, so that mails, the answer page and previews say the same.

use std::collections::HashSet;

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureKind;
use crate::domain::feedback::Source;
use crate::domain::feedback::own_words::own_text;
use crate::domain::stories::{Story, Wording};
use crate::error::Result;
use crate::store::Conn;
use crate::store::feedback::rows::FeedbackRow;
use crate::store::stories::frozen_evidence;
use crate::usecase::stories::texts;

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
pub(in crate::usecase) fn of_cleared(
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

/// What a customer is reminded of: what they said for a story.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnWords {
    /// Without greetings and signatures; none where others noted what they said.
    pub words: Option<String>,
    pub at: Time,
    pub language: Option<String>,
}

/// The words that a customer of a story is reminded of: the latest that they wrote themselves, else when the latest was
/// noted of them.
pub fn own_words(conn: &mut Conn, story: Id, customer: Id) -> Result<Option<OwnWords>> {
    let said = frozen_evidence::said(conn, story, customer)?;
    let is_noted = |row: &FeedbackRow| row.source.parse().is_ok_and(Source::is_noted_by_others);
    let own = said.iter().find(|row| !is_noted(row));
    Ok(own.or(said.first()).map(|row| OwnWords {
        words: own.map(|row| own_text(&row.text).into_owned()),
        at: row.occurred_at.into(),
        language: row.language.clone(),
    }))
}

fn told(conn: &mut Conn, story: &Story, kind: ClosureKind, release: Option<Id>, words: Wording) -> Result<ToldWords> {
    let named = match release {
        Some(release) => frozen_evidence::released_as(conn, story.id, release)?.map(|(name, _)| name),
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
