//! Erasure in texts of the team (trials, gates, releases, proposals), which may name a person.

use crate::domain::base::Id;
use crate::domain::feedback::ERASED;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{proposals, release_stories, release_texts, releases, signoffs, story_texts, trials};

/// Removes a person from their trials; the trial itself and its verdict stay.
pub fn clear_trials(tx: &mut Tx<'_>, people: &[Id]) -> Result<()> {
    let theirs = trials::customer_id.eq_any(people.iter().map(|id| Some(DbId(*id))));
    diesel::update(trials::table.filter(theirs))
        .set((
            trials::customer_id.eq(None::<DbId>),
            trials::tried_by.eq(None::<String>),
            trials::note.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The place of a text.
#[derive(Clone, Debug)]
pub enum TextPlace {
    TriedBy(Id),
    TrialNote(Id),
    GateEvidence(Id),
    GateReason(Id),
    ReleaseNotes(Id),
    ReleaseReason(Id),
    ProposalReason(Id),
    /// The changelog entry of a story in a release: release, story.
    Entry(Id, Id),
    /// The title of a story in a language.
    StoryTitle(Id, String),
    StoryEntry(Id, String),
    StoryReason(Id, String),
    /// The notes of a release in a language.
    NotesIn(Id, String),
    ReasonIn(Id, String),
}

/// Every such text with its place.
pub fn all(conn: &mut Conn) -> Result<Vec<(TextPlace, String)>> {
    type Pair = (DbId, Option<String>, Option<String>);
    let mut found = Vec::new();
    let mut add = |rows: Vec<Pair>, first: fn(Id) -> TextPlace, second: fn(Id) -> TextPlace| {
        for (id, one, other) in rows {
            found.extend(one.map(|text| (first(id.into()), text)));
            found.extend(other.map(|text| (second(id.into()), text)));
        }
    };
    add(
        trials::table.select((trials::id, trials::tried_by, trials::note)).load(conn)?,
        TextPlace::TriedBy,
        TextPlace::TrialNote,
    );
    let decided = signoffs::table.select((signoffs::id, signoffs::evidence, signoffs::reason));
    add(decided.load(conn)?, TextPlace::GateEvidence, TextPlace::GateReason);
    let noted = releases::table.select((releases::id, releases::notes, releases::reason));
    add(noted.load(conn)?, TextPlace::ReleaseNotes, TextPlace::ReleaseReason);
    let entries: Vec<(DbId, DbId, Option<String>)> = release_stories::table
        .select((release_stories::release_id, release_stories::story_id, release_stories::entry))
        .load(conn)?;
    let entry = |(release, story, text): (DbId, DbId, Option<String>)| {
        text.map(|text| (TextPlace::Entry(release.into(), story.into()), text))
    };
    found.extend(entries.into_iter().filter_map(entry));
    let rejected: Vec<(DbId, Option<String>)> =
        proposals::table.select((proposals::id, proposals::reason)).load(conn)?;
    found.extend(rejected.into_iter().filter_map(|(id, text)| Some((TextPlace::ProposalReason(id.into()), text?))));
    found.extend(in_languages(conn)?);
    Ok(found)
}

/// The texts of stories and releases in further languages.
fn in_languages(conn: &mut Conn) -> Result<Vec<(TextPlace, String)>> {
    let mut found = Vec::new();
    type OfStory = (DbId, String, Option<String>, Option<String>, Option<String>);
    let rows: Vec<OfStory> = story_texts::table.select(story_texts::all_columns).load(conn)?;
    for (id, language, title, entry, reason) in rows {
        let place = |of: fn(Id, String) -> TextPlace| of(id.into(), language.clone());
        found.extend(title.map(|text| (place(TextPlace::StoryTitle), text)));
        found.extend(entry.map(|text| (place(TextPlace::StoryEntry), text)));
        found.extend(reason.map(|text| (place(TextPlace::StoryReason), text)));
    }
    type OfRelease = (DbId, String, Option<String>, Option<String>);
    let rows: Vec<OfRelease> = release_texts::table.select(release_texts::all_columns).load(conn)?;
    for (id, language, notes, reason) in rows {
        let place = |of: fn(Id, String) -> TextPlace| of(id.into(), language.clone());
        found.extend(notes.map(|text| (place(TextPlace::NotesIn), text)));
        found.extend(reason.map(|text| (place(TextPlace::ReasonIn), text)));
    }
    Ok(found)
}

/// Deletes a text.
pub fn clear(tx: &mut Tx<'_>, place: TextPlace) -> Result<()> {
    let gone = Some(ERASED);
    match place {
        TextPlace::TriedBy(id) => {
            diesel::update(trials::table.find(DbId(id))).set(trials::tried_by.eq(gone)).execute(tx.conn)?
        }
        TextPlace::TrialNote(id) => {
            diesel::update(trials::table.find(DbId(id))).set(trials::note.eq(gone)).execute(tx.conn)?
        }
        TextPlace::GateEvidence(id) => {
            diesel::update(signoffs::table.find(DbId(id))).set(signoffs::evidence.eq(gone)).execute(tx.conn)?
        }
        TextPlace::GateReason(id) => {
            diesel::update(signoffs::table.find(DbId(id))).set(signoffs::reason.eq(gone)).execute(tx.conn)?
        }
        TextPlace::ReleaseNotes(id) => {
            diesel::update(releases::table.find(DbId(id))).set(releases::notes.eq(gone)).execute(tx.conn)?
        }
        TextPlace::ReleaseReason(id) => {
            diesel::update(releases::table.find(DbId(id))).set(releases::reason.eq(gone)).execute(tx.conn)?
        }
        TextPlace::ProposalReason(id) => {
            diesel::update(proposals::table.find(DbId(id))).set(proposals::reason.eq(gone)).execute(tx.conn)?
        }
        TextPlace::Entry(release, story) => {
            let row = release_stories::table.find((DbId(release), DbId(story)));
            diesel::update(row).set(release_stories::entry.eq(gone)).execute(tx.conn)?
        }
        TextPlace::StoryTitle(story, language) => {
            let row = story_texts::table.find((DbId(story), language));
            diesel::update(row).set(story_texts::title.eq(gone)).execute(tx.conn)?
        }
        TextPlace::StoryEntry(story, language) => {
            let row = story_texts::table.find((DbId(story), language));
            diesel::update(row).set(story_texts::entry.eq(gone)).execute(tx.conn)?
        }
        TextPlace::StoryReason(story, language) => {
            let row = story_texts::table.find((DbId(story), language));
            diesel::update(row).set(story_texts::reason.eq(gone)).execute(tx.conn)?
        }
        TextPlace::NotesIn(release, language) => {
            let row = release_texts::table.find((DbId(release), language));
            diesel::update(row).set(release_texts::notes.eq(gone)).execute(tx.conn)?
        }
        TextPlace::ReasonIn(release, language) => {
            let row = release_texts::table.find((DbId(release), language));
            diesel::update(row).set(release_texts::reason.eq(gone)).execute(tx.conn)?
        }
    };
    Ok(())
}
