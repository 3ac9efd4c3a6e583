//! Corrections: the changes people made to the grouping.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::sql_query;
use serde_json::{Value, json};

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::themes::{Correction, CorrectionKind, CorrectionQuery};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, UuidSql, json as text_of, name};
use crate::store::schema::{correction_items, corrections, feedback};
use crate::store::team::products;

/// A correction to record.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    pub kind: CorrectionKind,
    pub product: Id,
    /// The theme that was renamed, muted, merged into another, split, or moved from.
    pub theme: Option<Id>,
    /// The theme that was merged into, created by the split, or moved to.
    pub other_theme: Option<Id>,
    /// The story that was changed.
    pub story: Option<Id>,
    /// The story of which it was marked or proposed as a duplicate.
    pub other_story: Option<Id>,
    /// The further data that undoing needs. Texts in it are cleared when a person is erased.
    pub details: Value,
}

impl NewCorrection {
    /// A correction without theme, story or details.
    pub fn new(kind: CorrectionKind, product: Id) -> Self {
        Self { kind, product, theme: None, other_theme: None, story: None, other_story: None, details: json!({}) }
    }
}

/// A feedback's theme before and after the correction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrectionItem {
    pub feedback: Id,
    /// `None`: it was pending or dismissed.
    pub from: Option<Id>,
    /// `None`: it is pending or dismissed.
    pub to: Option<Id>,
    pub was_pinned: bool,
    pub was_similarity: Option<f64>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = correction_items)]
struct CorrectionItemRow {
    correction_id: DbId,
    feedback_id: DbId,
    from_theme_id: Option<DbId>,
    to_theme_id: Option<DbId>,
    was_pinned: bool,
    was_similarity: Option<f64>,
}

impl From<CorrectionItemRow> for CorrectionItem {
    fn from(row: CorrectionItemRow) -> Self {
        CorrectionItem {
            feedback: row.feedback_id.into(),
            from: row.from_theme_id.map(Id::from),
            to: row.to_theme_id.map(Id::from),
            was_pinned: row.was_pinned,
            was_similarity: row.was_similarity,
        }
    }
}

#[derive(Queryable, Insertable)]
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

/// Records a correction with its feedback; answers its id.
pub fn record(tx: &mut Tx<'_>, new: NewCorrection, items: &[CorrectionItem]) -> Result<Id> {
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
    let item_row = |item: &CorrectionItem| CorrectionItemRow {
        correction_id: id.into(),
        feedback_id: item.feedback.into(),
        from_theme_id: item.from.map(DbId),
        to_theme_id: item.to.map(DbId),
        was_pinned: item.was_pinned,
        was_similarity: item.was_similarity,
    };
    // PostgreSQL allows 65,535 parameters per statement, and a row has six.
    for items in items.chunks(5_000) {
        let rows: Vec<CorrectionItemRow> = items.iter().map(item_row).collect();
        on_each!(tx.conn, c => diesel::insert_into(correction_items::table).values(&rows).execute(c))?;
    }
    Ok(id)
}

/// A correction.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Correction> {
    let row = row(conn, id)?;
    show(conn, vec![row])?.pop().ok_or_else(|| Error::not_found("correction"))
}

fn row(conn: &mut Conn, id: Id) -> Result<Row> {
    corrections::table.find(DbId(id)).first(conn).optional()?.ok_or_else(|| Error::not_found("correction"))
}

/// A correction and its details, locked until the commit. SQLite needs no lock: it has one writer.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<(Correction, Value)> {
    if let Conn::Postgres(c) = tx.conn {
        let held = corrections::table.filter(corrections::id.eq(DbId(id))).select(corrections::id);
        held.for_no_key_update().load::<DbId>(c)?;
    }
    let details = serde_json::from_str(&row(tx.conn, id)?.details).unwrap_or_default();
    Ok((get(tx.conn, id)?, details))
}

