//! Reading the access log.

use std::collections::BTreeSet;

use diesel::dsl::exists;

use super::append::day_of;
use super::rows::Row;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::privacy::access::log::{AccessChain, AccessEntry, AccessQuery};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{access_log, access_people, audit_log, customers};

/// Entries that are read at once.
const PIECE: i64 = 1_000;

/// The entries that match a query, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &AccessQuery, paging: &Paging) -> Result<Page<AccessEntry>> {
    let chain = q.chain.unwrap_or(AccessChain::Reads);
    let mut query = access_log::table.filter(access_log::chain.eq(chain.as_str())).into_boxed();
    if let Some(customer) = q.customer {
        let people = same_person(conn, customer)?;
        let seen = access_people::table
            .filter(access_people::customer_id.eq_any(people.iter().copied().map(DbId).collect::<Vec<_>>()))
            .filter(access_people::day.eq(access_log::day))
            .filter(access_people::who.eq(access_log::who));
        let patterns = people.iter().map(|id| format!("%{}%", id.0.simple()));
        query = query.filter(exists(seen)).filter(any_of(patterns.collect()));
    }
    if let Some(actor) = q.actor {
        query = query.filter(access_log::who.eq(DbId(actor)));
    }
    if let Some(operation) = &q.operation {
        query = query.filter(access_log::operation.eq(operation.clone()));
    }
    if let Some(act) = q.act {
        query = query.filter(access_log::act.eq(act.as_str()));
    }
    if let Some(address) = &q.address {
        query = query.filter(access_log::address.eq(address.clone()));
    }
    query = match q.with_reason {
        Some(true) => query.filter(access_log::reason.is_not_null()),
        Some(false) => query.filter(access_log::reason.is_null()),
        None => query,
    };
    if let Some(since) = q.since {
        query = query.filter(access_log::at.ge(DbTime(since)));
    }
    if let Some(until) = q.until {
        query = query.filter(access_log::at.lt(DbTime(until)));
    }
    if let Some(seq) = paging.key::<i64>(0)? {
        query = query.filter(access_log::seq.lt(seq));
    }
    let rows: Vec<Row> = query.order(access_log::seq.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let entries: Vec<AccessEntry> = rows.into_iter().map(Row::show).collect::<Result<_>>()?;
    Ok(paging.page(entries, |entry| vec![entry.seq.to_string()]))
}

/// A condition that an entry names one of these customers.
type Named = Box<
    dyn diesel::expression::BoxableExpression<
            access_log::table,
            <Conn as Connection>::Backend,
            SqlType = diesel::sql_types::Bool,
        >,
>;

fn any_of(patterns: Vec<String>) -> Named {
    let none: Named = Box::new(access_log::customers.like(""));
    patterns.into_iter().fold(none, |any, pattern| Box::new(any.or(access_log::customers.like(pattern))))
}

/// The ids of a person: the customer, those merged into it, and the one that it was merged into.
fn same_person(conn: &mut Conn, customer: Id) -> Result<Vec<Id>> {
    let into: Option<Option<DbId>> =
        customers::table.find(DbId(customer)).select(customers::merged_into).first(conn).optional()?;
    let person = into.flatten().map_or(customer, Id::from);
    let merged = customers::table.filter(customers::merged_into.eq(Some(DbId(person)))).select(customers::id);
    let merged: Vec<DbId> = merged.load(conn)?;
    let all: BTreeSet<Id> = merged.into_iter().map(Id::from).chain([person, customer]).collect();
    Ok(all.into_iter().collect())
}

/// Reads the entries about customers' data of a time, oldest first, piece by piece.
///
/// # Errors
/// Those of `each`.
pub fn between(
    conn: &mut Conn,
    since: Time,
    until: Time,
    each: &mut dyn FnMut(AccessEntry) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        let rows: Vec<Row> = access_log::table
            .filter(access_log::chain.eq(AccessChain::Reads.as_str()))
            .filter(access_log::seq.gt(after))
            // The day of writing narrows the search down; an entry may be written a little after its access.
            .filter(access_log::day.ge(day_of(since)))
            .filter(access_log::day.le(day_of(until) + 1))
            .order(access_log::seq.asc())
            .limit(PIECE)
            .load(conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        for row in rows.into_iter().filter(|row| (since..until).contains(&Time::from(row.at))) {
            each(row.show()?)?;
        }
    }
}

/// The addresses that each reader used before this time.
pub fn addresses_before(conn: &mut Conn, before: Time) -> Result<BTreeSet<(Option<Id>, String)>> {
    let used = access_log::table
        .filter(access_log::chain.eq(AccessChain::Reads.as_str()))
        .filter(access_log::at.lt(DbTime(before)))
        .select((access_log::who, access_log::address))
        .distinct();
    let used: Vec<(DbId, String)> = used.load(conn)?;
    let reader = |who: DbId| Some(Id::from(who)).filter(|who| !who.0.is_nil());
    Ok(used.into_iter().map(|(who, address)| (reader(who), address)).collect())
}

/// A change of permissions in the audit log.
pub struct PermissionChange {
    pub id: Id,
    pub at: Time,
    pub kind: String,
    pub actor: String,
    pub actor_id: Option<Id>,
    pub subject_id: Option<Id>,
}

/// Changes of permissions since this time that the access log does not have yet, oldest first.
pub fn unlogged(conn: &mut Conn, kinds: &[&str], since: Time) -> Result<Vec<PermissionChange>> {
    type Columns = (DbId, DbTime, String, String, Option<DbId>, Option<DbId>);
    let logged = access_log::table.filter(access_log::source_id.eq(audit_log::id.nullable()));
    let rows: Vec<Columns> = audit_log::table
        .filter(audit_log::kind.eq_any(kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>()))
        .filter(audit_log::at.ge(DbTime(since)))
        .filter(diesel::dsl::not(exists(logged)))
        .order((audit_log::at.asc(), audit_log::id.asc()))
        .select((
            audit_log::id,
            audit_log::at,
            audit_log::kind,
            audit_log::actor,
            audit_log::actor_id,
            audit_log::subject_id,
        ))
        .limit(PIECE)
        .load(conn)?;
    let change = |(id, at, kind, actor, actor_id, subject_id): Columns| PermissionChange {
        id: id.into(),
        at: at.into(),
        kind,
        actor,
        actor_id: actor_id.map(Id::from),
        subject_id: subject_id.map(Id::from),
    };
    Ok(rows.into_iter().map(change).collect())
}

/// The time of the last change of permissions in the access log.
pub fn last_permission(conn: &mut Conn) -> Result<Option<Time>> {
    let of_chain = access_log::table.filter(access_log::chain.eq(AccessChain::Permissions.as_str()));
    let at: Option<DbTime> = of_chain.order(access_log::seq.desc()).select(access_log::at).first(conn).optional()?;
    Ok(at.map(Time::from))
}
