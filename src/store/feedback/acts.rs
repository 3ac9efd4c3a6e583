//! Acts on many items of feedback, and what each changed.

use std::collections::HashSet;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::feedback::FeedbackQuery;
use crate::domain::feedback::act::{Act, ActProblem, ActState, NewAct};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{act_items, acts};

/// The most refusals that an act shows.
const PROBLEMS: i64 = 20;

#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = acts, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    actor_kind: String,
    actor_id: Option<DbId>,
    act: String,
    input: String,
    state: String,
    total: i64,
    changed: i64,
    unchanged: i64,
    failed: i64,
    undone: i64,
    kept: i64,
    place: Option<DbId>,
    created_at: DbTime,
    finished_at: Option<DbTime>,
    undone_at: Option<DbTime>,
}

/// An act as it is worked on.
#[derive(Clone, Debug)]
pub struct ActRecord {
    pub id: Id,
    /// The kind and the id of who does it.
    pub actor_kind: String,
    pub actor_id: Option<Id>,
    pub input: NewAct,
    /// The filters of an act on all that matches.
    pub filters: Option<FeedbackQuery>,
    /// The products in which the actor may change feedback; `None` for all.
    pub within: Option<Vec<Id>>,
    pub state: ActState,
    pub total: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub failed: i64,
    pub undone: i64,
    pub kept: i64,
    /// The last feedback that was handled, where filters say which.
    pub place: Option<Id>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
    pub undone_at: Option<Time>,
}

/// What an act did to an item.
#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = act_items)]
struct ItemRow {
    act_id: DbId,
    feedback_id: DbId,
    correction_id: Option<DbId>,
    was: Option<String>,
    problem: Option<String>,
    undone: bool,
}

/// A feedback that an act changed, with what undoing it needs; or that it was refused for.
#[derive(Clone, Debug, Default)]
pub struct ActItem {
    pub feedback: Option<Id>,
    /// The correction that the act recorded.
    pub correction: Option<Id>,
    /// JSON of what the act changed, where it recorded no correction.
    pub was: Option<String>,
    /// Why it was refused.
    pub problem: Option<String>,
}

fn row_of(record: &ActRecord) -> Result<Row> {
    Ok(Row {
        id: record.id.into(),
        actor_kind: record.actor_kind.clone(),
        actor_id: record.actor_id.map(DbId),
        act: record.input.act.as_str().to_owned(),
        input: serde_json::to_string(&(&record.input, &record.filters, &record.within)).map_err(Error::internal)?,
        state: record.state.as_str().to_owned(),
        total: record.total,
        changed: record.changed,
        unchanged: record.unchanged,
        failed: record.failed,
        undone: record.undone,
        kept: record.kept,
        place: record.place.map(DbId),
        created_at: record.created_at.into(),
        finished_at: record.finished_at.map(DbTime),
        undone_at: record.undone_at.map(DbTime),
    })
}

fn record_of(row: Row) -> Result<ActRecord> {
    let (input, filters, within) = serde_json::from_str(&row.input).map_err(Error::internal)?;
    Ok(ActRecord {
        id: row.id.into(),
        actor_kind: row.actor_kind,
        actor_id: row.actor_id.map(Id::from),
        input,
        filters,
        within,
        state: name(&row.state)?,
        total: row.total,
        changed: row.changed,
        unchanged: row.unchanged,
        failed: row.failed,
        undone: row.undone,
        kept: row.kept,
        place: row.place.map(Id::from),
        created_at: row.created_at.into(),
        finished_at: row.finished_at.map(Time::from),
        undone_at: row.undone_at.map(Time::from),
    })
}

/// Adds an act.
pub fn insert(tx: &mut Tx<'_>, record: &ActRecord) -> Result<()> {
    diesel::insert_into(acts::table).values(&row_of(record)?).execute(tx.conn)?;
    Ok(())
}

