//! Closures: one row per customer, story and round. A transaction that changes a closure locks its story first (see
//! [`hold`]), because decisions depend on all closures of the round.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists, not};
use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::closure::{Channel, Closure, ClosureKind, ClosureQuery, ClosureState, StoryRef};
use crate::domain::integrations::DeliveryState;
use crate::domain::stories::Story;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::feedback::customers::{self, AccountRow, CustomerRow, mention};
use crate::store::schema::{closures, deliveries, feedback, products, stories, story_evidence, webhooks};
use crate::store::stories::rows as story_store;

/// The most feedback ids that a closure shows.
const LISTED: usize = 20;

/// A row of `closures`.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = closures, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ClosureRow {
    pub id: DbId,
    pub story_id: DbId,
    pub product_id: DbId,
    pub customer_id: DbId,
    pub round: i32,
    pub state: String,
    pub channel: String,
    pub release_id: Option<DbId>,
    pub assignee_id: Option<DbId>,
    pub feedback_id: Option<DbId>,
    pub reason: Option<String>,
    pub told_at: Option<DbTime>,
    pub reminded_at: Option<DbTime>,
    pub answered_at: Option<DbTime>,
    pub expires_at: Option<DbTime>,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    #[serde(default = "release")]
    pub kind: String,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub handed_at: Option<DbTime>,
    #[serde(default)]
    pub send_at: Option<DbTime>,
}

/// The default kind: exports of earlier versions have no kind.
fn release() -> String {
    ClosureKind::Release.as_str().to_owned()
}

impl ClosureRow {
    /// The state of the closure.
    ///
    /// # Errors
    /// 500 where this version does not know the stored name.
    pub fn state(&self) -> Result<ClosureState> {
        name(&self.state)
    }

    /// The message that the closure is about.
    ///
    /// # Errors
    /// 500 where this version does not know the stored name.
    pub fn kind(&self) -> Result<ClosureKind> {
        name(&self.kind)
    }

    /// The channel of the message.
    ///
    /// # Errors
    /// 500 where this version does not know the stored name.
    pub fn channel(&self) -> Result<Channel> {
        name(&self.channel)
    }
}

/// The row of a closure.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<ClosureRow> {
    closures::table.find(DbId(id)).first(conn).optional()?.ok_or_else(|| Error::not_found("closure"))
}

/// A closure and its story, both locked until the commit.
///
/// # Errors
/// 404.
pub fn hold(tx: &mut Tx<'_>, id: Id) -> Result<(Story, ClosureRow)> {
    let story = row(tx.conn, id)?.story_id.into();
    let story = story_store::lock(tx, &[story])?.pop().ok_or_else(|| Error::not_found("story"))?;
    Ok((story, row(tx.conn, id)?))
}

/// Adds closures.
///
/// # Errors
/// 409 where a customer has one in this story and round already.
pub fn insert(tx: &mut Tx<'_>, rows: &[ClosureRow]) -> Result<()> {
    // PostgreSQL allows 65,535 parameters per statement, and a row has 22.
    for rows in rows.chunks(2_000) {
        insert_rows!(tx.conn, closures::table, rows);
    }
    Ok(())
}

/// Writes the current state of a closure.
pub fn update(tx: &mut Tx<'_>, row: &ClosureRow) -> Result<()> {
    diesel::update(closures::table.find(row.id)).set(row).execute(tx.conn)?;
    Ok(())
}

/// All closures of a story, oldest first.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<Vec<ClosureRow>> {
    let own = closures::table.filter(closures::story_id.eq(DbId(story)));
    Ok(own.order(closures::id.asc()).load(conn)?)
}

/// All closures of these stories, oldest first.
pub fn of_stories(conn: &mut Conn, stories: &[Id]) -> Result<Vec<ClosureRow>> {
    let own = closures::table.filter(closures::story_id.eq_any(stories.iter().map(|id| DbId(*id))));
    Ok(own.order(closures::id.asc()).load(conn)?)
}

/// All closures of a customer, oldest first.
pub fn of_customer(conn: &mut Conn, customer: Id) -> Result<Vec<ClosureRow>> {
    let own = closures::table.filter(closures::customer_id.eq(DbId(customer)));
    Ok(own.order(closures::id.asc()).load(conn)?)
}

