//! Actions of postmortems.

use std::collections::HashMap;

use super::postmortem_facts::numbers;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::operations::postmortem::action::{ActionCounts, ActionQuery, ActionState, PostmortemAction};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{
    postmortem_action_covers as covers, postmortem_actions as actions, postmortems, products, stories,
};
use crate::store::team::products as stored_products;

/// The most actions of one postmortem, one story or one incident that are read.
const MOST: i64 = 200;

#[derive(Queryable)]
struct Row {
    id: DbId,
    postmortem_id: DbId,
    created_by: Option<DbId>,
    created_at: DbTime,
    incident_id: DbId,
    story_id: DbId,
    story_number: i32,
    title: String,
    stage: String,
    owner_id: Option<DbId>,
    due_at: Option<DbTime>,
    key: String,
}

/// Actions with their stories and postmortems.
macro_rules! rows {
    () => {
        actions::table
            .inner_join(postmortems::table.on(postmortems::id.eq(actions::postmortem_id)))
            .inner_join(stories::table.on(stories::id.eq(actions::story_id)))
            .inner_join(products::table.on(products::id.eq(stories::product_id)))
            .select((
                actions::id,
                actions::postmortem_id,
                actions::created_by,
                actions::created_at,
                postmortems::incident_id,
                stories::id,
                stories::number,
                stories::title,
                stories::stage,
                stories::owner_id,
                stories::due_at,
                products::key,
            ))
    };
}

fn show_all(conn: &mut Conn, rows: Vec<Row>, now: Time) -> Result<Vec<PostmortemAction>> {
    let incidents: Vec<Id> = rows.iter().map(|row| row.incident_id.into()).collect();
    let numbers = numbers(conn, &incidents)?;
    let ids: Vec<DbId> = rows.iter().map(|row| row.id).collect();
    let all: Vec<(DbId, DbId)> = covers::table
        .filter(covers::action_id.eq_any(ids.clone()).or(covers::covered_id.eq_any(ids)))
        .order((covers::action_id.asc(), covers::covered_id.asc()))
        .load(conn)?;
    let (mut covers, mut covered_by): (HashMap<Id, Vec<Id>>, HashMap<Id, Vec<Id>>) = (HashMap::new(), HashMap::new());
    for (action, covered) in all {
        covers.entry(action.into()).or_default().push(covered.into());
        covered_by.entry(covered.into()).or_default().push(action.into());
    }
    let shown = |row: Row| {
        let (id, incident_id, stage) = (Id::from(row.id), Id::from(row.incident_id), name(&row.stage)?);
        let (state, due_at, created_at) = (ActionState::of(stage), row.due_at.map(Time::from), row.created_at.into());
        Ok(PostmortemAction {
            id,
            postmortem_id: row.postmortem_id.into(),
            incident_id,
            incident_number: numbers.get(&incident_id).cloned().unwrap_or_default(),
            story_id: row.story_id.into(),
            story_number: format!("{}-{}", row.key, row.story_number),
            title: row.title,
            stage,
            state,
            owner_id: row.owner_id.map(Id::from),
            due_at,
            overdue: state == ActionState::Open && due_at.is_some_and(|due| due < now),
            age_days: (now.0 - Time::from(row.created_at).0).max(0) / Time::DAY,
            covers: covers.remove(&id).unwrap_or_default(),
            covered_by: covered_by.remove(&id).unwrap_or_default(),
            created_by: row.created_by.map(Id::from),
            created_at,
        })
    };
    let mut shown = shown;
    rows.into_iter().map(&mut shown).collect()
}

/// The actions of postmortems, oldest first.
pub fn of_postmortems(conn: &mut Conn, postmortems: &[Id], now: Time) -> Result<Vec<PostmortemAction>> {
    let ids: Vec<DbId> = postmortems.iter().copied().map(DbId).collect();
    let own = rows!().filter(actions::postmortem_id.eq_any(ids));
    let rows: Vec<Row> = own.order(actions::id.asc()).limit(MOST).load(conn)?;
    show_all(conn, rows, now)
}