/// Writes how far an act is. What it was to do is forgotten once it is over: filters may hold words about a customer.
pub fn update(tx: &mut Tx<'_>, record: &ActRecord) -> Result<()> {
    let mut record = record.clone();
    if record.state.is_over() {
        let is_matching = record.input.matching.is_some();
        record.input.matching = is_matching.then(String::new);
        record.input.ids = (!is_matching).then(Vec::new);
        record.filters = None;
    }
    let row = row_of(&record)?;
    diesel::update(acts::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// An act, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<ActRecord> {
    lock_row!(tx, acts, id);
    let row: Option<Row> = acts::table.find(DbId(id)).first(tx.conn).optional()?;
    record_of(row.ok_or_else(|| Error::not_found("act"))?)
}

/// The oldest act that is not over, and who does it.
pub fn next_open(conn: &mut Conn) -> Result<Option<ActRecord>> {
    let open = [ActState::Running, ActState::Undoing].map(ActState::as_str);
    let row: Option<Row> = acts::table.filter(acts::state.eq_any(open)).order(acts::id.asc()).first(conn).optional()?;
    row.map(record_of).transpose()
}

/// Notes what an act did to an item.
pub fn note(tx: &mut Tx<'_>, act: Id, feedback: Id, item: ActItem) -> Result<()> {
    let row = ItemRow {
        act_id: act.into(),
        feedback_id: feedback.into(),
        correction_id: item.correction.map(DbId),
        was: item.was,
        problem: item.problem,
        undone: false,
    };
    diesel::insert_into(act_items::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// The changed items of an act that are not undone yet, the latest first: at most `limit`.
pub fn to_undo(conn: &mut Conn, act: Id, limit: i64) -> Result<Vec<ActItem>> {
    let rows: Vec<ItemRow> = act_items::table
        .filter(act_items::act_id.eq(DbId(act)))
        .filter(act_items::undone.eq(false))
        .filter(act_items::problem.is_null())
        .order((act_items::correction_id.desc(), act_items::feedback_id.asc()))
        .limit(limit)
        .load(conn)?;
    let item = |row: ItemRow| ActItem {
        feedback: Some(row.feedback_id.into()),
        correction: row.correction_id.map(Id::from),
        was: row.was,
        problem: row.problem,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Marks an item as undone, or notes why it could not be.
pub fn note_undone(tx: &mut Tx<'_>, act: Id, feedback: Id, problem: Option<String>) -> Result<()> {
    let undone = problem.is_none();
    diesel::update(act_items::table.find((DbId(act), DbId(feedback))))
        .set((act_items::undone.eq(undone), act_items::problem.eq(problem)))
        .execute(tx.conn)?;
    Ok(())
}

/// An act in the form of the API.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Act> {
    let row: Option<Row> = acts::table.find(DbId(id)).first(conn).optional()?;
    let row = row.ok_or_else(|| Error::not_found("act"))?;
    let of_it = act_items::table.filter(act_items::act_id.eq(DbId(id))).filter(act_items::problem.is_not_null());
    let problems: Vec<(DbId, Option<String>)> = of_it
        .select((act_items::feedback_id, act_items::problem))
        .order(act_items::feedback_id.asc())
        .limit(PROBLEMS)
        .load(conn)?;
    let problem = |(feedback_id, detail): (DbId, Option<String>)| {
        Some(ActProblem { feedback_id: feedback_id.into(), detail: detail? })
    };
    Ok(Act { problems: problems.into_iter().filter_map(problem).collect(), ..shown(record_of(row)?) })
}

/// Acts, newest first, without their refusals; those of a member, where one is named.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, member: Option<Id>, paging: &Paging) -> Result<Page<Act>> {
    let mut query = acts::table.into_boxed();
    if let Some(member) = member {
        query = query.filter(acts::actor_id.eq(DbId(member)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(acts::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(acts::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let acts: Result<Vec<Act>> = rows.into_iter().map(|row| record_of(row).map(shown)).collect();
    Ok(paging.page(acts?, |act| vec![act.id.to_string()]))
}

fn shown(record: ActRecord) -> Act {
    Act {
        id: record.id,
        actor_id: record.actor_id,
        act: record.input.act,
        state: record.state,
        theme_id: record.input.theme_id,
        tags: record.input.tags.unwrap_or_default(),
        is_matching: record.input.matching.is_some(),
        total: record.total,
        changed: record.changed,
        unchanged: record.unchanged,
        failed: record.failed,
        undone: record.undone,
        kept: record.kept,
        problems: Vec::new(),
        created_at: record.created_at,
        finished_at: record.finished_at,
        undone_at: record.undone_at,
    }
}

/// Which of these corrections were made by acts.
pub fn of_acts(conn: &mut Conn, corrections: &[Id]) -> Result<HashSet<Id>> {
    let wanted = act_items::correction_id.eq_any(corrections.iter().map(|id| Some(DbId(*id))));
    let rows: Vec<Option<DbId>> = act_items::table.filter(wanted).select(act_items::correction_id).load(conn)?;
    Ok(rows.into_iter().flatten().map(Id::from).collect())
}

/// Forgets what acts did to this feedback: its tags may name the person.
pub fn forget(tx: &mut Tx<'_>, feedback: &[Id]) -> Result<()> {
    for some in feedback.chunks(500) {
        let theirs = act_items::feedback_id.eq_any(some.iter().map(|id| DbId(*id)));
        diesel::delete(act_items::table.filter(theirs)).execute(tx.conn)?;
    }
    Ok(())
}

/// Deletes acts that ended before this time.
pub fn sweep(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let old = acts::table.filter(acts::created_at.lt(DbTime(before))).filter(acts::finished_at.is_not_null());
    let ids: Vec<DbId> = old.select(acts::id).limit(100).load(tx.conn)?;
    diesel::delete(act_items::table.filter(act_items::act_id.eq_any(&ids))).execute(tx.conn)?;
    Ok(diesel::delete(acts::table.filter(acts::id.eq_any(&ids))).execute(tx.conn)?)
}
