//! Leases that instances share: for grouping there is one a product, `grouping:{id}`. So that each instance knows of the
//! others, it has a lease of its own, `instance:{id}`, which it renews together with those of its products. What an instance
//! has not renewed in time is free for the others, and its own lease is deleted by the next one that looks.

use std::collections::BTreeMap;

use super::{Lease, TERM, release, take};
use crate::clock::Clock;
use crate::domain::base::{Id, Time};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::claims;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbTime;
use crate::store::schema::leases;

/// The kind of the lease of a product's grouping: the beginning of its name.
pub const GROUPING: &str = "grouping";
/// The kind of the lease that says that an instance is there.
pub const INSTANCE: &str = "instance";

/// An instance that groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name, which changes at each start.
    pub name: String,
    /// Since when it groups.
    pub since: Time,
}

/// Who groups what.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    /// The instances that are there, the one that has been there longest first.
    pub instances: Vec<Instance>,
    /// The instance that groups each product. A product that nobody groups is left out.
    pub holders: BTreeMap<Id, String>,
    /// Whether there are instances that no longer renew their leases.
    pub has_gone: bool,
}

fn named(kind: &str, of: impl std::fmt::Display) -> String {
    format!("{kind}:{of}")
}

fn pattern(kind: &str) -> String {
    named(kind, "%")
}

/// Who groups what now.
pub fn read(conn: &mut Conn, clock: &Clock) -> Result<Shares> {
    let now = claims::now(conn, clock)?;
    let columns = (leases::name, leases::holder, leases::taken_at, leases::expires_at);
    let shared = leases::table.filter(leases::name.like(pattern(GROUPING)).or(leases::name.like(pattern(INSTANCE))));
    let rows: Vec<(String, String, DbTime, DbTime)> = shared.select(columns).load(conn)?;
    let mut shares = Shares::default();
    for (name, holder, since, until) in rows {
        let holds = claims::holds(until.0, now, TERM);
        match name.split_once(':') {
            Some((INSTANCE, _)) if holds => shares.instances.push(Instance { name: holder, since: since.0 }),
            Some((INSTANCE, _)) => shares.has_gone = true,
            Some((_, product)) if holds => shares.holders.extend(product.parse::<Id>().ok().map(|id| (id, holder))),
            _ => {}
        }
    }
    shares.instances.sort_by(|a, b| (a.since, &a.name).cmp(&(b.since, &b.name)));
    Ok(shares)
}

/// Says that an instance is there, renews all its leases, gives these back and takes those of these products, where nobody
/// has them. Deletes instances that are gone. Answers its own lease, and its products with theirs.
///
/// # Errors
/// 409 where another instance has taken its own lease.
pub fn keep(tx: &mut Tx<'_>, instance: &str, give: &[Lease], want: &[Id]) -> Result<(Lease, BTreeMap<Id, Lease>)> {
    let own = take(tx, &named(INSTANCE, instance), instance)?;
    let own = own.ok_or_else(|| Error::new(Code::Conflict, "Another instance has the name of this one."))?;
    for lease in give {
        release(tx, lease)?;
    }
    let now = claims::now_in(tx)?;
    let ours = || leases::table.filter(leases::holder.eq(instance)).filter(leases::name.like(pattern(GROUPING)));
    let renewed = leases::expires_at.eq(DbTime(now.plus(TERM)));
    diesel::update(ours().filter(leases::expires_at.ne(claims::OVER))).set(renewed).execute(tx.conn)?;
    for product in want {
        take(tx, &named(GROUPING, product), instance)?;
    }
    let gone = leases::expires_at.le(DbTime(now)).or(leases::expires_at.gt(DbTime(claims::latest(now, TERM))));
    let gone = leases::table.filter(leases::name.like(pattern(INSTANCE))).filter(gone);
    diesel::delete(gone).execute(tx.conn)?;
    let held = ours().filter(leases::expires_at.gt(DbTime(now))).select((leases::name, leases::fence));
    let rows: Vec<(String, i64)> = held.load(tx.conn)?;
    let lease = |(name, fence): (String, i64)| {
        let product = name.split_once(':')?.1.parse::<Id>().ok()?;
        Some((product, Lease { name, holder: instance.to_owned(), fence }))
    };
    Ok((own, rows.into_iter().filter_map(lease).collect()))
}

/// Gives back everything that an instance has, so that the others can go on at once.
pub fn leave(tx: &mut Tx<'_>, instance: &str) -> Result<()> {
    let ours = leases::table.filter(leases::holder.eq(instance)).filter(leases::name.like(pattern(GROUPING)));
    diesel::update(ours).set(leases::expires_at.eq(claims::OVER)).execute(tx.conn)?;
    diesel::delete(leases::table.find(named(INSTANCE, instance))).execute(tx.conn)?;
    Ok(())
}

/// Waits until no transaction of grouping runs, and keeps others from beginning until this one ends: for a change that all
/// products must see at once.
pub fn stop_all(tx: &mut Tx<'_>) -> Result<()> {
    // Each transaction of grouping locks the row of its lease; see `hold`.
    let all = leases::table.filter(leases::name.like(pattern(GROUPING)));
    diesel::update(all).set(leases::fence.eq(leases::fence)).execute(tx.conn)?;
    Ok(())
}