/// The number of a story's closures in a state.
pub fn count(conn: &mut Conn, story: Id, state: ClosureState) -> Result<i64> {
    let own = closures::table.filter(closures::story_id.eq(DbId(story))).filter(closures::state.eq(state.as_str()));
    Ok(own.count().get_result(conn)?)
}

/// The number of a round's closures in each state; states without closures are left out.
pub fn count_by_state(conn: &mut Conn, story: Id, round: i32) -> Result<Vec<(String, i64)>> {
    let own = closures::table.filter(closures::story_id.eq(DbId(story))).filter(closures::round.eq(round));
    Ok(own.group_by(closures::state).select((closures::state, count_star())).load(conn)?)
}

/// Closures of a product whose customers were told before `told_before`, by mail or desk, and never reminded; oldest
/// first.
pub fn unanswered(conn: &mut Conn, product: Id, told_before: Time, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = closures::table
        .filter(closures::product_id.eq(DbId(product)))
        .filter(closures::state.eq(ClosureState::Told.as_str()))
        // Messages about a decline or a roll-back ask no question.
        .filter(closures::kind.eq(ClosureKind::Release.as_str()))
        .filter(closures::channel.ne(Channel::Agent.as_str()))
        .filter(closures::reminded_at.is_null())
        .filter(closures::told_at.le(DbTime(told_before)))
        .select(closures::id)
        .order(closures::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Closures whose deadline for an answer has passed, oldest first.
pub fn overdue(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = closures::table
        .filter(closures::state.eq(ClosureState::Told.as_str()))
        .filter(closures::expires_at.le(DbTime(now)))
        .select(closures::id)
        .order(closures::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Closures that wait for a mail or a desk since `before` without a delivery in the outbox, because the delivery was
/// given up with its target; and those that a desk accepted before `handed_before` and never reported on. Oldest first.
pub fn stranded(conn: &mut Conn, before: Time, handed_before: Time, limit: i64) -> Result<Vec<Id>> {
    let under_way = deliveries::table
        .filter(deliveries::subject_id.eq(closures::id))
        .filter(deliveries::state.eq(DeliveryState::Pending.as_str()));
    let ids: Vec<DbId> = closures::table
        .filter(closures::state.eq(ClosureState::Waiting.as_str()))
        .filter(closures::channel.ne(Channel::Agent.as_str()))
        .filter(closures::updated_at.le(DbTime(before)))
        .filter(closures::send_at.is_null().or(closures::send_at.le(DbTime(before))))
        .filter(closures::handed_at.is_null().or(closures::handed_at.le(DbTime(handed_before))))
        .filter(not(exists(under_way)))
        .select(closures::id)
        .order(closures::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The active support desk webhooks through which customers of a product can be told, each with the origin of its
/// tickets.
pub fn desks(conn: &mut Conn, product: Id) -> Result<Vec<(Id, String)>> {
    let rows: Vec<(DbId, Option<String>)> = webhooks::table
        .filter(webhooks::active.eq(true))
        .filter(webhooks::desk_origin.is_not_null())
        .filter(webhooks::product_id.is_null().or(webhooks::product_id.eq(DbId(product))))
        .select((webhooks::id, webhooks::desk_origin))
        .order(webhooks::id.asc())
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, origin)| Some((id.into(), origin?))).collect())
}

/// A closure in the form of the API.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Closure> {
    let row = row(conn, id)?;
    show(conn, vec![row])?.pop().ok_or_else(|| Error::not_found("closure"))
}

/// Closures that pass every filter, newest first. `assignee` is the resolved `q.assignee`.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &ClosureQuery, assignee: Option<Option<Id>>, paging: &Paging) -> Result<Page<Closure>> {
    let mut query = closures::table.into_boxed();
    if let Some(name) = &q.product {
        let unknown = || Error::field("/product", "unknown", "is not the key or id of a product");
        let product = crate::store::team::products::find(conn, name)?.ok_or_else(unknown)?;
        query = query.filter(closures::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(closures::state.eq(state.as_str()));
    }
    if let Some(kind) = q.kind {
        query = query.filter(closures::kind.eq(kind.as_str()));
    }
    if let Some(channel) = q.channel {
        query = query.filter(closures::channel.eq(channel.as_str()));
    }
    match assignee {
        Some(Some(member)) => query = query.filter(closures::assignee_id.eq(DbId(member))),
        Some(None) => query = query.filter(closures::assignee_id.is_null()),
        None => {}
    }
    if let Some(story) = q.story {
        query = query.filter(closures::story_id.eq(DbId(story)));
    }
    if let Some(customer) = q.customer {
        query = query.filter(closures::customer_id.eq(DbId(customer)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(closures::id.lt(DbId(after)));
    }
    let rows: Vec<ClosureRow> = query.order(closures::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(show(conn, rows)?, |c| vec![c.id.to_string()]))
}

/// The closures with their stories, customers and feedback ids.
fn show(conn: &mut Conn, rows: Vec<ClosureRow>) -> Result<Vec<Closure>> {
    let story_ids: Vec<Id> = rows.iter().map(|r| r.story_id.into()).collect();
    let customer_ids: Vec<Id> = rows.iter().map(|r| r.customer_id.into()).collect();
    let stories = mentions(conn, &story_ids)?;
    let customers: HashMap<DbId, CustomerRow> =
        customers::by_id(conn, &customer_ids)?.into_iter().map(|row| (row.id, row)).collect();
    let account_ids: Vec<Id> = customers.values().filter_map(|row| row.account_id.map(Id::from)).collect();
    let accounts: HashMap<DbId, AccountRow> =
        customers::accounts_by_id(conn, &account_ids)?.into_iter().map(|row| (row.id, row)).collect();
    let said = evidence_by_customer(conn, &story_ids, &customer_ids)?;
    let missing = || Error::internal("a closure without its story or customer");
    let closure = |row: ClosureRow| {
        let customer = customers.get(&row.customer_id).ok_or_else(missing)?;
        let own = said.get(&(row.story_id, row.customer_id)).into_iter().flatten();
        Ok(Closure {
            id: row.id.into(),
            product_id: row.product_id.into(),
            story: stories.get(&row.story_id.into()).cloned().ok_or_else(missing)?,
            customer: mention(customer, customer.account_id.and_then(|id| accounts.get(&id))),
            round: row.round,
            kind: row.kind()?,
            state: row.state()?,
            channel: row.channel()?,
            release_id: row.release_id.map(Id::from),
            assignee_id: row.assignee_id.map(Id::from),
            said_ids: own.filter(|(_, round)| *round == row.round).map(|(id, _)| *id).take(LISTED).collect(),
            feedback_id: row.feedback_id.map(Id::from),
            reason: row.reason,
            note: row.note,
            send_at: row.send_at.map(Time::from),
            handed_at: row.handed_at.map(Time::from),
            told_at: row.told_at.map(Time::from),
            reminded_at: row.reminded_at.map(Time::from),
            answered_at: row.answered_at.map(Time::from),
            expires_at: row.expires_at.map(Time::from),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    };
    rows.into_iter().map(closure).collect()
}

/// The references to these stories, by id.
pub fn mentions(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, StoryRef>> {
    let rows: Vec<(DbId, i32, String, String)> = stories::table
        .inner_join(products::table.on(stories::product_id.eq(products::id)))
        .filter(stories::id.eq_any(ids.iter().map(|id| DbId(*id))))
        .select((stories::id, stories::number, products::key, stories::title))
        .load(conn)?;
    let story = |(id, number, key, title): (DbId, i32, String, String)| {
        let id = Id::from(id);
        (id, StoryRef { id, number: format!("{key}-{number}"), title })
    };
    Ok(rows.into_iter().map(story).collect())
}

/// Frozen evidence by story and customer: the feedback and its round, newest first.
type EvidenceByCustomer = HashMap<(DbId, DbId), Vec<(Id, i32)>>;

fn evidence_by_customer(conn: &mut Conn, stories: &[Id], customers: &[Id]) -> Result<EvidenceByCustomer> {
    let rows: Vec<(DbId, i32, DbId, Option<DbId>)> = story_evidence::table
        .inner_join(feedback::table.on(feedback::id.eq(story_evidence::feedback_id)))
        .filter(story_evidence::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .filter(feedback::customer_id.eq_any(customers.iter().map(|id| DbId(*id))))
        .select((story_evidence::story_id, story_evidence::round, feedback::id, feedback::customer_id))
        .order((feedback::occurred_at.desc(), feedback::id.desc()))
        .load(conn)?;
    let mut said = EvidenceByCustomer::new();
    for (story, round, feedback, customer) in rows {
        if let Some(customer) = customer {
            said.entry((story, customer)).or_default().push((feedback.into(), round));
        }
    }
    Ok(said)
}
