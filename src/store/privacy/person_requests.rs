//! Requests of persons about their data, with the proofs of the answers.

use std::collections::HashMap;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::privacy::person_request::legal_clock::calendar;
use crate::domain::privacy::person_request::{PersonRequest, PersonRequestQuery, ProofKind, RequestProof, RequestRule};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{person_request_proofs as proofs, person_requests as requests};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = requests, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    kind: String,
    state: String,
    customer_id: Option<DbId>,
    contact: Option<String>,
    country: String,
    note: Option<String>,
    received_at: DbTime,
    due_at: DbTime,
    extended_at: Option<DbTime>,
    extension_reason: Option<String>,
    identity_checked_at: Option<DbTime>,
    identity_checked_by: Option<DbId>,
    identity_how: Option<String>,
    outcome: Option<String>,
    refusal_reason: Option<String>,
    ended_at: Option<DbTime>,
    ended_by: Option<DbId>,
    overdue_at: Option<DbTime>,
    filed_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl Row {
    fn of(request: &PersonRequest) -> Self {
        let one = request.clone();
        Self {
            id: one.id.into(),
            kind: one.kind.as_str().to_owned(),
            state: one.state.as_str().to_owned(),
            customer_id: one.customer_id.map(DbId),
            contact: one.contact,
            country: one.country,
            note: one.note,
            received_at: one.received_at.into(),
            due_at: one.due_at.into(),
            extended_at: one.extended_at.map(DbTime),
            extension_reason: one.extension_reason,
            identity_checked_at: one.identity_checked_at.map(DbTime),
            identity_checked_by: one.identity_checked_by.map(DbId),
            identity_how: one.identity_how,
            outcome: one.outcome,
            refusal_reason: one.refusal_reason,
            ended_at: one.ended_at.map(DbTime),
            ended_by: one.ended_by.map(DbId),
            overdue_at: one.overdue_at.map(DbTime),
            filed_by: one.filed_by.map(DbId),
            version: one.version,
            created_at: one.created_at.into(),
            updated_at: one.updated_at.into(),
        }
    }

    fn shown(self, proofs: Vec<RequestProof>, now: Time) -> Result<PersonRequest> {
        let due_at = Time::from(self.due_at);
        Ok(PersonRequest {
            id: self.id.into(),
            kind: name(&self.kind)?,
            state: name(&self.state)?,
            customer_id: self.customer_id.map(Id::from),
            contact: self.contact,
            due_on: calendar(&self.country).date(due_at),
            rule: RequestRule::of(&self.country),
            overdue: self.ended_at.is_none() && due_at < now,
            country: self.country,
            note: self.note,
            received_at: self.received_at.into(),
            due_at,
            extended_at: self.extended_at.map(Time::from),
            extension_reason: self.extension_reason,
            identity_checked_at: self.identity_checked_at.map(Time::from),
            identity_checked_by: self.identity_checked_by.map(Id::from),
            identity_how: self.identity_how,
            outcome: self.outcome,
            refusal_reason: self.refusal_reason,
            ended_at: self.ended_at.map(Time::from),
            ended_by: self.ended_by.map(Id::from),
            overdue_at: self.overdue_at.map(Time::from),
            filed_by: self.filed_by.map(Id::from),
            proofs,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = proofs)]
struct ProofRow {
    id: DbId,
    request_id: DbId,
    kind: String,
    hash: String,
    bytes: i64,
    made_at: DbTime,
    made_by: Option<DbId>,
}

/// Adds a request.
pub fn insert(tx: &mut Tx<'_>, request: &PersonRequest) -> Result<()> {
    diesel::insert_into(requests::table).values(&Row::of(request)).execute(tx.conn)?;
    Ok(())
}

/// Writes a request's fields.
pub fn update(tx: &mut Tx<'_>, request: &PersonRequest) -> Result<()> {
    let row = Row::of(request);
    diesel::update(requests::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Adds a proof.
pub fn prove(tx: &mut Tx<'_>, request: Id, proof: &RequestProof) -> Result<()> {
    let row = ProofRow {
        id: proof.id.into(),
        request_id: request.into(),
        kind: proof.kind.as_str().to_owned(),
        hash: proof.hash.clone(),
        bytes: proof.bytes,
        made_at: proof.made_at.into(),
        made_by: proof.made_by.map(DbId),
    };
    diesel::insert_into(proofs::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// A request as it stands at this time.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id, now: Time) -> Result<PersonRequest> {
    let row: Option<Row> = requests::table.find(DbId(id)).first(conn).optional()?;
    shown(conn, row.into_iter().collect(), now)?.pop().ok_or_else(|| Error::not_found("request"))
}

/// The request with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<PersonRequest> {
    lock_row!(tx, requests, id);
    get(tx.conn, id, tx.now)
}

/// Requests, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &PersonRequestQuery, paging: &Paging, now: Time) -> Result<Page<PersonRequest>> {
    let mut query = requests::table.into_boxed();
    if let Some(kind) = q.kind {
        query = query.filter(requests::kind.eq(kind.as_str()));
    }
    if let Some(state) = q.state {
        query = query.filter(requests::state.eq(state.as_str()));
    }
    if let Some(customer) = q.customer {
        query = query.filter(requests::customer_id.eq(Some(DbId(customer))));
    }
    query = match q.open {
        Some(true) => query.filter(requests::ended_at.is_null()),
        Some(false) => query.filter(requests::ended_at.is_not_null()),
        None => query,
    };
    let late = requests::ended_at.is_null().and(requests::due_at.lt(DbTime(now)));
    query = match q.overdue {
        Some(true) => query.filter(late),
        Some(false) => query.filter(requests::ended_at.is_not_null().or(requests::due_at.ge(DbTime(now)))),
        None => query,
    };
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(requests::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(requests::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = shown(conn, rows, now)?;
    Ok(paging.page(shown, |request| vec![request.id.to_string()]))
}

/// The requests that are not answered, the first due first.
pub fn open(conn: &mut Conn, limit: i64, now: Time) -> Result<Vec<PersonRequest>> {
    let open = requests::table.filter(requests::ended_at.is_null());
    let rows: Vec<Row> = open.order((requests::due_at.asc(), requests::id.asc())).limit(limit).load(conn)?;
    shown(conn, rows, now)
}

/// How many requests are not answered and due before a time.
pub fn count_due(conn: &mut Conn, before: Time) -> Result<i64> {
    let due = requests::table.filter(requests::ended_at.is_null()).filter(requests::due_at.lt(DbTime(before)));
    Ok(due.count().get_result(conn)?)
}

/// The requests of these customers, oldest first.
pub fn of_customers(conn: &mut Conn, customers: &[Id], now: Time) -> Result<Vec<PersonRequest>> {
    let ids = customers.iter().map(|id| Some(DbId(*id)));
    let rows: Vec<Row> =
        requests::table.filter(requests::customer_id.eq_any(ids)).order(requests::id.asc()).load(conn)?;
    shown(conn, rows, now)
}

/// The requests that became late and are not noted as such.
pub fn newly_late(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id>> {
    let late = requests::table
        .filter(requests::ended_at.is_null().and(requests::overdue_at.is_null()))
        .filter(requests::due_at.lt(DbTime(now)));
    let ids: Vec<DbId> = late.order(requests::id.asc()).select(requests::id).limit(limit).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// What an update sets so that nothing personal is left.
macro_rules! nothing_personal {
    () => {
        (
            requests::contact.eq(None::<String>),
            requests::note.eq(None::<String>),
            requests::extension_reason.eq(None::<String>),
            requests::identity_how.eq(None::<String>),
            requests::outcome.eq(None::<String>),
            requests::refusal_reason.eq(None::<String>),
        )
    };
}

/// Removes what is personal from the requests of these customers. The requests and their proofs stay.
pub fn forget(tx: &mut Tx<'_>, customers: &[Id]) -> Result<()> {
    let theirs = requests::customer_id.eq_any(customers.iter().map(|id| Some(DbId(*id))));
    diesel::update(requests::table.filter(theirs)).set(nothing_personal!()).execute(tx.conn)?;
    Ok(())
}

/// Removes what is personal from some requests.
pub(in crate::store) fn clear(tx: &mut Tx<'_>, ids: &[DbId]) -> Result<()> {
    diesel::update(requests::table.filter(requests::id.eq_any(ids))).set(nothing_personal!()).execute(tx.conn)?;
    Ok(())
}

/// Moves the requests of one customer to another.
pub fn move_to_customer(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(requests::table.filter(requests::customer_id.eq(Some(DbId(from)))))
        .set(requests::customer_id.eq(Some(DbId(to))))
        .execute(tx.conn)?;
    Ok(())
}

/// Requests with their proofs, in the order of the rows.
fn shown(conn: &mut Conn, rows: Vec<Row>, now: Time) -> Result<Vec<PersonRequest>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let found: Vec<ProofRow> =
        proofs::table.filter(proofs::request_id.eq_any(ids)).order(proofs::id.asc()).load(conn)?;
    let mut by_request: HashMap<DbId, Vec<RequestProof>> = HashMap::new();
    for row in found {
        by_request.entry(row.request_id).or_default().push(RequestProof {
            id: row.id.into(),
            kind: name::<ProofKind>(&row.kind)?,
            hash: row.hash,
            bytes: row.bytes,
            made_at: row.made_at.into(),
            made_by: row.made_by.map(Id::from),
        });
    }
    let show = |row: Row| {
        let proofs = by_request.remove(&row.id).unwrap_or_default();
        row.shown(proofs, now)
    };
    rows.into_iter().map(show).collect()
}
