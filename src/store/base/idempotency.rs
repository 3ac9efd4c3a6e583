//! Stored responses for repeated requests with the same `Idempotency-Key`.

use super::types::{DbId, DbTime};
use super::work::advisory::{self, Hold, Lock};
use crate::domain::base::{Id, Time};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::schema::idempotency_keys as keys;

/// How long a response is kept, in microseconds.
pub const KEPT: i64 = Time::DAY;

/// The identity of a request: the token, the operation, and the key that the caller chose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    /// The token of the caller.
    pub token: Id,
    /// The HTTP method and the address.
    pub operation: String,
    /// The value of the `Idempotency-Key` header.
    pub key: String,
}

/// A stored response.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The SHA-256 of the request's payload.
    pub payload_hash: Vec<u8>,
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// The stored response of this key, if any. On PostgreSQL this also locks the key for the transaction: a concurrent
/// request with the same key is noticed before its row is committed.
///
/// # Errors
/// 409 while such a request is running.
pub fn find(tx: &mut Tx<'_>, key: &IdempotencyKey) -> Result<Option<Kept>> {
    if !advisory::lock(tx.conn, Lock::Of(lock_number(key)), Hold::IfFree)? {
        return Err(Code::IdempotencyInFlight.into());
    }
    let row = keys::table
        .find((DbId(key.token), &key.operation, &key.key))
        .filter(keys::created_at.gt(DbTime(tx.now.plus(-KEPT))))
        .select((keys::payload_hash, keys::status, keys::location, keys::body))
        .first::<(Vec<u8>, i32, Option<String>, String)>(tx.conn)
        .optional()?;
    Ok(row.map(|(payload_hash, status, location, body)| Kept { payload_hash, status: status as u16, location, body }))
}

/// Stores a response, in the transaction that it reports on.
pub fn keep(tx: &mut Tx<'_>, key: &IdempotencyKey, kept: &Kept) -> Result<()> {
    // There may be an expired row with the same key.
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

/// Deletes expired responses. Rows with a time in the future were written by a clock that was ahead: they are dated to
/// now instead of deleted, because a repeated request would otherwise be executed twice.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize> {
    let ahead = keys::table.filter(keys::created_at.gt(DbTime(tx.now)));
    diesel::update(ahead).set(keys::created_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    let old = keys::created_at.le(DbTime(tx.now.plus(-KEPT)));
    Ok(diesel::delete(keys::table.filter(old)).execute(tx.conn)?)
}

fn lock_number(key: &IdempotencyKey) -> i64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new()
        .chain_update(key.token.0.as_bytes())
        .chain_update(&key.operation)
        .chain_update([0])
        .chain_update(&key.key)
        .finalize();
    i64::from_be_bytes(digest[..8].try_into().unwrap_or_default())
}
