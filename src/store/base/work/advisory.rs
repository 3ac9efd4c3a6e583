//! PostgreSQL's advisory locks. Every one of them is taken here, and each but that of migrations ends with its
//! transaction, so that they also work through a pooler in transaction mode. SQLite needs none: it has one writer.

use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool};

use crate::error::Result;
use crate::store::base::conn::{Conn, Prepared};
use crate::store::base::query::*;

/// What a lock keeps apart. Locks of one number wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Lock {
    /// One instance migrates.
    Migrations,
    /// Transactions that add series count them one after the other.
    Series,
    /// Transactions that change dependencies of stories could make a circle together.
    Dependencies,
    /// An access log's chain has one end.
    AccessLog,
    /// Legal holds, and what deletes what one could keep.
    Holds,
    /// What this number stands for: the key of a request, or the target of deliveries.
    Of(i64),
}

impl Lock {
    /// Its number. Every program that uses the database must take the same ones.
    pub fn number(self) -> i64 {
        match self {
            Self::Migrations => 7_203_711,
            Self::Series => 7_203_714,
            Self::Dependencies => 7_203_715,
            Self::AccessLog => 7_203_731,
            Self::Holds => 7_203_740,
            Self::Of(number) => number,
        }
    }
}

/// How a lock is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Hold {
    /// Alone, waiting for the others.
    Alone,
    /// Together with others who share it, waiting for who holds it alone.
    Shared,
    /// Alone, or not at all.
    IfFree,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Takes a lock until the end of the transaction; false where it was to be taken only if it is free, and is not.
pub(in crate::store) fn lock(conn: &mut Conn, lock: Lock, hold: Hold) -> Result<bool> {
    let Conn::Postgres(c) = conn else { return Ok(true) };
    let query = match hold {
        Hold::Alone => "SELECT pg_advisory_xact_lock($1) IS NOT NULL AS taken",
        Hold::Shared => "SELECT pg_advisory_xact_lock_shared($1) IS NOT NULL AS taken",
        Hold::IfFree => "SELECT pg_try_advisory_xact_lock($1) AS taken",
    };
    let query = Prepared(sql_query(query).bind::<BigInt, _>(lock.number()));
    Ok(query.get_result::<Taken>(c)?.taken)
}

/// The statements that take the lock of migrations for a session, and give it back.
pub(in crate::store) fn of_session(lock: Lock) -> [String; 2] {
    ["lock", "unlock"].map(|act| format!("SELECT pg_advisory_{act}({})", lock.number()))
}
