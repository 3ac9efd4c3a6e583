//! Deliveries: the rows of the outbox. Per target, one delivery at a time is sent. Deliveries with the same target and
//! subject go out in order: a later one never becomes due before an earlier one that still waits.

use diesel::dsl::{exists, max, min, not, select, sql};
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;

use crate::clock::Clock;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::integrations::{Attempt, Delivery, DeliveryState, NewDelivery};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::claims;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::base::work::advisory::{self, Hold, Lock};
use crate::store::schema::{deliveries, delivery_attempts as attempts};

/// How long a claim lasts without renewal, in microseconds. After a crash, a delivery in progress is attempted again
/// after this time.
pub const CLAIM: i64 = 15 * Time::SECOND;
/// How long finished deliveries are kept, in microseconds.
const KEPT: i64 = 30 * Time::DAY;
/// The most rows deleted per transaction.
const SWEEP: i64 = 1_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries)]
pub(in crate::store) struct Row {
    id: DbId,
    channel: String,
    target_id: DbId,
    subject_id: DbId,
    event: String,
    body: String,
    state: String,
    attempts: i32,
    next_attempt_at: DbTime,
    last_status: Option<i32>,
    last_error: Option<String>,
    replay_of: Option<DbId>,
    created_at: DbTime,
    ended_at: Option<DbTime>,
}

pub(in crate::store) fn show(row: Row) -> Result<Delivery> {
    let state = name(&row.state)?;
    Ok(Delivery {
        id: row.id.into(),
        message_id: row.replay_of.unwrap_or(row.id).into(),
        channel: row.channel,
        target_id: row.target_id.into(),
        subject_id: row.subject_id.into(),
        event: row.event,
        body: serde_json::from_str(&row.body).map_err(Error::internal)?,
        state,
        attempts: row.attempts,
        next_attempt_at: (state == DeliveryState::Pending).then(|| row.next_attempt_at.into()),
        last_status: row.last_status,
        last_error: row.last_error,
        replay_of: row.replay_of.map(Id::from),
        created_at: row.created_at.into(),
        ended_at: row.ended_at.map(Time::from),
    })
}

/// SQL text instead of a bound value, so that the databases can use their partial indexes.
pub(in crate::store) fn pending() -> SqlLiteral<Bool> {
    sql::<Bool>("state = 'pending'")
}

/// Requested by a person: its first attempt does not wait for the retry of a failing target.
fn by_hand() -> SqlLiteral<Bool> {
    sql::<Bool>("(attempts = 0 AND (replay_of IS NOT NULL OR event = 'webhook.test'))")
}

/// Adds a delivery to the outbox; it goes out after earlier ones of the same target and subject.
pub fn enqueue(tx: &mut Tx<'_>, new: NewDelivery) -> Result<Id> {
    let now = tx.now;
    enqueue_later(tx, new, now)
}

/// Like [`enqueue`], but it goes out no earlier than `earliest`.
pub fn enqueue_later(tx: &mut Tx<'_>, new: NewDelivery, earliest: Time) -> Result<Id> {
    let earliest = earliest.max(tx.now);
    let before: Option<DbTime> = deliveries::table
        .filter(pending())
        .filter(deliveries::target_id.eq(DbId(new.target)))
        .filter(deliveries::subject_id.eq(DbId(new.subject)))
        .filter(deliveries::channel.eq(new.channel))
        .select(max(deliveries::next_attempt_at))
        .first(tx.conn)?;
    let due = before.filter(|_| new.event != "webhook.test").map_or(earliest, |before| before.0.max(earliest));
    let row = Row {
        id: Id::next().into(),
        channel: new.channel.to_owned(),
        target_id: new.target.into(),
        subject_id: new.subject.into(),
        event: new.event,
        body: json(&new.body),
        state: DeliveryState::Pending.as_str().to_owned(),
        attempts: 0,
        next_attempt_at: due.into(),
        last_status: None,
        last_error: None,
        replay_of: None,
        created_at: tx.now.into(),
        ended_at: None,
    };
    diesel::insert_into(deliveries::table).values(&row).execute(tx.conn)?;
    Ok(row.id.into())
}

/// Sends a delivery again now, with the same message id.
pub fn replay(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Id> {
    let row = Row {
        id: Id::next().into(),
        channel: delivery.channel.clone(),
        target_id: delivery.target_id.into(),
        subject_id: delivery.subject_id.into(),
        event: delivery.event.clone(),
        body: json(&delivery.body),
        state: DeliveryState::Pending.as_str().to_owned(),
        attempts: 0,
        next_attempt_at: tx.now.into(),
        last_status: None,
        last_error: None,
        replay_of: Some(delivery.message_id.into()),
        created_at: tx.now.into(),
        ended_at: None,
    };
    diesel::insert_into(deliveries::table).values(&row).execute(tx.conn)?;
    Ok(row.id.into())
}

/// A delivery.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Delivery> {
    let row: Option<Row> = deliveries::table.find(DbId(id)).select(Row::as_select()).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("delivery"))?)
}