/// Corrections, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &CorrectionQuery, paging: &Paging) -> Result<Page<Correction>> {
    let mut query = corrections::table.into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(corrections::product_id.eq(DbId(product.id)));
    }
    if let Some(member) = q.member.as_deref().and_then(|id| id.parse::<Id>().ok()) {
        query = query.filter(corrections::actor_id.eq(DbId(member)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(corrections::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(corrections::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(show(conn, rows)?, |c| vec![c.id.to_string()]))
}

fn show(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Correction>> {
    let counts: Vec<(DbId, i64)> = correction_items::table
        .filter(correction_items::correction_id.eq_any(rows.iter().map(|r| r.id)))
        .group_by(correction_items::correction_id)
        .select((correction_items::correction_id, count_star()))
        .load(conn)?;
    let counts: HashMap<DbId, i64> = counts.into_iter().collect();
    let correction = |row: Row| {
        Ok(Correction {
            id: row.id.into(),
            product_id: row.product_id.into(),
            kind: name(&row.kind)?,
            actor_id: row.actor_id.map(Id::from),
            theme_id: row.theme_id.map(Id::from),
            other_theme_id: row.other_theme_id.map(Id::from),
            story_id: row.story_id.map(Id::from),
            other_story_id: row.other_story_id.map(Id::from),
            feedback_count: counts.get(&row.id).copied().unwrap_or_default(),
            undone_at: row.undone_at.map(Time::from),
            created_at: row.created_at.into(),
        })
    };
    rows.into_iter().map(correction).collect()
}

/// The feedback of a correction, ordered by id; at most `limit`.
pub fn items(conn: &mut Conn, id: Id, limit: i64) -> Result<Vec<CorrectionItem>> {
    let own = correction_items::table.filter(correction_items::correction_id.eq(DbId(id)));
    let rows: Vec<CorrectionItemRow> = own.order(correction_items::feedback_id.asc()).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(CorrectionItem::from).collect())
}

/// The theme of a feedback before its latest dismissal by a person, if any.
pub fn last_dismissal(conn: &mut Conn, feedback: Id) -> Result<Option<CorrectionItem>> {
    let dismissals = correction_items::table
        .inner_join(corrections::table.on(corrections::id.eq(correction_items::correction_id)))
        .filter(correction_items::feedback_id.eq(DbId(feedback)))
        .filter(corrections::kind.eq(CorrectionKind::Dismiss.as_str()))
        .filter(corrections::undone_at.is_null())
        .select(CorrectionItemRow::as_select());
    let last = dismissals.order(correction_items::correction_id.desc()).first(conn).optional()?;
    Ok(last.map(CorrectionItem::from))
}

/// The latest correction, not undone, that depends on this one: it changed the same feedback, theme or story later.
pub fn standing_on(conn: &mut Conn, act: &Correction) -> Result<Option<Id>> {
    let later = || {
        corrections::table
            .filter(corrections::product_id.eq(DbId(act.product_id)))
            .filter(corrections::id.gt(DbId(act.id)))
            .filter(corrections::undone_at.is_null())
            .select(corrections::id)
            .order(corrections::id.desc())
    };
    let both = |ids: [Option<Id>; 2]| ids.into_iter().flatten().map(DbId).collect::<Vec<_>>();
    let themes = both([act.theme_id, act.other_theme_id]);
    let kinds = CorrectionKind::ALL.iter().filter(|kind| kind.stands_on(act.kind)).map(|kind| kind.as_str());
    let of_theme: Option<DbId> = later()
        .filter(corrections::kind.eq_any(kinds))
        .filter(corrections::theme_id.eq_any(themes.clone()).or(corrections::other_theme_id.eq_any(themes)))
        .first(conn)
        .optional()?;
    // Two duplicates of the same third story don't depend on each other.
    let stories = both([act.story_id, act.other_story_id]);
    let acted_on = both([act.story_id, None]);
    let of_story: Option<DbId> = later()
        .filter(corrections::story_id.eq_any(stories).or(corrections::other_story_id.eq_any(acted_on)))
        .first(conn)
        .optional()?;
    let of_feedback = touching_same_feedback(conn, act.id)?;
    Ok([of_theme, of_story, of_feedback].into_iter().flatten().max().map(Id::from))
}

#[derive(QueryableByName)]
struct LaterCorrection {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

fn touching_same_feedback(conn: &mut Conn, id: Id) -> Result<Option<DbId>> {
    let later = "SELECT c.id FROM correction_items own \
         JOIN correction_items other ON other.feedback_id = own.feedback_id AND other.correction_id > own.correction_id \
         JOIN corrections c ON c.id = other.correction_id \
         WHERE own.correction_id = $1 AND c.undone_at IS NULL ORDER BY c.id DESC LIMIT 1";
    let found: Option<LaterCorrection> =
        on_each!(conn, c => sql_query(later).bind::<UuidSql, _>(DbId(id)).get_result(c).optional())?;
    Ok(found.map(|found| found.id))
}

/// Marks a correction as undone.
pub fn set_undone(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let undone = corrections::undone_at.eq(Some(DbTime(tx.now)));
    diesel::update(corrections::table.find(DbId(id))).set(undone).execute(tx.conn)?;
    Ok(())
}

/// Moves feedback of a theme (`these` or all) to another theme, pinned. Answers the moved feedback; items not in the
/// theme are skipped.
pub fn put_into(tx: &mut Tx<'_>, from: Id, to: Id, these: Option<&[Id]>) -> Result<Vec<CorrectionItem>> {
    type ThemeMember = (DbId, bool, Option<f64>);
    let columns = (feedback::id, feedback::pinned, feedback::similarity);
    let members = feedback::table.filter(feedback::theme_id.eq(DbId(from))).select(columns);
    let mut rows: Vec<ThemeMember> = match these {
        None => members.load(tx.conn)?,
        Some(ids) => {
            let mut found = Vec::new();
            for ids in ids.chunks(5_000) {
                let these: Vec<ThemeMember> =
                    members.filter(feedback::id.eq_any(ids.iter().map(|id| DbId(*id)))).load(tx.conn)?;
                found.extend(these);
            }
            found
        }
    };
    rows.sort_unstable_by_key(|(id, ..)| *id);
    let item = |(id, was_pinned, was_similarity): (DbId, bool, Option<f64>)| CorrectionItem {
        feedback: id.into(),
        from: Some(from),
        to: Some(to),
        was_pinned,
        was_similarity,
    };
    let moved: Vec<CorrectionItem> = rows.into_iter().map(item).collect();
    for chunk in moved.chunks(5_000) {
        let ids = chunk.iter().map(|item| DbId(item.feedback));
        diesel::update(feedback::table.filter(feedback::id.eq_any(ids)))
            .set((
                feedback::theme_id.eq(Some(DbId(to))),
                feedback::pinned.eq(true),
                feedback::similarity.eq(None::<f64>),
            ))
            .execute(tx.conn)?;
    }
    Ok(moved)
}

/// Moves the feedback of a merge or split back, except items that have left the theme since.
pub fn put_back(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let back = "UPDATE feedback SET theme_id = i.from_theme_id, pinned = i.was_pinned, similarity = i.was_similarity \
         FROM correction_items i \
         WHERE i.correction_id = $1 AND feedback.id = i.feedback_id AND feedback.theme_id = i.to_theme_id";
    on_each!(tx.conn, c => sql_query(back).bind::<UuidSql, _>(DbId(id)).execute(c))?;
    Ok(())
}
