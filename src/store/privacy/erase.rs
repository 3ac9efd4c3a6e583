//! Erasure of a person's data from the tables. `usecase/privacy/erasure.rs` decides what is erased; these functions
//! find and remove it.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::domain::base::Id;
use crate::domain::stories::Criterion;
use crate::domain::stories::stage::Stage;
use crate::domain::themes::ThemeLabels;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, load_each, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, json, name};
use crate::store::schema::{
    correction_items, corrections, erased_feedback, feedback_vectors, stories, story_themes, themes,
};

/// The most ids per statement.
const CHUNK: usize = 500;

pub(in crate::store) fn key_of(origin: &str, external_id: &str) -> Vec<u8> {
    Sha256::new().chain_update(origin).chain_update([0]).chain_update(external_id).finalize().to_vec()
}

/// Stores a hash of the `(origin, external_id)` of an erased feedback, so that it is recognised and stays erased when
/// it is sent again.
pub fn remember(tx: &mut Tx<'_>, origin: &str, external_id: &str, id: Id) -> Result<()> {
    let row = (erased_feedback::key.eq(key_of(origin, external_id)), erased_feedback::feedback_id.eq(DbId(id)));
    on_each!(tx.conn, c => diesel::insert_into(erased_feedback::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The ids of erased feedback among these `(origin, external_id)`.
pub fn erased(conn: &mut Conn, keys: &[(String, String)]) -> Result<HashMap<(String, String), Id>> {
    let hashes: HashMap<Vec<u8>, &(String, String)> = keys.iter().map(|key| (key_of(&key.0, &key.1), key)).collect();
    let query = erased_feedback::table.select((erased_feedback::key, erased_feedback::feedback_id));
    let rows: Vec<(Vec<u8>, DbId)> = load_each!(conn, query, erased_feedback::key, hashes.keys());
    let found = rows.into_iter().filter_map(|(hash, id)| Some(((*hashes.get(&hash)?).clone(), id.into())));
    Ok(found.collect())
}

/// Deletes the engine's data about these items.
pub fn vectors(tx: &mut Tx<'_>, items: &[Id]) -> Result<()> {
    for items in items.chunks(CHUNK) {
        let rows = feedback_vectors::feedback_id.eq_any(items.iter().map(|id| DbId(*id)));
        diesel::delete(feedback_vectors::table.filter(rows)).execute(tx.conn)?;
        crate::store::themes::embeddings::remove(tx, items)?;
        crate::store::themes::strays::remove(tx, items)?;
    }
    Ok(())
}

/// The themes that people moved these items from or to, at any time.
pub fn earlier_themes(conn: &mut Conn, items: &[Id]) -> Result<Vec<Id>> {
    let mut found = Vec::new();
    for items in items.chunks(CHUNK) {
        let rows: Vec<(Option<DbId>, Option<DbId>)> = correction_items::table
            .filter(correction_items::feedback_id.eq_any(items.iter().map(|id| DbId(*id))))
            .select((correction_items::from_theme_id, correction_items::to_theme_id))
            .load(conn)?;
        found.extend(rows.into_iter().flat_map(|(from, to)| [from, to]).flatten().map(Id::from));
    }
    Ok(found)
}

/// The texts of a theme.
#[derive(Clone, Debug)]
pub struct ThemeWords {
    /// The theme.
    pub id: Id,
    /// Its label.
    pub label: String,
    /// Whether a person set the label.
    pub label_set: bool,
    /// Its labels by language.
    pub labels: ThemeLabels,
}

/// The texts of every theme.
pub fn theme_words(conn: &mut Conn) -> Result<Vec<ThemeWords>> {
    let columns = (themes::id, themes::label, themes::label_set, themes::labels);
    let rows: Vec<(DbId, String, bool, String)> = themes::table.select(columns).load(conn)?;
    let words = |(id, label, label_set, labels): (DbId, String, bool, String)| {
        let labels = serde_json::from_str(&labels).unwrap_or_default();
        ThemeWords { id: id.into(), label, label_set, labels }
    };
    Ok(rows.into_iter().map(words).collect())
}

/// Deletes a theme's texts and has them generated again.
pub fn clear_theme(tx: &mut Tx<'_>, words: &ThemeWords) -> Result<()> {
    diesel::update(themes::table.find(DbId(words.id)))
        .set((
            themes::label.eq(&words.label),
            themes::label_set.eq(words.label_set),
            themes::labels.eq(json(&words.labels)),
            themes::keywords.eq("[]"),
            themes::quotes.eq("[]"),
            themes::stale.eq(themes::stale + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The texts of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryWords {
    /// The story.
    pub id: Id,
    pub stage: Stage,
    /// Whether the texts are still those of the built-in draft or a model.
    pub drafted: bool,
    pub title: String,
    pub as_a: String,
    pub i_want: String,
    pub so_that: String,
    pub criteria: Vec<Criterion>,
    pub in_scope: Vec<String>,
    pub out_of_scope: Vec<String>,
    pub stage_reason: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = stories)]
struct StoryRow {
    id: DbId,
    title: String,
    as_a: String,
    i_want: String,
    so_that: String,
    acceptance_criteria: String,
    in_scope: String,
    out_of_scope: String,
    stage: String,
    stage_reason: Option<String>,
    drafted_by: String,
    edited: bool,
}

/// The texts of every story.
///
/// # Errors
/// 500 where a JSON column does not hold a list.
pub fn story_words(conn: &mut Conn) -> Result<Vec<StoryWords>> {
    let rows: Vec<StoryRow> = stories::table.select(StoryRow::as_select()).load(conn)?;
    rows.into_iter().map(words_of).collect()
}

fn words_of(row: StoryRow) -> Result<StoryWords> {
    let list = |text: &str| serde_json::from_str(text).map_err(Error::internal);
    Ok(StoryWords {
        id: row.id.into(),
        stage: name(&row.stage)?,
        drafted: row.drafted_by != "member" && !row.edited,
        title: row.title,
        as_a: row.as_a,
        i_want: row.i_want,
        so_that: row.so_that,
        criteria: serde_json::from_str(&row.acceptance_criteria).map_err(Error::internal)?,
        in_scope: list(&row.in_scope)?,
        out_of_scope: list(&row.out_of_scope)?,
        stage_reason: row.stage_reason,
    })
}

/// The stories that are based on one of these themes.
pub fn stories_on(conn: &mut Conn, themes: &[Id]) -> Result<Vec<Id>> {
    let mut found = Vec::new();
    for themes in themes.chunks(CHUNK) {
        let rows: Vec<DbId> = story_themes::table
            .filter(story_themes::theme_id.eq_any(themes.iter().map(|id| DbId(*id))))
            .select(story_themes::story_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(Id::from));
    }
    Ok(found)
}

/// Writes a story's texts and raises its version, so that a person who still edits the old ones can't write them back.
pub fn rewrite_story(tx: &mut Tx<'_>, words: &StoryWords) -> Result<()> {
    diesel::update(stories::table.find(DbId(words.id)))
        .set((
            stories::title.eq(&words.title),
            stories::as_a.eq(&words.as_a),
            stories::i_want.eq(&words.i_want),
            stories::so_that.eq(&words.so_that),
            stories::acceptance_criteria.eq(json(&words.criteria)),
            stories::in_scope.eq(json(&words.in_scope)),
            stories::out_of_scope.eq(json(&words.out_of_scope)),
            stories::stage_reason.eq(&words.stage_reason),
            stories::version.eq(stories::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The details of every correction, with its id.
pub fn correction_details(conn: &mut Conn) -> Result<Vec<(Id, serde_json::Value)>> {
    let rows: Vec<(DbId, String)> = corrections::table
        .filter(corrections::details.ne("{}"))
        .select((corrections::id, corrections::details))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, details)| (id.into(), serde_json::from_str(&details).unwrap_or_default())).collect())
}

/// Writes the details of a correction.
pub fn rewrite_correction(tx: &mut Tx<'_>, id: Id, details: &serde_json::Value) -> Result<()> {
    diesel::update(corrections::table.find(DbId(id))).set(corrections::details.eq(json(details))).execute(tx.conn)?;
    Ok(())
}
