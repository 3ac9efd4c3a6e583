//! Texts of stories and releases in further languages of customers.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::stories::{ReleaseText, StoryText, Texts};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{release_texts, story_texts};

/// The most ids per statement.
const CHUNK: usize = 500;

/// The texts of these stories; those without any are left out.
pub fn of_stories(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Texts<StoryText>>> {
    type Columns = (DbId, String, Option<String>, Option<String>, Option<String>);
    let mut found: HashMap<Id, Texts<StoryText>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let own = story_texts::table.filter(story_texts::story_id.eq_any(ids.iter().map(|id| DbId(*id))));
        let columns =
            (story_texts::story_id, story_texts::language, story_texts::title, story_texts::entry, story_texts::reason);
        let rows: Vec<Columns> = own.select(columns).load(conn)?;
        for (story, language, title, entry, reason) in rows {
            found.entry(story.into()).or_default().insert(language, StoryText { title, entry, reason });
        }
    }
    Ok(found)
}

/// Replaces the texts of a story.
pub fn set_of_story(tx: &mut Tx<'_>, story: Id, texts: &Texts<StoryText>) -> Result<()> {
    diesel::delete(story_texts::table.filter(story_texts::story_id.eq(DbId(story)))).execute(tx.conn)?;
    for (language, text) in texts {
        let row = (
            story_texts::story_id.eq(DbId(story)),
            story_texts::language.eq(language),
            story_texts::title.eq(&text.title),
            story_texts::entry.eq(&text.entry),
            story_texts::reason.eq(&text.reason),
        );
        on_each!(tx.conn, c => diesel::insert_into(story_texts::table).values(row).execute(c))?;
    }
    Ok(())
}

/// The texts of these releases; those without any are left out.
pub fn of_releases(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Texts<ReleaseText>>> {
    type Columns = (DbId, String, Option<String>, Option<String>);
    let mut found: HashMap<Id, Texts<ReleaseText>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let own = release_texts::table.filter(release_texts::release_id.eq_any(ids.iter().map(|id| DbId(*id))));
        let columns = (release_texts::release_id, release_texts::language, release_texts::notes, release_texts::reason);
        let rows: Vec<Columns> = own.select(columns).load(conn)?;
        for (release, language, notes, reason) in rows {
            found.entry(release.into()).or_default().insert(language, ReleaseText { notes, reason });
        }
    }
    Ok(found)
}

/// Replaces the texts of a release.
pub fn set_of_release(tx: &mut Tx<'_>, release: Id, texts: &Texts<ReleaseText>) -> Result<()> {
    diesel::delete(release_texts::table.filter(release_texts::release_id.eq(DbId(release)))).execute(tx.conn)?;
    for (language, text) in texts {
        let row = (
            release_texts::release_id.eq(DbId(release)),
            release_texts::language.eq(language),
            release_texts::notes.eq(&text.notes),
            release_texts::reason.eq(&text.reason),
        );
        on_each!(tx.conn, c => diesel::insert_into(release_texts::table).values(row).execute(c))?;
    }
    Ok(())
}
