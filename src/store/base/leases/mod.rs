//! Leases: a named job runs on one instance at a time. A lease expires when its holder dies. Each new holder gets a
//! higher fencing token (`fence`), which is checked in every transaction of the job: a holder that was only slow can
//! write nothing once another instance has taken over. [`claims`] says which clock is used.
//!
//! [`shares`] has the leases that instances share among themselves: one a product, for grouping.

pub mod shares;

use diesel::dsl::sql;
use diesel::sql_types::BigInt;

use super::claims;
use super::conn::{Conn, Prepared};
use super::types::{DbTime, TimeSql};
use crate::clock::Clock;
use crate::domain::base::Time;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::schema::leases;

/// How long a lease is valid without renewal, in microseconds.
pub const TERM: i64 = 15 * Time::SECOND;

/// A lease that this instance holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    holder: String,
    fence: i64,
}

/// Takes or renews a lease; `None` where another instance holds it.
pub fn take(tx: &mut Tx<'_>, name: &str, holder: &str) -> Result<Option<Lease>> {
    let now = claims::now_in(tx)?;
    let expires = DbTime(now.plus(TERM));
    let lease = |fence| Some(Lease { name: name.to_owned(), holder: holder.to_owned(), fence });
    let present: Option<(String, i64, DbTime, DbTime)> = leases::table
        .find(name)
        .select((leases::holder, leases::fence, leases::expires_at, leases::taken_at))
        .first(tx.conn)
        .optional()?;
    let Some((by, fence, until, since)) = present else {
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
    // Compare-and-set on the values just read: if two instances take an expired lease at once, one of them fails.
    let row = leases::table.find(name).filter(leases::fence.eq(fence)).filter(leases::holder.eq(&by));
    if by == holder {
        // One that had expired meanwhile is held from now on, not since it was first taken.
        let since = if claims::holds(until.0, now, TERM) { since } else { DbTime(now) };
        let renewed = (leases::expires_at.eq(expires), leases::taken_at.eq(since));
        let count = diesel::update(row).set(renewed).execute(tx.conn)?;
        return Ok(if count > 0 { lease(fence) } else { None });
    }
    if claims::holds(until.0, now, TERM) {
        return Ok(None);
    }
    if until.0 > now {
        tracing::warn!(lease = name, until = %until.0, "lease taken over: its end was later than its term allows, written by a clock that was ahead");
    }
    let next = fence + 1;
    let ours = (leases::holder.eq(holder), leases::fence.eq(next), leases::expires_at.eq(expires));
    let count = diesel::update(row).set((ours, leases::taken_at.eq(DbTime(now)))).execute(tx.conn)?;
    Ok(if count > 0 { lease(next) } else { None })
}

/// Checks that this instance still holds the lease, and locks its row until the transaction ends.
///
/// # Errors
/// 409 where another instance has taken it.
pub fn hold(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    // An update, not only a read: an instance that wants to take over waits for this transaction.
    let row = leases::table.find(&lease.name).filter(leases::fence.eq(lease.fence));
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

/// A lease and its holder, as shown to operators.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The name of the job.
    pub name: String,
    /// The holder; the name changes with each start.
    pub holder: String,
    /// When it was taken; `None` where an earlier version took it.
    pub since: Option<Time>,
    /// Whether the lease is still valid; if not, no instance has it.
    pub held: bool,
}

impl Holding {
    /// What it is a lease of, without the product or the instance: `grouping` for `grouping:019...`. There are few kinds,
    /// however many products and instances there are.
    pub fn kind(&self) -> &str {
        self.name.split_once(':').map_or(self.name.as_str(), |(kind, _)| kind)
    }
}

/// All leases, expired ones included.
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

/// Whether any instance holds a lease at the moment, as each that serves does.
pub fn any_held(conn: &mut Conn, clock: &Clock) -> Result<bool> {
    Ok(all(conn, clock)?.iter().any(|holding| holding.held))
}

/// Releases a lease, so that another instance need not wait until it expires.
pub fn release(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    let row = leases::table.find(&lease.name).filter(leases::fence.eq(lease.fence));
    diesel::update(row).set(leases::expires_at.eq(claims::OVER)).execute(tx.conn)?;
    Ok(())
}
