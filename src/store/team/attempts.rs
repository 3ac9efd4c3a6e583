//! Failed sign-ins, by account and by the address they came from.

use diesel::dsl::{count_star, max};

use crate::domain::base::{Id, Time};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::sign_in_attempts as attempts;

/// Failed sign-ins within some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    pub count: i64,
    pub last: Option<Time>,
}

/// The failures of an account since this time.
pub fn of_account(conn: &mut Conn, account: &[u8], since: Time) -> Result<Failures> {
    let own = attempts::table.filter(attempts::account.eq(account)).filter(attempts::at.gt(DbTime(since)));
    failures(own.select((count_star(), max(attempts::at))).first(conn)?)
}

/// The failures from an address since this time.
pub fn from_address(conn: &mut Conn, address: &str, since: Time) -> Result<Failures> {
    let own = attempts::table.filter(attempts::address.eq(address)).filter(attempts::at.gt(DbTime(since)));
    failures(own.select((count_star(), max(attempts::at))).first(conn)?)
}

fn failures((count, last): (i64, Option<DbTime>)) -> Result<Failures> {
    Ok(Failures { count, last: last.map(Time::from) })
}

/// Notes a failure.
pub fn note(tx: &mut Tx<'_>, account: &[u8], address: &str) -> Result<()> {
    let row = (
        attempts::id.eq(DbId(Id::next())),
        attempts::account.eq(account),
        attempts::address.eq(address),
        attempts::at.eq(DbTime(tx.now)),
    );
    diesel::insert_into(attempts::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Deletes the failures of an account, because its member has signed in.
pub fn forget(tx: &mut Tx<'_>, account: &[u8]) -> Result<()> {
    diesel::delete(attempts::table.filter(attempts::account.eq(account))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the failures before this time.
pub fn sweep(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    diesel::delete(attempts::table.filter(attempts::at.le(DbTime(before)))).execute(tx.conn)?;
    Ok(())
}
