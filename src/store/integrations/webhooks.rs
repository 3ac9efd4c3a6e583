//! Webhooks and their secrets. Secrets are stored in plain text, because messages are signed with them.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::integrations::{MessageFormat, Webhook};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::events::Position;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::webhooks;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_null = true)]
struct Row {
    id: DbId,
    url: String,
    description: Option<String>,
    events: String,
    product_id: Option<DbId>,
    desk_origin: Option<String>,
    secret: String,
    old_secret: Option<String>,
    old_secret_until: Option<DbTime>,
    active: bool,
    disabled_reason: Option<String>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
    since_tx_id: i64,
    since_seq: i64,
    format: String,
}

/// A webhook with its signing secrets.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The webhook.
    pub webhook: Webhook,
    /// The current secret.
    pub secret: String,
    /// The previous secret, until [`Webhook::old_secret_until`].
    pub old_secret: Option<String>,
    /// The position in the event log; the webhook gets the events after it.
    pub since: Position,
}

impl From<Row> for Signed {
    fn from(row: Row) -> Self {
        let webhook = Webhook {
            id: row.id.into(),
            url: row.url,
            description: row.description,
            events: serde_json::from_str(&row.events).unwrap_or_default(),
            product_id: row.product_id.map(Id::from),
            desk_origin: row.desk_origin,
            format: row.format.parse().unwrap_or(MessageFormat::Event),
            active: row.active,
            disabled_reason: row.disabled_reason,
            old_secret_until: row.old_secret_until.map(Time::from),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        };
        let since = Position { tx_id: row.since_tx_id, seq: row.since_seq };
        Self { webhook, secret: row.secret, old_secret: row.old_secret, since }
    }
}

impl From<&Signed> for Row {
    fn from(Signed { webhook, secret, old_secret, since }: &Signed) -> Self {
        Self {
            id: webhook.id.into(),
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: json(&webhook.events),
            product_id: webhook.product_id.map(DbId),
            desk_origin: webhook.desk_origin.clone(),
            secret: secret.clone(),
            old_secret: old_secret.clone(),
            old_secret_until: webhook.old_secret_until.map(DbTime),
            active: webhook.active,
            disabled_reason: webhook.disabled_reason.clone(),
            version: webhook.version,
            created_at: webhook.created_at.into(),
            updated_at: webhook.updated_at.into(),
            since_tx_id: since.tx_id,
            since_seq: since.seq,
            format: webhook.format.as_str().to_owned(),
        }
    }
}

/// A webhook with its secrets.
///
/// # Errors
/// 404.
pub fn signed(conn: &mut Conn, id: Id) -> Result<Signed> {
    let row: Option<Row> = webhooks::table.find(DbId(id)).first(conn).optional()?;
    row.map(Signed::from).ok_or_else(|| Error::not_found("webhook"))
}

/// A webhook.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Webhook> {
    signed(conn, id).map(|signed| signed.webhook)
}

/// Webhooks, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, paging: &Paging) -> Result<Page<Webhook>> {
    let mut query = webhooks::table.into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(webhooks::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(webhooks::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(rows.into_iter().map(|row| Signed::from(row).webhook).collect(), |w| vec![w.id.to_string()]))
}

/// Every active webhook, oldest first.
pub fn active(conn: &mut Conn) -> Result<Vec<Signed>> {
    let rows: Vec<Row> = webhooks::table.filter(webhooks::active.eq(true)).order(webhooks::id.asc()).load(conn)?;
    Ok(rows.into_iter().map(Signed::from).collect())
}

/// The active webhook of the support desk that owns the tickets of an origin; the newest where several do.
pub fn desk_of(conn: &mut Conn, origin: &str) -> Result<Option<Webhook>> {
    let own = webhooks::table.filter(webhooks::active.eq(true)).filter(webhooks::desk_origin.eq(origin));
    let row: Option<Row> = own.order(webhooks::id.desc()).first(conn).optional()?;
    Ok(row.map(|row| Signed::from(row).webhook))
}

/// Adds a webhook.
pub fn insert(tx: &mut Tx<'_>, signed: &Signed) -> Result<()> {
    diesel::insert_into(webhooks::table).values(&Row::from(signed)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a webhook.
pub fn update(tx: &mut Tx<'_>, signed: &Signed) -> Result<()> {
    diesel::update(webhooks::table.find(DbId(signed.webhook.id))).set(&Row::from(signed)).execute(tx.conn)?;
    Ok(())
}

/// Removes a webhook.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(webhooks::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}
