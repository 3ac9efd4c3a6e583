//! What the job of retention does, a piece in a transaction: remove what is old, run erasures whose hold has ended, and note
//! what is overdue. Each piece looks anew at rules and holds, and counts what it removed in the same transaction, so that
//! a crash neither loses nor repeats anything.

use serde_json::json;

use super::held_erasure::{self, AskedErasure};
use super::{rules as usecase, words};
use crate::domain::base::{Id, Time};
use crate::domain::privacy::breach::clock::DutyState;
use crate::domain::privacy::retention::{RetentionKind, RetentionRule};
use crate::error::Result;
use crate::store::privacy::retention::holds::{self, WaitingErasure};
use crate::store::privacy::retention::old::{Look, look};
use crate::store::privacy::retention::{removal, rules};
use crate::store::privacy::{breaches, person_requests};
use crate::store::{Conn, Tx};
use crate::usecase::privacy::person_requests as requests;

/// How long a rule rests after nothing was left to remove.
const REST: i64 = 3_600 * Time::SECOND;
/// The requests that are noted as late in one transaction.
const LATE: i64 = 100;

/// How much of a kind is removed in one transaction. The words of a feedback and the data of a person are looked for in
/// every text, so their pieces are small.
fn piece(kind: RetentionKind) -> i64 {
    match kind {
        RetentionKind::FeedbackWords => 50,
        RetentionKind::InactiveCustomers => 1,
        _ => 500,
    }
}

/// The rules that may have something to remove.
pub fn due(conn: &mut Conn, now: Time) -> Result<Vec<Id>> {
    let is_due =
        |rule: &RetentionRule| rule.enabled && rule.finished_at.is_none_or(|at| at.plus(REST) <= now || at > now);
    Ok(rules::all(conn)?.into_iter().filter(is_due).map(|rule| rule.id).collect())
}

/// Removes one piece of what a rule finds; false where nothing was left.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<bool> {
    holds::take_turns(tx, false)?;
    let rule = rules::lock(tx, id)?;
    if !rule.enabled {
        return Ok(false);
    }
    let (reach, before) = (usecase::reach(tx.conn, &rule)?, usecase::before(&rule, tx.now));
    let found = look(tx.conn, rule.kind, &reach, before, Look::Some(piece(rule.kind)))?.ids;
    if found.is_empty() {
        rules::update(tx, &RetentionRule { finished_at: Some(tx.now), ..rule })?;
        return Ok(false);
    }
    match rule.kind {
        RetentionKind::FeedbackWords => words::forget(tx, &found)?,
        RetentionKind::InactiveCustomers => {
            for customer in &found {
                held_erasure::ask(tx, *customer, None, None)?;
            }
        }
        kind => removal::remove(tx, kind, &found).map(drop)?,
    }
    rules::count(tx, &rule, found.len() as i64)?;
    let data = json!({ "kind": rule.kind, "removed": found.len() });
    tx.event("retention_rule.removed", id, rule.product_id, data);
    Ok(true)
}

/// The erasures whose holds have ended.
pub fn released(conn: &mut Conn) -> Result<Vec<WaitingErasure>> {
    let mut free = Vec::new();
    for erasure in holds::waiting(conn)? {
        if !held_erasure::is_held(conn, erasure.customer)? {
            free.push(erasure);
        }
    }
    Ok(free)
}

/// Runs an erasure that waited, and ends the request that asked for it.
pub fn run(tx: &mut Tx<'_>, waited: WaitingErasure) -> Result<()> {
    if !holds::is_waiting(tx.conn, waited.customer)? {
        return Ok(());
    }
    if held_erasure::ask(tx, waited.customer, None, waited.request)? == AskedErasure::Waits {
        return Ok(());
    }
    holds::waits_no_more(tx, &[waited.customer])?;
    if let Some(request) = waited.request {
        requests::erased(tx, request)?;
    }
    Ok(())
}

/// Notes requests that became late; answers how many.
pub fn note_late_requests(tx: &mut Tx<'_>) -> Result<usize> {
    let late = person_requests::newly_late(tx.conn, tx.now, LATE)?;
    for id in &late {
        let mut request = person_requests::lock(tx, *id)?;
        if request.ended_at.is_some() || request.overdue_at.is_some() {
            continue;
        }
        request.overdue_at = Some(tx.now);
        person_requests::update(tx, &request)?;
        let data = json!({ "kind": request.kind, "due_at": request.due_at });
        tx.event("person_request.overdue", *id, None, data);
    }
    Ok(late.len())
}

/// Notes breaches of which a notice became late.
pub fn note_late_breaches(tx: &mut Tx<'_>) -> Result<()> {
    for breach in breaches::open_in_time(tx.conn, tx.now)? {
        let Some(duty) = breach.duties.iter().find(|duty| duty.state == DutyState::Overdue) else { continue };
        let data = json!({ "country": duty.country, "audience": duty.audience, "due_at": duty.due_at });
        let (id, product) = (breach.id, breach.product_id);
        let mut late = breaches::lock(tx, id)?;
        late.overdue_at = Some(tx.now);
        breaches::update(tx, &late)?;
        tx.event("breach.overdue", id, product, data);
    }
    Ok(())
}
