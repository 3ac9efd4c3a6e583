//! Closures: one row per customer, story and round. A transaction that changes a closure locks its story first (see
//! [`hold`]), because decisions depend on all closures of the round.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists, not};

pub(in crate::store) use super::closure_row::ClosureRow;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::closure::{Channel, Closure, ClosureKind, ClosureQuery, ClosureRecord, ClosureState, StoryRef};
use crate::domain::feedback::{Account, AccountRef, CustomerRecord};
use crate::domain::integrations::DeliveryState;
use crate::domain::stories::Story;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::feedback::customers;
use crate::store::schema::{
    closures, customers as people, deliveries, feedback, products, stories, story_evidence, webhooks,
};
use crate::store::stories::rows as story_store;
use crate::store::team;

/// The most feedback ids that a closure shows.
const LISTED: usize = 20;

/// A closure as it is stored.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<ClosureRecord> {
    let row: Option<ClosureRow> = closures::table.find(DbId(id)).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("closure"))?.try_into()
}

/// These rows as records.
fn records(rows: Vec<ClosureRow>) -> Result<Vec<ClosureRecord>> {
    rows.into_iter().map(ClosureRecord::try_from).collect()
}

/// A closure and its story, both locked until the commit.
///
/// # Errors
/// 404.
pub fn hold(tx: &mut Tx<'_>, id: Id) -> Result<(Story, ClosureRecord)> {
    let story = row(tx.conn, id)?.story_id;
    let story = story_store::lock(tx, &[story])?.pop().ok_or_else(|| Error::not_found("story"))?;
    Ok((story, row(tx.conn, id)?))
}

/// Adds closures.
///
/// # Errors
/// 409 where a customer has one in this story and round already.
pub fn insert(tx: &mut Tx<'_>, new: &[ClosureRecord]) -> Result<()> {
    let rows: Vec<ClosureRow> = new.iter().map(ClosureRow::from).collect();
    // PostgreSQL allows 65,535 parameters per statement, and a row has 22.
    for rows in rows.chunks(2_000) {
        insert_rows!(tx.conn, closures::table, rows);
    }
    Ok(())
}

/// Writes the current state of a closure.
pub fn update(tx: &mut Tx<'_>, closure: &ClosureRecord) -> Result<()> {
    let row = ClosureRow::from(closure);
    diesel::update(closures::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// All closures of a story, oldest first.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<Vec<ClosureRecord>> {
    let own = closures::table.filter(closures::story_id.eq(DbId(story)));
    records(own.order(closures::id.asc()).load(conn)?)
}

/// All closures of these stories, oldest first.
pub fn of_stories(conn: &mut Conn, stories: &[Id]) -> Result<Vec<ClosureRecord>> {
    let own = closures::table.filter(closures::story_id.eq_any(stories.iter().map(|id| DbId(*id))));
    records(own.order(closures::id.asc()).load(conn)?)
}

/// All closures of a customer, oldest first.
pub fn of_customer(conn: &mut Conn, customer: Id) -> Result<Vec<ClosureRecord>> {
    let own = closures::table.filter(closures::customer_id.eq(DbId(customer)));
    records(own.order(closures::id.asc()).load(conn)?)
}

/// The number of a story's closures in a state.
pub fn count(conn: &mut Conn, story: Id, state: ClosureState) -> Result<i64> {
    let own = closures::table.filter(closures::story_id.eq(DbId(story))).filter(closures::state.eq(state.as_str()));
    Ok(own.count().get_result(conn)?)
}

/// The number of a round's closures in each state; states without closures are left out.
pub fn count_by_state(conn: &mut Conn, story: Id, round: i32) -> Result<Vec<(ClosureState, i64)>> {
    let own = closures::table.filter(closures::story_id.eq(DbId(story))).filter(closures::round.eq(round));
    let counts: Vec<(String, i64)> =
        own.group_by(closures::state).select((closures::state, count_star())).load(conn)?;
    counts.into_iter().map(|(state, count)| Ok((name(&state)?, count))).collect()
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
    if let Some(product) = team::products::named(conn, q.product.as_deref())? {
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
    if let Some(account) = q.account {
        let people = people::table.filter(people::account_id.eq(DbId(account))).select(people::id);
        query = query.filter(closures::customer_id.eq_any(people));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(closures::id.lt(DbId(after)));
    }
    let rows: Vec<ClosureRow> = query.order(closures::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let closures = show(conn, records(rows)?)?;
    Ok(paging.page(closures, |c| vec![c.id.to_string()]))
}

/// The closures with their stories, customers and feedback ids.
fn show(conn: &mut Conn, records: Vec<ClosureRecord>) -> Result<Vec<Closure>> {
    let story_ids: Vec<Id> = records.iter().map(|record| record.story_id).collect();
    let customer_ids: Vec<Id> = records.iter().map(|record| record.customer_id).collect();
    let stories = mentions(conn, &story_ids)?;
    let customers: HashMap<Id, CustomerRecord> =
        customers::by_id(conn, &customer_ids)?.into_iter().map(|customer| (customer.id, customer)).collect();
    let account_ids: Vec<Id> = customers.values().filter_map(|customer| customer.account_id).collect();
    let accounts: HashMap<Id, Account> =
        customers::accounts_by_id(conn, &account_ids)?.into_iter().map(|account| (account.id, account)).collect();
    let said = evidence_by_customer(conn, &story_ids, &customer_ids)?;
    let missing = || Error::internal("a closure without its story or customer");
    let closure = |record: ClosureRecord| {
        let customer = customers.get(&record.customer_id).ok_or_else(missing)?;
        let account = customer.account_id.and_then(|id| accounts.get(&id)).map(AccountRef::from);
        let own = said.get(&(record.story_id, record.customer_id)).into_iter().flatten();
        Ok(Closure {
            id: record.id,
            product_id: record.product_id,
            story: stories.get(&record.story_id).cloned().ok_or_else(missing)?,
            customer: customer.mention(account),
            round: record.round,
            kind: record.kind,
            state: record.state,
            channel: record.channel,
            release_id: record.release_id,
            assignee_id: record.assignee_id,
            said_ids: own.filter(|(_, round)| *round == record.round).map(|(id, _)| *id).take(LISTED).collect(),
            feedback_id: record.feedback_id,
            reason: record.reason,
            note: record.note,
            send_at: record.send_at,
            handed_at: record.handed_at,
            told_at: record.told_at,
            reminded_at: record.reminded_at,
            answered_at: record.answered_at,
            expires_at: record.expires_at,
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        })
    };
    records.into_iter().map(closure).collect()
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
type EvidenceByCustomer = HashMap<(Id, Id), Vec<(Id, i32)>>;

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
            said.entry((story.into(), customer.into())).or_default().push((feedback.into(), round));
        }
    }
    Ok(said)
}
