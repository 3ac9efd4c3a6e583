//! Who does what only one instance may do at a time. A lease ends by itself when its holder dies; its fence, a number
//! that grows with each new holder, is checked in every transaction done under it, so that a holder that was only slow
//! can do nothing once another has taken over. By which clock it ends says [`claims`].

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::claims;
use super::conn::{Conn, Prepared};
use super::types::{DbTime, TimeSql};
use crate::clock::Clock;
use crate::domain::base::Time;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::schema::leases;

/// How long a lease is good without renewal.
pub const TERM: i64 = 15 * Time::SECOND;

/// A lease held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: &'static str,
    holder: String,
    fence: i64,
}

/// Takes or renews a lease; `None` where another holds it.
pub fn take(tx: &mut Tx<'_>, name: &'static str, holder: &str) -> Result<Option<Lease>> {
    let now = claims::now_in(tx)?;
    let expires = DbTime(now.plus(TERM));
    let lease = |fence| Some(Lease { name, holder: holder.to_owned(), fence });
    let present: Option<(String, i64, DbTime)> = leases::table
        .find(name)
        .select((leases::holder, leases::fence, leases::expires_at))
        .first(tx.conn)
        .optional()?;
    let Some((by, fence, until)) = present else {
        diesel::insert_into(leases::table)
            .values((
                leases::name.eq(name),
                leases::holder.eq(holder),
                leases::fence.eq(1),
                leases::expires_at.eq(expires),
                leases::taken_at.eq(DbTime(now)),
            ))
            .execute(tx.conn)?;
        return Ok(lease(1));
    };
    // Guarded by what was read: of two that take an expired lease at once, one finds it taken.
    let row = leases::table.find(name).filter(leases::fence.eq(fence)).filter(leases::holder.eq(&by));
    if by == holder {
        let count = diesel::update(row).set(leases::expires_at.eq(expires)).execute(tx.conn)?;
        return Ok(if count > 0 { lease(fence) } else { None });
    }
    if claims::holds(until.0, now, TERM) {
        return Ok(None);
    }
    if until.0 > now {
        tracing::warn!(lease = name, until = %until.0, "taken over: it was to end later than its term, by a clock that was ahead");
    }
    let next = fence + 1;
    let ours = (leases::holder.eq(holder), leases::fence.eq(next), leases::expires_at.eq(expires));
    let count = diesel::update(row).set((ours, leases::taken_at.eq(DbTime(now)))).execute(tx.conn)?;
    Ok(if count > 0 { lease(next) } else { None })
}

/// Makes sure that the lease is still ours, until this transaction ends.
///
/// # Errors
/// Where another has taken it.
pub fn hold(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    // Written, not only read: whoever wants to take it over waits for this transaction.
    let row = leases::table.find(lease.name).filter(leases::fence.eq(lease.fence));
    let row = row.filter(leases::holder.eq(&lease.holder));
    let count = match tx.conn {
        Conn::Sqlite(c) => {
            let renewed = leases::expires_at.eq(DbTime(tx.now.plus(TERM)));
            Prepared(diesel::update(row).set(renewed)).execute(c)?
        }
        Conn::Postgres(c) => {
            let end = sql::<TimeSql>("clock_timestamp() + interval '1 microsecond' * ");
            let renewed = leases::expires_at.eq(end.bind::<BigInt, _>(tx.turned + TERM));
            Prepared(diesel::update(row).set(renewed)).execute(c)?
        }
    };
    if count > 0 { Ok(()) } else { Err(Error::new(Code::Conflict, "Another instance has taken over.")) }
}

/// Who has a lease, for those who operate this.
#[derive(Clone, Debug)]
pub struct Holding {
    /// What only one instance does.
    pub name: String,
    /// Names the holder, differently after each start.
    pub holder: String,
    /// Since when it has it; `None` where an earlier version took it.
    pub since: Option<Time>,
    /// Whether it holds now; otherwise nobody does.
    pub held: bool,
}

/// Every lease there ever was.
pub fn all(conn: &mut Conn, clock: &Clock) -> Result<Vec<Holding>> {
    let now = claims::now(conn, clock)?;
    let columns = (leases::name, leases::holder, leases::taken_at, leases::expires_at);
    let rows: Vec<(String, String, DbTime, DbTime)> =
        leases::table.select(columns).order(leases::name.asc()).load(conn)?;
    let holding = |(name, holder, since, until): (String, String, DbTime, DbTime)| Holding {
        name,
        holder,
        since: (since.0.0 > 0).then_some(since.0),
        held: claims::holds(until.0, now, TERM),
    };
    Ok(rows.into_iter().map(holding).collect())
}

/// Gives a lease back, so that another need not wait for its end.
pub fn release(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    let row = leases::table.find(lease.name).filter(leases::fence.eq(lease.fence));
    diesel::update(row).set(leases::expires_at.eq(claims::OVER)).execute(tx.conn)?;
    Ok(())
}
