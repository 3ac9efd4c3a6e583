//! What people did to the grouping.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::Tx;
use super::conn::on_each;
use super::schema::{correction_items, corrections};
use super::types::{DbId, DbTime, json as text_of};
use crate::domain::{CorrectionKind, Id};
use crate::error::Result;

/// An act to remember.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    pub kind: CorrectionKind,
    pub product: Id,
    /// The theme acted on: renamed, muted, merged away, split, or moved from.
    pub theme: Option<Id>,
    /// The theme merged into, made by the split, or moved to.
    pub other_theme: Option<Id>,
    /// The story acted on,
    pub story: Option<Id>,
    /// and the one it was marked, or proposed, as a duplicate of.
    pub other_story: Option<Id>,
    /// What undoing needs besides the items; words in it are cleared when a person is erased.
    pub details: Value,
}

impl NewCorrection {
    /// An act that touches nothing yet.
    pub fn new(kind: CorrectionKind, product: Id) -> Self {
        Self { kind, product, theme: None, other_theme: None, story: None, other_story: None, details: json!({}) }
    }
}

/// Where a feedback was before the act, and where it was put.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    pub feedback: Id,
    /// `None`: it was pending, or dismissed.
    pub from: Option<Id>,
    /// `None`: it is pending, or dismissed.
    pub to: Option<Id>,
    pub was_pinned: bool,
    pub was_similarity: Option<f64>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = correction_items)]
struct ItemRow {
    correction_id: DbId,
    feedback_id: DbId,
    from_theme_id: Option<DbId>,
    to_theme_id: Option<DbId>,
    was_pinned: bool,
    was_similarity: Option<f64>,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = corrections)]
struct Row {
    id: DbId,
    product_id: DbId,
    kind: String,
    actor_id: Option<DbId>,
    theme_id: Option<DbId>,
    other_theme_id: Option<DbId>,
    story_id: Option<DbId>,
    other_story_id: Option<DbId>,
    details: String,
    undone_at: Option<DbTime>,
    created_at: DbTime,
}

/// Remembers an act with the feedback it touched; answers the correction's id.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, new: NewCorrection, items: &[Item]) -> Result<Id> {
    let id = Id::next();
    let row = Row {
        id: id.into(),
        product_id: new.product.into(),
        kind: new.kind.as_str().to_owned(),
        actor_id: tx.actor.id.map(DbId),
        theme_id: new.theme.map(DbId),
        other_theme_id: new.other_theme.map(DbId),
        story_id: new.story.map(DbId),
        other_story_id: new.other_story.map(DbId),
        details: text_of(&new.details),
        undone_at: None,
        created_at: DbTime(tx.now),
    };
    on_each!(tx.conn, c => diesel::insert_into(corrections::table).values(&row).execute(c))?;
    let item_row = |item: &Item| ItemRow {
        correction_id: id.into(),
        feedback_id: item.feedback.into(),
        from_theme_id: item.from.map(DbId),
        to_theme_id: item.to.map(DbId),
        was_pinned: item.was_pinned,
        was_similarity: item.was_similarity,
    };
    // Six values a row, 65,535 a statement.
    for items in items.chunks(5_000) {
        let rows: Vec<ItemRow> = items.iter().map(item_row).collect();
        on_each!(tx.conn, c => diesel::insert_into(correction_items::table).values(&rows).execute(c))?;
    }
    Ok(id)
}