/// The attempts of a delivery, oldest first.
pub fn log(conn: &mut Conn, id: Id) -> Result<Vec<Attempt>> {
    type LogColumns = (i32, DbTime, i32, Option<i32>, Option<String>);
    let rows: Vec<LogColumns> = attempts::table
        .filter(attempts::delivery_id.eq(DbId(id)))
        .select((attempts::number, attempts::at, attempts::milliseconds, attempts::status, attempts::error))
        .order(attempts::number.asc())
        .load(conn)?;
    let attempt = |(number, at, milliseconds, status, error): LogColumns| Attempt {
        number,
        at: at.into(),
        milliseconds,
        status,
        error,
    };
    Ok(rows.into_iter().map(attempt).collect())
}

/// The deliveries of a target, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn of_target(conn: &mut Conn, target: Id, state: Option<DeliveryState>, paging: &Paging) -> Result<Page<Delivery>> {
    let mut query =
        deliveries::table.filter(deliveries::target_id.eq(DbId(target))).select(Row::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(deliveries::state.eq(state.as_str()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(deliveries::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(deliveries::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Delivery>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |d| vec![d.id.to_string()]))
}

/// Targets of a channel with a due delivery, the longest waiting first, without those that are `busy`. For targets on
/// `hold`, only deliveries requested by a person count.
pub fn due(conn: &mut Conn, channel: &str, clock: &Clock, busy: &[Id], hold: &[Id], limit: usize) -> Result<Vec<Id>> {
    let (now, claimed) = (clock.now(), claims::now(conn, clock)?);
    let ids = |ids: &[Id]| ids.iter().copied().map(DbId).collect::<Vec<_>>();
    let over = deliveries::claimed_until.le(DbTime(claimed));
    let void = deliveries::claimed_until.gt(DbTime(claims::latest(claimed, CLAIM)));
    let unclaimed = deliveries::claimed_until.is_null().or(over).or(void);
    let mut query = deliveries::table
        .filter(pending())
        .filter(deliveries::channel.eq(channel))
        .filter(deliveries::next_attempt_at.le(DbTime(now)))
        .filter(unclaimed)
        .group_by(deliveries::target_id)
        .select((deliveries::target_id, min(deliveries::next_attempt_at)))
        .into_boxed();
    if !busy.is_empty() {
        query = query.filter(deliveries::target_id.ne_all(ids(busy)));
    }
    if !hold.is_empty() {
        query = query.filter(deliveries::target_id.ne_all(ids(hold)).or(by_hand()));
    }
    let rows: Vec<(DbId, Option<DbTime>)> =
        query.order(min(deliveries::next_attempt_at).asc()).limit(limit as i64).load(conn)?;
    Ok(rows.into_iter().map(|(target, _)| target.into()).collect())
}

/// Claims the next due delivery of a target, unless another delivery of that target is being sent elsewhere.
pub fn claim(tx: &mut Tx<'_>, channel: &str, target: Id, on_hold: bool, instance: &str) -> Result<Option<Delivery>> {
    // Locked, so that two instances can't each claim a delivery of the same target.
    let number = i64::from_be_bytes(target.0.as_bytes()[8..].try_into().unwrap_or_default());
    advisory::lock(tx.conn, Lock::Of(number), Hold::Alone)?;
    let of_target = || {
        let of_channel = deliveries::channel.eq(channel.to_owned());
        deliveries::table.filter(pending()).filter(deliveries::target_id.eq(DbId(target))).filter(of_channel)
    };
    let claimed = claims::now_in(tx)?;
    let under_way = of_target()
        .filter(deliveries::claimed_until.gt(DbTime(claimed)))
        .filter(deliveries::claimed_until.le(DbTime(claims::latest(claimed, CLAIM))));
    if select(exists(under_way)).get_result::<bool>(tx.conn)? {
        return Ok(None);
    }
    let mut due =
        of_target().filter(deliveries::next_attempt_at.le(DbTime(tx.now))).select(Row::as_select()).into_boxed();
    if on_hold {
        due = due.filter(by_hand());
    }
    let row: Option<Row> = due.order(deliveries::id.asc()).first(tx.conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    diesel::update(deliveries::table.find(row.id))
        .set((deliveries::claimed_by.eq(instance), deliveries::claimed_until.eq(DbTime(claimed.plus(CLAIM)))))
        .execute(tx.conn)?;
    show(row).map(Some)
}

/// Renews these claims of an instance.
pub fn renew_claims(tx: &mut Tx<'_>, instance: &str, ids: &[Id]) -> Result<()> {
    let until = claims::now_in(tx)?.plus(CLAIM);
    let ids: Vec<DbId> = ids.iter().copied().map(DbId).collect();
    let own = deliveries::table.filter(deliveries::id.eq_any(ids)).filter(deliveries::claimed_by.eq(instance));
    diesel::update(own.filter(pending())).set(deliveries::claimed_until.eq(DbTime(until))).execute(tx.conn)?;
    Ok(())
}

/// The result of an attempt.
#[derive(Clone, Debug)]
pub struct Attempted {
    /// When the attempt began.
    pub at: Time,
    /// How long it took, in milliseconds.
    pub milliseconds: i32,
    /// The HTTP status.
    pub status: Option<i32>,
    /// Why it failed.
    pub error: Option<String>,
    /// The resulting state of the delivery.
    pub state: DeliveryState,
    /// The time of the next attempt, while it is pending.
    pub next: Time,
}

/// Records an attempt; answers whether the claim was still valid.
pub fn record(tx: &mut Tx<'_>, delivery: &Delivery, instance: &str, attempted: &Attempted) -> Result<bool> {
    let number = delivery.attempts + 1;
    let ended = (attempted.state != DeliveryState::Pending).then_some(DbTime(tx.now));
    let own = deliveries::table.filter(deliveries::id.eq(DbId(delivery.id))).filter(pending());
    let count = diesel::update(own.filter(deliveries::claimed_by.eq(instance)))
        .set((
            deliveries::state.eq(attempted.state.as_str()),
            deliveries::attempts.eq(number),
            deliveries::next_attempt_at.eq(DbTime(attempted.next)),
            deliveries::last_status.eq(attempted.status),
            deliveries::last_error.eq(&attempted.error),
            deliveries::claimed_by.eq(None::<String>),
            deliveries::claimed_until.eq(None::<DbTime>),
            deliveries::ended_at.eq(ended),
        ))
        .execute(tx.conn)?;
    if count == 0 {
        return Ok(false);
    }
    diesel::insert_into(attempts::table)
        .values((
            attempts::delivery_id.eq(DbId(delivery.id)),
            attempts::number.eq(number),
            attempts::at.eq(DbTime(attempted.at)),
            attempts::milliseconds.eq(attempted.milliseconds),
            attempts::status.eq(attempted.status),
            attempts::error.eq(&attempted.error),
        ))
        .execute(tx.conn)?;
    if attempted.state == DeliveryState::Pending {
        // Later deliveries of the same target and subject must not become due earlier.
        let later = deliveries::table
            .filter(pending())
            .filter(deliveries::target_id.eq(DbId(delivery.target_id)))
            .filter(deliveries::id.gt(DbId(delivery.id)))
            .filter(deliveries::subject_id.eq(DbId(delivery.subject_id)))
            .filter(deliveries::channel.eq(&delivery.channel))
            .filter(deliveries::next_attempt_at.lt(DbTime(attempted.next)));
        let later = later.filter(not(by_hand()));
        diesel::update(later).set(deliveries::next_attempt_at.eq(DbTime(attempted.next))).execute(tx.conn)?;
    }
    Ok(true)
}

/// Gives up all deliveries that wait for a target.
pub fn give_up(tx: &mut Tx<'_>, target: Id, why: &str) -> Result<()> {
    let waiting = deliveries::table.filter(pending()).filter(deliveries::target_id.eq(DbId(target)));
    diesel::update(waiting)
        .set((
            deliveries::state.eq(DeliveryState::Dead.as_str()),
            deliveries::last_error.eq(why),
            deliveries::ended_at.eq(DbTime(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether any delivery to a target has succeeded since `since`.
pub fn arrived_since(conn: &mut Conn, target: Id, since: Time) -> Result<bool> {
    let arrived = deliveries::table
        .filter(deliveries::target_id.eq(DbId(target)))
        .filter(deliveries::state.eq(DeliveryState::Delivered.as_str()))
        .filter(deliveries::ended_at.ge(DbTime(since)));
    Ok(select(exists(arrived)).get_result(conn)?)
}

/// Deletes some deliveries that ended more than 30 days ago; answers how many.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize> {
    let old: Vec<DbId> = deliveries::table
        .filter(deliveries::ended_at.le(DbTime(tx.now.plus(-KEPT))))
        .select(deliveries::id)
        .limit(SWEEP)
        .load(tx.conn)?;
    diesel::delete(attempts::table.filter(attempts::delivery_id.eq_any(&old))).execute(tx.conn)?;
    Ok(diesel::delete(deliveries::table.filter(deliveries::id.eq_any(&old))).execute(tx.conn)?)
}
