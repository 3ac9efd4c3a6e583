//! Overrides of the turns of rotas.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::operations::rota::{OverrideState, RotaOverride};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::rota_overrides as overrides;
use crate::store::schema::rota_overrides;

#[derive(Queryable, Insertable)]
#[diesel(table_name = rota_overrides)]
struct Row {
    id: DbId,
    rota_id: DbId,
    member_id: DbId,
    asked_by: Option<DbId>,
    starts_at: DbTime,
    ends_at: DbTime,
    state: String,
    note: Option<String>,
    version: i32,
    created_at: DbTime,
    decided_at: Option<DbTime>,
}

fn show(row: Row) -> Result<RotaOverride> {
    Ok(RotaOverride {
        id: row.id.into(),
        rota_id: row.rota_id.into(),
        member_id: row.member_id.into(),
        asked_by: row.asked_by.map(Id::from),
        starts_at: row.starts_at.into(),
        ends_at: row.ends_at.into(),
        state: name(&row.state)?,
        note: row.note,
        version: row.version,
        created_at: row.created_at.into(),
        decided_at: row.decided_at.map(Time::from),
    })
}

/// Adds an override.
pub fn insert(tx: &mut Tx<'_>, new: &RotaOverride) -> Result<()> {
    let row = Row {
        id: new.id.into(),
        rota_id: new.rota_id.into(),
        member_id: new.member_id.into(),
        asked_by: new.asked_by.map(DbId),
        starts_at: new.starts_at.into(),
        ends_at: new.ends_at.into(),
        state: new.state.as_str().to_owned(),
        note: new.note.clone(),
        version: new.version,
        created_at: new.created_at.into(),
        decided_at: new.decided_at.map(DbTime),
    };
    diesel::insert_into(overrides::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Writes that an override was accepted, declined or withdrawn now.
pub fn decide(tx: &mut Tx<'_>, id: Id, state: OverrideState) -> Result<()> {
    diesel::update(overrides::table.find(DbId(id)))
        .set((
            overrides::state.eq(state.as_str()),
            overrides::version.eq(overrides::version + 1),
            overrides::decided_at.eq(Some(DbTime(tx.now))),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// An override.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<RotaOverride> {
    let row: Option<Row> = overrides::table.find(DbId(id)).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("override"))?)
}

/// The override with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<RotaOverride> {
    lock_row!(tx, rota_overrides, id);
    get(tx.conn, id)
}

/// The overrides of a rota, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, rota: Id, paging: &Paging) -> Result<Page<RotaOverride>> {
    let mut query = overrides::table.filter(overrides::rota_id.eq(DbId(rota))).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(overrides::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(overrides::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<RotaOverride>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |one| vec![one.id.to_string()]))
}

/// The overrides of these rotas in this state that end after a time, in the order in which they were made.
pub fn later(conn: &mut Conn, rotas: &[Id], state: OverrideState, after: Time) -> Result<Vec<RotaOverride>> {
    let rows: Vec<Row> = overrides::table
        .filter(overrides::rota_id.eq_any(rotas.iter().map(|id| DbId(*id))))
        .filter(overrides::state.eq(state.as_str()))
        .filter(overrides::ends_at.gt(DbTime(after)))
        .order(overrides::id.asc())
        .load(conn)?;
    rows.into_iter().map(show).collect()
}
