//! Answers kept for repeats of a request with the same `Idempotency-Key`.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::conn::Conn;
use super::types::{DbId, DbTime};
use crate::domain::base::{Id, Time};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::schema::idempotency_keys as keys;

/// How long an answer is kept, in microseconds.
pub const KEPT: i64 = Time::DAY;

/// Which request: the token, the operation, and the key the caller chose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose request.
    pub token: Id,
    /// The method and the address.
    pub operation: String,
    /// What the caller sent in `Idempotency-Key`.
    pub key: String,
}

/// The kept answer.
#[derive(Clone, Debug)]
pub struct Kept {
    /// SHA-256 of the payload it answered.
    pub payload_hash: Vec<u8>,
    /// HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// The answer kept for this key, if any. On PostgreSQL also takes the key for this transaction, so that a twin that
/// still runs elsewhere is seen although its row is not committed.
///
/// # Errors
/// 409 while such a twin runs.
pub fn find(tx: &mut Tx<'_>, key: &Key) -> Result<Option<Kept>> {
    if let Conn::Postgres(c) = tx.conn {
        let lock = diesel::dsl::sql::<diesel::sql_types::Bool>("pg_try_advisory_xact_lock(")
            .bind::<BigInt, _>(lock_number(key))
            .sql(")");
        let free: bool = diesel::select(lock).get_result(c)?;
        if !free {
            return Err(Code::IdempotencyInFlight.into());
        }
    }
    let row = keys::table
        .find((DbId(key.token), &key.operation, &key.key))
        .filter(keys::created_at.gt(DbTime(tx.now.plus(-KEPT))))
        .select((keys::payload_hash, keys::status, keys::location, keys::body))
        .first::<(Vec<u8>, i32, Option<String>, String)>(tx.conn)
        .optional()?;
    Ok(row.map(|(payload_hash, status, location, body)| Kept { payload_hash, status: status as u16, location, body }))
}

/// Keeps an answer, in the transaction of its effect.
pub fn keep(tx: &mut Tx<'_>, key: &Key, kept: &Kept) -> Result<()> {
    // The row of the same key from more than a day ago.
    diesel::delete(keys::table.find((DbId(key.token), &key.operation, &key.key))).execute(tx.conn)?;
    diesel::insert_into(keys::table)
        .values((
            keys::token_id.eq(DbId(key.token)),
            keys::operation.eq(&key.operation),
            keys::key.eq(&key.key),
            keys::payload_hash.eq(&kept.payload_hash),
            keys::status.eq(i32::from(kept.status)),
            keys::location.eq(&kept.location),
            keys::body.eq(&kept.body),
            keys::created_at.eq(DbTime(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets the answers that are too old. Those from the future were kept by a clock that was ahead: they count from now on,
/// for without them a repeated request would be done twice.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize> {
    let ahead = keys::table.filter(keys::created_at.gt(DbTime(tx.now)));
    diesel::update(ahead).set(keys::created_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    let old = keys::created_at.le(DbTime(tx.now.plus(-KEPT)));
    Ok(diesel::delete(keys::table.filter(old)).execute(tx.conn)?)
}

fn lock_number(key: &Key) -> i64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new()
        .chain_update(key.token.0.as_bytes())
        .chain_update(&key.operation)
        .chain_update([0])
        .chain_update(&key.key)
        .finalize();
    i64::from_be_bytes(digest[..8].try_into().unwrap_or_default())
}
