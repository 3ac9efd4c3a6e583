//! Subscriptions to reports, with their products.

use std::collections::HashMap;

use crate::domain::base::text::email_fold;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::reports::report::ReportKind;
use crate::domain::reports::subscription::{Subscription, SubscriptionQuery, SubscriptionState};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{report_subscription_products as their_products, report_subscriptions};
use crate::store::team::products as stored_products;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = report_subscriptions, treat_none_as_null = true)]
struct Row {
    id: DbId,
    state: String,
    email: Option<String>,
    email_folded: Option<String>,
    member_id: Option<DbId>,
    webhook_id: Option<DbId>,
    kind: String,
    account_id: Option<DbId>,
    sections: String,
    language: String,
    weekday: Option<String>,
    day: Option<i32>,
    hour: i32,
    time_zone: String,
    scope: String,
    approval: bool,
    next_at: Option<DbTime>,
    last_at: Option<DbTime>,
    confirmed_at: Option<DbTime>,
    ended_at: Option<DbTime>,
    created_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Subscription> for Row {
    fn from(of: &Subscription) -> Self {
        Row {
            id: of.id.into(),
            state: of.state.as_str().to_owned(),
            email: of.email.clone(),
            email_folded: of.email.as_deref().map(email_fold),
            member_id: of.member_id.map(DbId),
            webhook_id: of.webhook_id.map(DbId),
            kind: of.kind.as_str().to_owned(),
            account_id: of.account_id.map(DbId),
            sections: json(&of.sections),
            language: of.language.clone(),
            weekday: of.weekday.map(|day| day.as_str().to_owned()),
            day: of.day,
            hour: of.hour,
            time_zone: of.time_zone.clone(),
            scope: of.scope.as_str().to_owned(),
            approval: of.approval,
            next_at: of.next_at.map(DbTime),
            last_at: of.last_at.map(DbTime),
            confirmed_at: of.confirmed_at.map(DbTime),
            ended_at: of.ended_at.map(DbTime),
            created_by: of.created_by.map(DbId),
            version: of.version,
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

impl Row {
    fn show(self, products: Vec<Id>) -> Result<Subscription> {
        Ok(Subscription {
            id: self.id.into(),
            state: name(&self.state)?,
            email: self.email,
            member_id: self.member_id.map(Id::from),
            webhook_id: self.webhook_id.map(Id::from),
            kind: name(&self.kind)?,
            products,
            account_id: self.account_id.map(Id::from),
            sections: serde_json::from_str(&self.sections).unwrap_or_default(),
            language: self.language,
            weekday: self.weekday.as_deref().map(name).transpose()?,
            day: self.day,
            hour: self.hour,
            time_zone: self.time_zone,
            scope: name(&self.scope)?,
            approval: self.approval,
            next_at: self.next_at.map(Time::from),
            last_at: self.last_at.map(Time::from),
            confirmed_at: self.confirmed_at.map(Time::from),
            ended_at: self.ended_at.map(Time::from),
            created_by: self.created_by.map(Id::from),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

fn show_all(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Subscription>> {
    let named: Vec<(DbId, DbId)> = their_products::table
        .filter(their_products::subscription_id.eq_any(rows.iter().map(|row| row.id).collect::<Vec<_>>()))
        .select((their_products::subscription_id, their_products::product_id))
        .order(their_products::product_id.asc())
        .load(conn)?;
    let mut products: HashMap<Id, Vec<Id>> = HashMap::new();
    for (subscription, product) in named {
        products.entry(subscription.into()).or_default().push(product.into());
    }
    let show = |row: Row| {
        let own = products.remove(&Id::from(row.id)).unwrap_or_default();
        row.show(own)
    };
    rows.into_iter().map(show).collect()
}

/// A subscription.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Subscription> {
    let row: Option<Row> = report_subscriptions::table.find(DbId(id)).first(conn).optional()?;
    let rows = row.into_iter().collect();
    show_all(conn, rows)?.pop().ok_or_else(|| Error::not_found("subscription"))
}

/// A subscription, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Subscription> {
    lock_row!(tx, report_subscriptions, id);
    get(tx.conn, id)
}

/// Subscriptions that have not ended, of the same reader.
pub fn of_reader(conn: &mut Conn, like: &Subscription) -> Result<Vec<Subscription>> {
    let mut query = report_subscriptions::table
        .filter(report_subscriptions::state.ne(SubscriptionState::Ended.as_str()))
        .filter(report_subscriptions::id.ne(DbId(like.id)))
        .into_boxed();
    query = match (&like.email, like.member_id, like.webhook_id) {
        (Some(email), _, _) => query.filter(report_subscriptions::email_folded.eq(email_fold(email))),
        (_, Some(member), _) => query.filter(report_subscriptions::member_id.eq(DbId(member))),
        (_, _, webhook) => query.filter(report_subscriptions::webhook_id.eq(webhook.map(DbId))),
    };
    let rows: Vec<Row> = query.order(report_subscriptions::id.desc()).limit(200).load(conn)?;
    show_all(conn, rows)
}

/// How many mails with a link to confirm went to this address since then.
pub fn asked_since(conn: &mut Conn, email: &str, since: Time) -> Result<i64> {
    let own = report_subscriptions::table
        .filter(report_subscriptions::email_folded.eq(email_fold(email)))
        .filter(report_subscriptions::created_at.ge(DbTime(since)));
    Ok(own.count().get_result(conn)?)
}

/// Active subscriptions to reports of a product, oldest first.
pub fn active_of(conn: &mut Conn, product: Id, limit: i64) -> Result<Vec<Subscription>> {
    let named = their_products::table
        .filter(their_products::product_id.eq(DbId(product)))
        .select(their_products::subscription_id);
    let rows: Vec<Row> = report_subscriptions::table
        .filter(report_subscriptions::state.eq(SubscriptionState::Active.as_str()))
        .filter(report_subscriptions::id.eq_any(named))
        .order(report_subscriptions::id.asc())
        .limit(limit)
        .load(conn)?;
    show_all(conn, rows)
}

/// Active subscriptions whose next report is due, the longest due first.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = report_subscriptions::table
        .filter(report_subscriptions::state.eq(SubscriptionState::Active.as_str()))
        .filter(report_subscriptions::next_at.le(DbTime(now)))
        .select(report_subscriptions::id)
        .order((report_subscriptions::next_at.asc(), report_subscriptions::id.asc()))
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Active subscriptions to reports of releases.
pub fn to_releases(conn: &mut Conn) -> Result<Vec<Subscription>> {
    let rows: Vec<Row> = report_subscriptions::table
        .filter(report_subscriptions::state.eq(SubscriptionState::Active.as_str()))
        .filter(report_subscriptions::kind.eq(ReportKind::Release.as_str()))
        .order(report_subscriptions::id.asc())
        .load(conn)?;
    show_all(conn, rows)
}

/// Subscriptions that were not confirmed since this time.
pub fn unconfirmed(conn: &mut Conn, before: Time, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = report_subscriptions::table
        .filter(report_subscriptions::state.eq(SubscriptionState::Pending.as_str()))
        .filter(report_subscriptions::created_at.lt(DbTime(before)))
        .select(report_subscriptions::id)
        .order(report_subscriptions::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Subscriptions that pass every filter, newest first; `only` limits them to those of a member.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &SubscriptionQuery, only: Option<Id>, paging: &Paging) -> Result<Page<Subscription>> {
    let mut query = report_subscriptions::table.into_boxed();
    if let Some(product) = stored_products::named(conn, q.product.as_deref())? {
        let named = their_products::table
            .filter(their_products::product_id.eq(DbId(product.id)))
            .select(their_products::subscription_id);
        query = query.filter(report_subscriptions::id.eq_any(named));
    }
    if let Some(state) = q.state {
        query = query.filter(report_subscriptions::state.eq(state.as_str()));
    }
    if let Some(kind) = q.kind {
        query = query.filter(report_subscriptions::kind.eq(kind.as_str()));
    }
    for member in q.member.into_iter().chain(only) {
        query = query.filter(report_subscriptions::member_id.eq(DbId(member)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(report_subscriptions::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(report_subscriptions::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show_all(conn, rows)?;
    Ok(paging.page(shown, |subscription| vec![subscription.id.to_string()]))
}

/// Adds a subscription.
pub fn insert(tx: &mut Tx<'_>, subscription: &Subscription) -> Result<()> {
    diesel::insert_into(report_subscriptions::table).values(Row::from(subscription)).execute(tx.conn)?;
    for product in &subscription.products {
        let row =
            (their_products::subscription_id.eq(DbId(subscription.id)), their_products::product_id.eq(DbId(*product)));
        diesel::insert_into(their_products::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Writes the current state of a subscription. Its products stay.
pub fn update(tx: &mut Tx<'_>, subscription: &Subscription) -> Result<()> {
    let row = Row::from(subscription);
    diesel::update(report_subscriptions::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}
