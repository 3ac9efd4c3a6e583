//! Erasures under legal holds: while one lasts, an erasure waits; when it ends, the erasure runs.

use serde_json::json;

use crate::domain::base::{Id, check_version};
use crate::error::Result;
use crate::store::feedback::customers;
use crate::store::privacy::retention::holds::{self, WaitingErasure};
use crate::store::{Conn, Tx};
use crate::usecase::privacy::erasure;

/// What became of an erasure that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedErasure {
    Done,
    /// A legal hold keeps the data: it runs when the hold ends.
    Waits,
}

/// A customer with all who were merged into them.
fn people(conn: &mut Conn, person: Id) -> Result<Vec<Id>> {
    let merged = customers::merged_into(conn, person)?;
    Ok(merged.into_iter().map(|row| row.id).chain([person]).collect())
}

/// Whether a legal hold keeps a customer's data.
pub fn is_held(conn: &mut Conn, person: Id) -> Result<bool> {
    let lasting = holds::active(conn)?;
    if lasting.is_empty() {
        return Ok(false);
    }
    let people = people(conn, person)?;
    Ok(!holds::on_person(conn, lasting, &people)?.is_empty())
}

/// Erases a customer; where a legal hold keeps the data, the erasure waits for its end. `request` is the request of the
/// person that asks for it.
///
/// # Errors
/// 404, 412.
pub fn ask(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, request: Option<Id>) -> Result<AskedErasure> {
    holds::take_turns(tx, false)?;
    let named = customers::row(tx.conn, id)?;
    check_version(if_match, named.version)?;
    let person = named.person();
    if is_held(tx.conn, person)? {
        if holds::wait(tx, WaitingErasure { customer: person, request })? {
            tx.event("customer.erasure_waits", person, None, json!({ "request_id": request }));
        }
        return Ok(AskedErasure::Waits);
    }
    erasure::customer(tx, id, if_match)?;
    let people = people(tx.conn, person)?;
    holds::waits_no_more(tx, &people)?;
    Ok(AskedErasure::Done)
}
