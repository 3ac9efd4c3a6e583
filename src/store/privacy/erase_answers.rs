//! Erasure in stored responses (see `idempotency`) that contain an erased person's data. The keys stay: without its
//! key, a repeated request would be executed again and bring the data back.

use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::idempotency_keys as keys;

/// The number of responses read at a time.
const PAGE: i64 = 500;

/// Clears the stored responses whose body `shows` a person, and deletes the keys that do so themselves.
pub fn clear(tx: &mut Tx<'_>, shows: &dyn Fn(&str) -> bool) -> Result<()> {
    let mut after: Option<(DbId, String, String)> = None;
    loop {
        let mut query = keys::table.select((keys::token_id, keys::operation, keys::key, keys::body)).into_boxed();
        if let Some((token, operation, key)) = after.take() {
            let same = keys::token_id.eq(token).and(keys::operation.eq(operation.clone())).and(keys::key.gt(key));
            let later = keys::token_id.eq(token).and(keys::operation.gt(operation));
            query = query.filter(keys::token_id.gt(token).or(later).or(same));
        }
        let order = (keys::token_id.asc(), keys::operation.asc(), keys::key.asc());
        let rows: Vec<(DbId, String, String, String)> = query.order(order).limit(PAGE).load(tx.conn)?;
        let Some((token, operation, key, _)) = rows.last() else { return Ok(()) };
        after = Some((*token, operation.clone(), key.clone()));
        for (token, operation, key, body) in &rows {
            let row = keys::table.find((token, operation, key));
            if shows(key) {
                diesel::delete(row).execute(tx.conn)?;
            } else if shows(body) {
                let gone = (keys::status.eq(i32::from(Code::Gone.status())), keys::body.eq(""));
                diesel::update(row).set((gone, keys::location.eq(None::<String>))).execute(tx.conn)?;
            }
        }
    }
}
