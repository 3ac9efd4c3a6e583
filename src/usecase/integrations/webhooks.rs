//! Webhooks: managing them, and creating their messages from events.

use serde_json::{Value, json};

use crate::domain::base::decode;
use crate::domain::base::event_kinds::{names_kind, pattern_problem};
use crate::domain::base::{Id, Reference, Time, check_version};
use crate::domain::integrations::{Delivery, NewDelivery, NewWebhook, Webhook, WebhookEdit, message};
use crate::domain::reports::report::DIGEST_DUE;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::base::events;
use crate::store::base::events::Logged;
use crate::store::integrations::deliveries;
use crate::store::integrations::webhooks::{self, Signed};
use crate::store::team::products;

/// The channel of webhooks in the outbox.
pub const CHANNEL: &str = "webhook";
/// The kind of the test message.
pub const TEST: &str = "webhook.test";
/// How long messages are signed with both secrets after a rotation, in microseconds.
const ROTATION: i64 = Time::DAY;

/// Checks a URL and says what is wrong with it; the allowed URLs depend on the settings.
pub type UrlCheck<'a> = &'a dyn Fn(&str) -> std::result::Result<(), String>;

/// Creates a webhook.
///
/// # Errors
/// 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewWebhook, secret: &str, url_check: UrlCheck<'_>) -> Result<Webhook> {
    let edit = WebhookEdit {
        url: input.url.clone(),
        description: input.description.clone(),
        events: input.events.clone(),
        product: input.product.clone(),
        desk_origin: input.desk_origin.clone(),
        format: input.format,
    };
    let product_id = checked(tx, &edit, url_check)?;
    let webhook = Webhook {
        id: Id::next(),
        url: edit.url,
        description: edit.description,
        events: edit.events,
        product_id,
        desk_origin: edit.desk_origin,
        format: edit.format,
        active: true,
        disabled_reason: None,
        old_secret_until: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let since = events::here(tx)?;
    webhooks::insert(tx, &Signed { webhook: webhook.clone(), secret: secret.to_owned(), old_secret: None, since })?;
    tx.event("webhook.created", webhook.id, product_id, json!({}));
    Ok(webhook)
}

/// The product that an edit names, after checking all its fields.
fn checked(tx: &mut Tx<'_>, edit: &WebhookEdit, url_check: UrlCheck<'_>) -> Result<Option<Id>> {
    let mut wrong = Vec::new();
    if let Err(why) = url_check(&edit.url) {
        wrong.push(FieldError::new("/url", "not_allowed", why));
    }
    for (n, pattern) in edit.events.iter().enumerate() {
        let wrong_one = |what| FieldError::new(format!("/events/{n}"), "unknown", what);
        wrong.extend(pattern_problem(pattern).map(wrong_one));
    }
    let product = match &edit.product {
        Some(name) => products::find(tx.conn, name)?,
        None => None,
    };
    if edit.product.is_some() && product.is_none() {
        wrong.push(Reference::Product.unknown("/product"));
    }
    if wrong.is_empty() { Ok(product.map(|p| p.id)) } else { Err(Error::invalid(wrong)) }
}

/// Changes a webhook by a merge patch.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value, url_check: UrlCheck<'_>) -> Result<Webhook> {
    let mut signed = webhooks::signed(tx.conn, id)?;
    check_version(if_match, signed.webhook.version)?;
    let before = WebhookEdit::from(&signed.webhook);
    let edit: WebhookEdit = decode::patched(&before, patch)?;
    let product_id = checked(tx, &edit, url_check)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(signed.webhook);
    }
    signed.webhook = Webhook {
        url: edit.url,
        description: edit.description,
        events: edit.events,
        product_id,
        desk_origin: edit.desk_origin,
        format: edit.format,
        ..signed.webhook
    };
    write(tx, signed, "webhook.updated", json!({ "fields": fields }))
}

fn write(tx: &mut Tx<'_>, mut signed: Signed, event: &'static str, data: Value) -> Result<Webhook> {
    signed.webhook.version += 1;
    signed.webhook.updated_at = tx.now;
    webhooks::update(tx, &signed)?;
    tx.event(event, signed.webhook.id, signed.webhook.product_id, data);
    Ok(signed.webhook)
}

/// Deletes a webhook. Its waiting deliveries are given up; its delivery log stays for 30 days.
///
/// # Errors
/// 404, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<()> {
    let webhook = webhooks::get(tx.conn, id)?;
    check_version(if_match, webhook.version)?;
    deliveries::give_up(tx, id, "the webhook was deleted")?;
    webhooks::delete(tx, id)?;
    tx.event("webhook.deleted", id, webhook.product_id, json!({}));
    Ok(())
}

