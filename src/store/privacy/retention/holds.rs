//! Legal holds, and erasures that wait for their end.

use std::collections::HashSet;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::privacy::retention::{LegalHold, LegalHoldQuery};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::base::work::advisory::{self, Hold, Lock};
use crate::store::schema::{customers, feedback, legal_holds as holds, waiting_erasures as waiting};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = holds, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    case_name: String,
    reason: String,
    customer_id: Option<DbId>,
    account_id: Option<DbId>,
    product_id: Option<DbId>,
    placed_by: Option<DbId>,
    placed_at: DbTime,
    ended_at: Option<DbTime>,
    ended_by: Option<DbId>,
    version: i32,
}

impl From<&LegalHold> for Row {
    fn from(hold: &LegalHold) -> Self {
        Self {
            id: hold.id.into(),
            case_name: hold.case.clone(),
            reason: hold.reason.clone(),
            customer_id: hold.customer_id.map(DbId),
            account_id: hold.account_id.map(DbId),
            product_id: hold.product_id.map(DbId),
            placed_by: hold.placed_by.map(DbId),
            placed_at: hold.placed_at.into(),
            ended_at: hold.ended_at.map(DbTime),
            ended_by: hold.ended_by.map(DbId),
            version: hold.version,
        }
    }
}

impl From<Row> for LegalHold {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            case: row.case_name,
            reason: row.reason,
            customer_id: row.customer_id.map(Id::from),
            account_id: row.account_id.map(Id::from),
            product_id: row.product_id.map(Id::from),
            placed_by: row.placed_by.map(Id::from),
            placed_at: row.placed_at.into(),
            ended_at: row.ended_at.map(Time::from),
            ended_by: row.ended_by.map(Id::from),
            version: row.version,
        }
    }
}

/// Adds a hold.
pub fn insert(tx: &mut Tx<'_>, hold: &LegalHold) -> Result<()> {
    diesel::insert_into(holds::table).values(&Row::from(hold)).execute(tx.conn)?;
    Ok(())
}

/// Writes a hold's fields.
pub fn update(tx: &mut Tx<'_>, hold: &LegalHold) -> Result<()> {
    let row = Row::from(hold);
    diesel::update(holds::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// A hold.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<LegalHold> {
    let row: Option<Row> = holds::table.find(DbId(id)).first(conn).optional()?;
    row.map(LegalHold::from).ok_or_else(|| Error::not_found("legal hold"))
}

/// The hold with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<LegalHold> {
    lock_row!(tx, holds, id);
    get(tx.conn, id)
}

/// Holds, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &LegalHoldQuery, paging: &Paging) -> Result<Page<LegalHold>> {
    let mut query = holds::table.into_boxed();
    query = match q.active {
        Some(true) => query.filter(holds::ended_at.is_null()),
        Some(false) => query.filter(holds::ended_at.is_not_null()),
        None => query,
    };
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(holds::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(holds::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let found: Vec<LegalHold> = rows.into_iter().map(LegalHold::from).collect();
    Ok(paging.page(found, |hold| vec![hold.id.to_string()]))
}

/// The holds that last.
pub fn active(conn: &mut Conn) -> Result<Vec<LegalHold>> {
    let rows: Vec<Row> = holds::table.filter(holds::ended_at.is_null()).order(holds::id.asc()).load(conn)?;
    Ok(rows.into_iter().map(LegalHold::from).collect())
}

/// Those of these holds that keep a person's data: a hold of one of their customers or accounts, or of a product in which
/// they said something.
pub fn on_person(conn: &mut Conn, lasting: Vec<LegalHold>, people: &[Id]) -> Result<Vec<LegalHold>> {
    if lasting.is_empty() {
        return Ok(lasting);
    }
    let ids = || people.iter().map(|id| DbId(*id));
    let accounts: Vec<Option<DbId>> =
        customers::table.filter(customers::id.eq_any(ids())).select(customers::account_id).load(conn)?;
    let products: Vec<DbId> = feedback::table
        .filter(feedback::customer_id.eq_any(ids().map(Some)))
        .select(feedback::product_id)
        .distinct()
        .load(conn)?;
    let accounts: HashSet<Id> = accounts.into_iter().flatten().map(Id::from).collect();
    let products: HashSet<Id> = products.into_iter().map(Id::from).collect();
    let keeps = |hold: &LegalHold| {
        hold.customer_id.is_some_and(|id| people.contains(&id))
            || hold.account_id.is_some_and(|id| accounts.contains(&id))
            || hold.product_id.is_some_and(|id| products.contains(&id))
    };
    Ok(lasting.into_iter().filter(keeps).collect())
}

/// Moves the holds of one customer to another.
pub fn move_to_customer(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(holds::table.filter(holds::customer_id.eq(Some(DbId(from)))))
        .set(holds::customer_id.eq(Some(DbId(to))))
        .execute(tx.conn)?;
    Ok(())
}

/// An erasure that waits for the end of a hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaitingErasure {
    pub customer: Id,
    pub request: Option<Id>,
}

/// Notes that an erasure waits; false where it does already.
pub fn wait(tx: &mut Tx<'_>, erasure: WaitingErasure) -> Result<bool> {
    let row = (
        waiting::customer_id.eq(DbId(erasure.customer)),
        waiting::request_id.eq(erasure.request.map(DbId)),
        waiting::asked_by.eq(tx.actor.id.map(DbId)),
        waiting::asked_at.eq(DbTime(tx.now)),
    );
    let added = on_each!(tx.conn, c => diesel::insert_into(waiting::table)
        .values(row).on_conflict_do_nothing().execute(c))?;
    if added == 0 && erasure.request.is_some() {
        // A request names the erasure that was asked for without one.
        diesel::update(waiting::table.find(DbId(erasure.customer)))
            .set(waiting::request_id.eq(erasure.request.map(DbId)))
            .execute(tx.conn)?;
    }
    Ok(added > 0)
}

/// The erasures that wait, in the order in which they were asked for.
pub fn waiting(conn: &mut Conn) -> Result<Vec<WaitingErasure>> {
    let rows: Vec<(DbId, Option<DbId>)> = waiting::table
        .select((waiting::customer_id, waiting::request_id))
        .order((waiting::asked_at.asc(), waiting::customer_id.asc()))
        .load(conn)?;
    let erasure = |(customer, request): (DbId, Option<DbId>)| WaitingErasure {
        customer: customer.into(),
        request: request.map(Id::from),
    };
    Ok(rows.into_iter().map(erasure).collect())
}

/// Whether the erasure of a customer waits.
pub fn is_waiting(conn: &mut Conn, customer: Id) -> Result<bool> {
    let row: Option<DbId> = waiting::table.find(DbId(customer)).select(waiting::customer_id).first(conn).optional()?;
    Ok(row.is_some())
}

/// Notes that the erasures of these customers no longer wait.
pub fn waits_no_more(tx: &mut Tx<'_>, customers: &[Id]) -> Result<()> {
    let rows = waiting::customer_id.eq_any(customers.iter().map(|id| DbId(*id)));
    diesel::delete(waiting::table.filter(rows)).execute(tx.conn)?;
    Ok(())
}

/// Waits until no other transaction places a hold, or deletes what one could keep: of two at once, the later one sees
/// what the earlier one wrote. SQLite has one writer anyway.
pub fn take_turns(tx: &mut Tx<'_>, is_placing: bool) -> Result<()> {
    let hold = if is_placing { Hold::Alone } else { Hold::Shared };
    advisory::lock(tx.conn, Lock::Holds, hold).map(drop)
}
