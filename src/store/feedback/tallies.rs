//! How much customers and accounts said, and how many messages to them wait: counts for lists.

use std::collections::HashMap;

use diesel::dsl::{count_star, max};

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureState;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{closures, customers, feedback};

/// The counts of a customer or an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Customers, for an account.
    pub customers: i64,
    /// Items of feedback.
    pub said: i64,
    /// When they said something the last time.
    pub latest: Option<Time>,
    /// Closures that wait until they are told.
    pub waiting: i64,
}

/// The counts of these customers.
pub fn of_customers(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Tally>> {
    let mut found: HashMap<Id, Tally> = HashMap::new();
    let said: Vec<(Option<DbId>, i64, Option<DbTime>)> = feedback::table
        .filter(feedback::customer_id.eq_any(ids.iter().map(|id| DbId(*id))))
        .group_by(feedback::customer_id)
        .select((feedback::customer_id, count_star(), max(feedback::occurred_at)))
        .load(conn)?;
    for (id, count, latest) in said {
        if let Some(id) = id {
            let tally = found.entry(id.into()).or_default();
            (tally.said, tally.latest) = (count, latest.map(Time::from));
        }
    }
    let waiting: Vec<(DbId, i64)> = closures::table
        .filter(closures::customer_id.eq_any(ids.iter().map(|id| DbId(*id))))
        .filter(closures::state.eq(ClosureState::Waiting.as_str()))
        .group_by(closures::customer_id)
        .select((closures::customer_id, count_star()))
        .load(conn)?;
    for (id, count) in waiting {
        found.entry(id.into()).or_default().waiting = count;
    }
    Ok(found)
}

/// The counts of these accounts.
pub fn of_accounts(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Tally>> {
    let mut found: HashMap<Id, Tally> = HashMap::new();
    let wanted = || customers::account_id.eq_any(ids.iter().map(|id| DbId(*id)));
    let people: Vec<(Option<DbId>, i64)> = customers::table
        .filter(wanted())
        .filter(customers::merged_into.is_null())
        .group_by(customers::account_id)
        .select((customers::account_id, count_star()))
        .load(conn)?;
    for (id, count) in people {
        if let Some(id) = id {
            found.entry(id.into()).or_default().customers = count;
        }
    }
    let said: Vec<(Option<DbId>, i64, Option<DbTime>)> = feedback::table
        .inner_join(customers::table.on(feedback::customer_id.eq(customers::id.nullable())))
        .filter(wanted())
        .group_by(customers::account_id)
        .select((customers::account_id, count_star(), max(feedback::occurred_at)))
        .load(conn)?;
    for (id, count, latest) in said {
        if let Some(id) = id {
            let tally = found.entry(id.into()).or_default();
            (tally.said, tally.latest) = (count, latest.map(Time::from));
        }
    }
    let waiting: Vec<(Option<DbId>, i64)> = closures::table
        .inner_join(customers::table.on(closures::customer_id.eq(customers::id)))
        .filter(wanted())
        .filter(closures::state.eq(ClosureState::Waiting.as_str()))
        .group_by(customers::account_id)
        .select((customers::account_id, count_star()))
        .load(conn)?;
    for (id, count) in waiting {
        if let Some(id) = id {
            found.entry(id.into()).or_default().waiting = count;
        }
    }
    Ok(found)
}