/// What a story is in postmortems: the actions that it is, oldest first.
pub fn of_story(conn: &mut Conn, story: Id, now: Time) -> Result<Vec<PostmortemAction>> {
    let own = rows!().filter(actions::story_id.eq(DbId(story)));
    let rows: Vec<Row> = own.order(actions::id.asc()).limit(MOST).load(conn)?;
    show_all(conn, rows, now)
}

/// Those of these actions that a product has.
pub fn known(conn: &mut Conn, product: Id, ids: &[Id], now: Time) -> Result<Vec<PostmortemAction>> {
    let ids: Vec<DbId> = ids.iter().copied().map(DbId).collect();
    let own = rows!().filter(actions::id.eq_any(ids)).filter(postmortems::product_id.eq(DbId(product)));
    let rows: Vec<Row> = own.load(conn)?;
    show_all(conn, rows, now)
}

/// Actions that pass every filter, oldest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &ActionQuery, paging: &Paging, now: Time) -> Result<Page<PostmortemAction>> {
    let mut query = rows!().into_boxed();
    if let Some(product) = stored_products::named(conn, q.product.as_deref())? {
        query = query.filter(postmortems::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(stories::stage.eq_any(stages(state)));
    }
    query = match q.overdue {
        Some(true) => {
            query.filter(stories::due_at.lt(DbTime(now))).filter(stories::stage.eq_any(stages(ActionState::Open)))
        }
        Some(false) => query.filter(
            stories::due_at
                .is_null()
                .or(stories::due_at.ge(DbTime(now)))
                .or(stories::stage.ne_all(stages(ActionState::Open))),
        ),
        None => query,
    };
    if let Some(owner) = q.owner {
        query = query.filter(stories::owner_id.eq(DbId(owner)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(actions::id.gt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(actions::id.asc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show_all(conn, rows, now)?;
    Ok(paging.page(shown, |action| vec![action.id.to_string()]))
}

fn stages(state: ActionState) -> Vec<String> {
    state.stages().into_iter().map(|stage| stage.as_str().to_owned()).collect()
}

/// How many actions are done, of one product or of all.
///
/// # Errors
/// 422 for an unknown product.
pub fn counts(conn: &mut Conn, product: Option<&str>, now: Time) -> Result<ActionCounts> {
    let product = stored_products::named(conn, product)?.map(|product| product.id);
    let mut count = |state: ActionState, overdue: bool| -> Result<i64> {
        let mut query = actions::table
            .inner_join(postmortems::table.on(postmortems::id.eq(actions::postmortem_id)))
            .inner_join(stories::table.on(stories::id.eq(actions::story_id)))
            .filter(stories::stage.eq_any(stages(state)))
            .select(diesel::dsl::count(actions::id))
            .into_boxed();
        if let Some(product) = product {
            query = query.filter(postmortems::product_id.eq(DbId(product)));
        }
        if overdue {
            query = query.filter(stories::due_at.lt(DbTime(now)));
        }
        Ok(query.get_result(conn)?)
    };
    let (open, overdue) = (count(ActionState::Open, false)?, count(ActionState::Open, true)?);
    Ok(ActionCounts::of(open, overdue, count(ActionState::Done, false)?, count(ActionState::Dropped, false)?))
}

/// Adds an action.
pub fn insert(tx: &mut Tx<'_>, id: Id, postmortem: Id, story: Id) -> Result<()> {
    let row = (
        actions::id.eq(DbId(id)),
        actions::postmortem_id.eq(DbId(postmortem)),
        actions::story_id.eq(DbId(story)),
        actions::created_by.eq(tx.actor.id.map(DbId)),
        actions::created_at.eq(DbTime(tx.now)),
    );
    diesel::insert_into(actions::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Notes that an action does what an earlier one was to do.
pub fn cover(tx: &mut Tx<'_>, action: Id, covered: Id) -> Result<()> {
    let row = (covers::action_id.eq(DbId(action)), covers::covered_id.eq(DbId(covered)));
    diesel::insert_into(covers::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Removes an action from its postmortem; its story stays.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let (action, covered) = (covers::action_id.eq(DbId(id)), covers::covered_id.eq(DbId(id)));
    diesel::delete(covers::table.filter(action.or(covered))).execute(tx.conn)?;
    diesel::delete(actions::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}
