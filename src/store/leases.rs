//! Who does what only one instance may do at a time. A lease ends by itself when its holder dies; its fence, a number
//! that grows with each new holder, is checked in every transaction done under it, so that a holder that was only slow
//! can do nothing once another has taken over.

use diesel::prelude::*;

use super::Tx;
use super::conn::{Prepared, on_each};
use super::schema::leases;
use super::types::DbTime;
use crate::domain::Time;
use crate::error::{Code, Error, Result};

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
///
/// # Errors
/// Those of the database.
pub fn take(tx: &mut Tx<'_>, name: &'static str, holder: &str) -> Result<Option<Lease>> {
    let expires = DbTime(tx.now.plus(TERM));
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
            ))
            .execute(tx.conn)?;
        return Ok(lease(1));
    };
    if by != holder && until.0 > tx.now {
        return Ok(None);
    }
    let next = if by == holder { fence } else { fence + 1 };
    // Guarded by what was read: of two that take an expired lease at once, one finds it taken.
    let row = leases::table.find(name).filter(leases::fence.eq(fence)).filter(leases::holder.eq(&by));
    let count = diesel::update(row)
        .set((leases::holder.eq(holder), leases::fence.eq(next), leases::expires_at.eq(expires)))
        .execute(tx.conn)?;
    Ok(if count > 0 { lease(next) } else { None })
}

/// Makes sure that the lease is still ours, until this transaction ends.
///
/// # Errors
/// Where another has taken it.
pub fn hold(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    // Written, not only read: whoever wants to take it over waits for this transaction.
    let row = leases::table.find(lease.name).filter(leases::fence.eq(lease.fence));
    let renewed = leases::expires_at.eq(DbTime(tx.now.plus(TERM)));
    let count = on_each!(tx.conn, c =>
        Prepared(diesel::update(row.filter(leases::holder.eq(&lease.holder))).set(renewed)).execute(c))?;
    if count > 0 { Ok(()) } else { Err(Error::new(Code::Conflict, "Another instance has taken over.")) }
}

/// Gives a lease back, so that another need not wait for its end.
///
/// # Errors
/// Those of the database.
pub fn release(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    let row = leases::table.find(lease.name).filter(leases::fence.eq(lease.fence));
    diesel::update(row).set(leases::expires_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    Ok(())
}