/// Sets a new secret. For a day, messages are signed with the old one too.
///
/// # Errors
/// 404.
pub fn rotate(tx: &mut Tx<'_>, id: Id, secret: &str) -> Result<Webhook> {
    let mut signed = webhooks::signed(tx.conn, id)?;
    signed.old_secret = Some(std::mem::replace(&mut signed.secret, secret.to_owned()));
    signed.webhook.old_secret_until = Some(tx.now.plus(ROTATION));
    write(tx, signed, "webhook.rotated", json!({}))
}

/// Enables a webhook from now on; events of the time before are not sent.
///
/// # Errors
/// 404.
pub fn enable(tx: &mut Tx<'_>, id: Id) -> Result<Webhook> {
    let mut signed = webhooks::signed(tx.conn, id)?;
    if signed.webhook.active {
        return Ok(signed.webhook);
    }
    (signed.webhook.active, signed.webhook.disabled_reason) = (true, None);
    signed.since = events::here(tx)?;
    write(tx, signed, "webhook.enabled", json!({}))
}

/// Disables a webhook and gives up its waiting deliveries. `reason` is shown to members.
///
/// # Errors
/// 404.
pub fn disable(tx: &mut Tx<'_>, id: Id, reason: &str) -> Result<Webhook> {
    let mut signed = webhooks::signed(tx.conn, id)?;
    if !signed.webhook.active {
        return Ok(signed.webhook);
    }
    (signed.webhook.active, signed.webhook.disabled_reason) = (false, Some(reason.to_owned()));
    deliveries::give_up(tx, id, "the webhook was disabled")?;
    write(tx, signed, "webhook.disabled", json!({ "reason": reason }))
}

/// Sends a test message to a webhook, once, even if it is disabled.
///
/// # Errors
/// 404.
pub fn test(tx: &mut Tx<'_>, id: Id) -> Result<Delivery> {
    webhooks::get(tx.conn, id)?;
    let delivery = tell(tx, id, id, TEST, tx.now, json!({ "webhook_id": id }))?;
    deliveries::get(tx.conn, delivery)
}

/// Sends a message of a webhook again, under the same `webhook-id`.
///
/// # Errors
/// 404, 409 where the delivery is not of a webhook, or the webhook is deleted or disabled.
pub fn replay(tx: &mut Tx<'_>, id: Id) -> Result<Delivery> {
    let delivery = deliveries::get(tx.conn, id)?;
    if delivery.channel != CHANNEL {
        return Err(Error::new(Code::Conflict, "Only messages to webhooks can be sent again."));
    }
    let webhook = webhooks::get(tx.conn, delivery.target_id);
    if !webhook.is_ok_and(|webhook| webhook.active) {
        return Err(Error::new(Code::Conflict, "The webhook is deleted or disabled; enable it first."));
    }
    let again = deliveries::replay(tx, &delivery)?;
    deliveries::get(tx.conn, again)
}

/// Creates the messages of an event, one for each of these webhooks that subscribes to it.
pub fn fan_out(tx: &mut Tx<'_>, active: &[Signed], event: &Logged) -> Result<()> {
    // Compared by position in the log, because the time of an event may be wrong by hours.
    let takes = |webhook: &Webhook| wants(webhook, event) || is_addressed(webhook, event);
    let wanting = active.iter().filter(|signed| event.position > signed.since && takes(&signed.webhook));
    for Signed { webhook, .. } in wanting {
        tell(tx, webhook.id, event.subject, &event.kind, event.at, data(event))?;
    }
    Ok(())
}

fn wants(webhook: &Webhook, event: &Logged) -> bool {
    let asked = webhook.events.is_empty() || webhook.events.iter().any(|pattern| names_kind(pattern, &event.kind));
    let of_product = webhook.product_id.is_none_or(|product| event.product == Some(product));
    asked && of_product
}

/// Whether an event goes to this webhook because it says so, whichever events the webhook asks for: a report that it
/// subscribed to.
fn is_addressed(webhook: &Webhook, event: &Logged) -> bool {
    event.kind == DIGEST_DUE && event.data["webhook_id"] == json!(webhook.id)
}

fn data(event: &Logged) -> Value {
    json!({
        "event_id": event.position.to_string(),
        "subject_id": event.subject,
        "product_id": event.product,
        "actor": event.actor,
        "actor_id": event.actor_id,
        "details": event.data,
    })
}

/// Adds one message for one webhook to the outbox; `data` has only ids and impersonal values.
pub fn tell(tx: &mut Tx<'_>, webhook: Id, subject: Id, kind: &str, at: Time, data: Value) -> Result<Id> {
    let body = message(kind, at, data);
    let new = NewDelivery { channel: CHANNEL, target: webhook, subject, event: kind.to_owned(), body };
    deliveries::enqueue(tx, new)
}
