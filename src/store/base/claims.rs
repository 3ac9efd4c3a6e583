//! The clock by which leases and claims expire, and the check that their end is plausible.
//!
//! Several instances share PostgreSQL, and their clocks may differ, so there the database's clock is used. SQLite has
//! one machine and its clock. A clock may have been ahead when a claim was written: a claim that ends later than a
//! whole term from now is not plausible, and is void.

use diesel::dsl::sql;

use super::conn::Conn;
use super::types::{DbTime, TimeSql};
use crate::clock::Clock;
use crate::domain::base::Time;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::query::*;

/// The tolerance of the plausibility check, in microseconds: clocks are often corrected by fractions of a second, and
/// that must not void a claim.
const SLACK: i64 = Time::SECOND;

/// An end that is in the past for every clock.
pub(in crate::store) const OVER: DbTime = DbTime(Time(0));

/// The current time by the clock that is used for claims.
pub fn now(conn: &mut Conn, clock: &Clock) -> Result<Time> {
    present(conn, clock.now(), clock.turned())
}

/// Like [`now`], inside a transaction.
pub fn now_in(tx: &mut Tx<'_>) -> Result<Time> {
    present(tx.conn, tx.now, tx.turned)
}

fn present(conn: &mut Conn, ours: Time, turned: i64) -> Result<Time> {
    match conn {
        Conn::Sqlite(_) => Ok(ours),
        Conn::Postgres(c) => {
            let now: DbTime = diesel::select(sql::<TimeSql>("clock_timestamp()")).get_result(c)?;
            Ok(now.0.plus(turned))
        }
    }
}

/// Whether a claim of this term that ends at `until` is still valid.
pub fn holds(until: Time, now: Time, term: i64) -> bool {
    until > now && until <= latest(now, term)
}

/// The latest plausible end of a claim of this term.
pub fn latest(now: Time, term: i64) -> Time {
    now.plus(term.saturating_add(SLACK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_holds_for_its_term_and_one_from_a_clock_that_was_ahead_never_does() {
        let (now, term) = (Time(1_000_000 * Time::SECOND), 15 * Time::SECOND);
        let ends_in = |seconds: i64| holds(now.plus(seconds * Time::SECOND), now, term);
        assert!(ends_in(1) && ends_in(15));
        assert!(!ends_in(0) && !ends_in(-3_600), "over");
        assert!(!ends_in(3_600) && !ends_in(13 * 365 * 86_400), "void");
    }
}
