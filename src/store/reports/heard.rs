//! Who heard back about what was shipped.

use std::collections::HashMap;

use diesel::dsl::count_star;

use crate::domain::base::{Id, Time};
use crate::domain::closure::{ClosureKind, ClosureState};
use crate::domain::releases::ReleaseState;
use crate::domain::reports::period::Span;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{closures, customers, releases};

/// The most customers who are named at a story.
const MOST: usize = 20;
/// The most closures of which customers are looked up.
const MOST_ROWS: i64 = 2_000;

/// How many customers were told of releases, and answered, in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeardBack {
    pub told: i64,
    pub solved: i64,
    pub not_solved: i64,
}

/// Closures about releases of a product, of all customers or those of an account.
macro_rules! of_releases {
    ($product:expr, $account:expr) => {{
        let mut query = closures::table
            .filter(closures::product_id.eq(DbId($product)))
            .filter(closures::kind.eq(ClosureKind::Release.as_str()))
            .into_boxed();
        if let Some(account) = $account {
            let people = customers::table.filter(customers::account_id.eq(DbId(account))).select(customers::id);
            query = query.filter(closures::customer_id.eq_any(people));
        }
        query
    }};
}

/// Who was told in a period, and who answered in it.
pub fn in_period(conn: &mut Conn, product: Id, account: Option<Id>, span: Span) -> Result<HeardBack> {
    let (from, to) = (DbTime(span.from), DbTime(span.to));
    let told = of_releases!(product, account)
        .filter(closures::told_at.ge(from))
        .filter(closures::told_at.lt(to))
        .count()
        .get_result(conn)?;
    let answered = |conn: &mut Conn, state: ClosureState| -> Result<i64> {
        Ok(of_releases!(product, account)
            .filter(closures::answered_at.ge(from))
            .filter(closures::answered_at.lt(to))
            .filter(closures::state.eq(state.as_str()))
            .count()
            .get_result(conn)?)
    };
    let solved = answered(conn, ClosureState::Confirmed)?;
    let not_solved = answered(conn, ClosureState::Reopened)?;
    Ok(HeardBack { told, solved, not_solved })
}

/// How many closures about releases each of these stories has in each state.
pub fn by_story(
    conn: &mut Conn,
    product: Id,
    account: Option<Id>,
    stories: &[Id],
) -> Result<HashMap<Id, HashMap<ClosureState, i64>>> {
    let ids: Vec<DbId> = stories.iter().map(|id| DbId(*id)).collect();
    let mut of_customers = closures::table
        .filter(closures::product_id.eq(DbId(product)))
        .filter(closures::kind.eq(ClosureKind::Release.as_str()))
        .filter(closures::story_id.eq_any(ids))
        .group_by((closures::story_id, closures::state))
        .select((closures::story_id, closures::state, count_star()))
        .into_boxed();
    if let Some(account) = account {
        let people = customers::table.filter(customers::account_id.eq(DbId(account))).select(customers::id);
        of_customers = of_customers.filter(closures::customer_id.eq_any(people));
    }
    let rows: Vec<(DbId, String, i64)> = of_customers.load(conn)?;
    let mut found: HashMap<Id, HashMap<ClosureState, i64>> = HashMap::new();
    for (story, state, count) in rows {
        found.entry(story.into()).or_default().insert(name(&state)?, count);
    }
    Ok(found)
}

/// Some of the customers who were told of these stories, those who were told last first.
pub fn customers_of(conn: &mut Conn, account: Option<Id>, stories: &[Id]) -> Result<HashMap<Id, Vec<Id>>> {
    let ids: Vec<DbId> = stories.iter().map(|id| DbId(*id)).collect();
    let mut query = closures::table
        .filter(closures::kind.eq(ClosureKind::Release.as_str()))
        .filter(closures::story_id.eq_any(ids))
        .filter(closures::told_at.is_not_null())
        .into_boxed();
    if let Some(account) = account {
        let people = customers::table.filter(customers::account_id.eq(DbId(account))).select(customers::id);
        query = query.filter(closures::customer_id.eq_any(people));
    }
    let rows: Vec<(DbId, DbId)> = query
        .order((closures::told_at.desc(), closures::id.desc()))
        .limit(MOST_ROWS)
        .select((closures::story_id, closures::customer_id))
        .load(conn)?;
    let mut found: HashMap<Id, Vec<Id>> = HashMap::new();
    for (story, customer) in rows {
        let known = found.entry(story.into()).or_default();
        if known.len() < MOST && !known.contains(&Id::from(customer)) {
            known.push(customer.into());
        }
    }
    Ok(found)
}

/// The releases that a product shipped in a period, the latest first.
pub fn shipped_in(conn: &mut Conn, product: Id, span: Span, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::state.eq(ReleaseState::Shipped.as_str()))
        .filter(releases::shipped_at.ge(DbTime(span.from)))
        .filter(releases::shipped_at.lt(DbTime(span.to)))
        .select(releases::id)
        .order((releases::shipped_at.desc(), releases::id.desc()))
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// When the release before this one was shipped.
pub fn shipped_before(conn: &mut Conn, product: Id, before: Time) -> Result<Option<Time>> {
    let at: Option<Option<DbTime>> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::shipped_at.lt(DbTime(before)))
        .select(releases::shipped_at)
        .order(releases::shipped_at.desc())
        .first(conn)
        .optional()?;
    Ok(at.flatten().map(Time::from))
}

/// The releases that were shipped last, with their products: product, id and name.
pub fn newest_shipped(conn: &mut Conn, limit: i64) -> Result<Vec<ShippedRelease>> {
    let rows: Vec<(DbId, DbId, String)> = releases::table
        .filter(releases::state.eq(ReleaseState::Shipped.as_str()))
        .select((releases::product_id, releases::id, releases::name))
        .order((releases::shipped_at.desc(), releases::id.desc()))
        .limit(limit)
        .load(conn)?;
    let release =
        |(product, id, name): (DbId, DbId, String)| ShippedRelease { product: product.into(), id: id.into(), name };
    Ok(rows.into_iter().map(release).collect())
}

/// A release that was shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedRelease {
    pub product: Id,
    pub id: Id,
    pub name: String,
}
