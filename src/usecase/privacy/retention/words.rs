//! Removing the words of old feedback: its texts, and what was made of them. Ids, dates, numbers and themes stay, so that
//! no count changes.

use std::collections::{HashMap, HashSet};

use crate::domain::base::Id;
use crate::domain::privacy::quoting::Traces;
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback::{acts, rows};
use crate::store::privacy::erase;
use crate::store::stories::story_items;
use crate::usecase::privacy::erased_texts;
use crate::usecase::privacy::erasure::{self, OnlyTheirs};
use crate::usecase::team::{form_drafts, notes};

/// Removes the words of these items.
pub fn forget(tx: &mut Tx<'_>, items: &[Id]) -> Result<()> {
    let said = rows::rows(tx.conn, items)?;
    let mut traces = Traces::default();
    for row in &said {
        traces.said(&row.words());
        traces.said(&row.own_words());
    }
    let themes = erasure::themes_of(tx, &said, items)?;
    let theme_ids: Vec<Id> = themes.iter().copied().collect();
    let mut stories: HashSet<Id> = erase::stories_on(tx.conn, &theme_ids)?.into_iter().collect();
    stories.extend(story_items::decided_about(tx.conn, &[], items)?);
    for row in &said {
        erasure::erase_feedback(tx, row, &traces)?;
    }
    erase::vectors(tx, items)?;
    acts::forget(tx, items)?;
    let mut theirs = OnlyTheirs { traces: &traces, known: HashMap::new() };
    erasure::clear_themes(tx, &traces, &themes)?;
    let mut reworded = erasure::clear_stories(tx, &mut theirs, &stories, items)?;
    erasure::clear_facts(tx, &traces, items)?;
    erasure::clear_corrections(tx, &mut theirs)?;
    let notes = notes::forget(tx, &[], items)?;
    let shown = erasure::clear_written(tx, &traces, &[])?;
    reworded.extend(stories.iter().copied().chain(shown.iter().copied()));
    erasure::take_back_texts(tx, reworded)?;
    let mentioned: Vec<Id> =
        shown.into_iter().chain(notes).chain(theme_ids).chain(stories).chain(items.iter().copied()).collect();
    erased_texts::clear(tx, &traces, &[], &mentioned)?;
    form_drafts::forget(tx, &traces, items)
}
