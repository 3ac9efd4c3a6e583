//! Replay of failed deliveries, on any channel.

use serde_json::json;

use super::webhooks;
use crate::domain::base::Id;
use crate::domain::closure::{Channel, ClosureRecord};
use crate::domain::integrations::{Delivery, DeliveryState};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::integrations::{deliveries, delivery_list};
use crate::store::team::note_mentions;
use crate::usecase::closure::audience::not_mailed;
use crate::usecase::closure::messages::Message;
use crate::usecase::closure::rounds;

/// Sends a delivery again. A waiting one is tried now; a mail that was given up is sent after all, if its customer
/// still waits for it.
///
/// # Errors
/// 404, 409 where there is nothing left to send, or the webhook is deleted or disabled.
pub fn replay(tx: &mut Tx<'_>, id: Id) -> Result<Delivery> {
    let delivery = deliveries::get(tx.conn, id)?;
    refuse_early(tx, &delivery)?;
    if delivery.channel == webhooks::CHANNEL {
        return webhooks::replay(tx, id);
    }
    if delivery.channel == "mail" {
        ready_to_mail(tx, &delivery)?;
    }
    if delivery.state == DeliveryState::Pending {
        delivery_list::make_due(tx, id)?;
        return deliveries::get(tx.conn, id);
    }
    let again = deliveries::replay(tx, &delivery)?;
    deliveries::get(tx.conn, again)
}

/// Refuses to send a message early while it can still be recalled.
fn refuse_early(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<()> {
    let named = delivery.body["closure_id"].as_str().or(delivery.body["data"]["closure_id"].as_str());
    let is_message = delivery.channel == "mail" || delivery.event == "closure.tell";
    let Some(closure) = named.and_then(|id| id.parse::<Id>().ok()).filter(|_| is_message) else { return Ok(()) };
    let row = closures::row(tx.conn, closure)?;
    if Message::Told.may_leave(&row, tx.now) {
        return Ok(());
    }
    let detail = "It can still be recalled; it is sent after that time (`send_at` of its closure).";
    Err(Error::new(Code::Conflict, detail))
}

/// Refuses a mail that is no longer needed. A closure that was handed to an agent goes back to mail.
fn ready_to_mail(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<()> {
    let id = |name: &str| delivery.body[name].as_str().and_then(|id| id.parse::<Id>().ok());
    if let (Some(note), Some(member)) = (id("note_id"), id("member_id")) {
        let waits = note_mentions::waits_for_mail(tx.conn, note, member)?;
        let detail =
            "There is nothing to send: the note is deleted, no longer mentions the member, or was mailed already.";
        return waits.then_some(()).ok_or_else(|| Error::new(Code::Conflict, detail));
    }
    let closure = delivery.body["closure_id"].as_str().and_then(|id| id.parse::<Id>().ok());
    let message = delivery.body["message"].as_str().and_then(Message::named);
    let (Some(closure), Some(message)) = (closure, message) else { return Ok(()) };
    let (story, row) = closures::hold(tx, closure)?;
    let customer = customers::row(tx.conn, row.customer_id)?;
    if not_mailed(&customer).is_some() {
        return Err(Error::new(Code::Conflict, "The customer can't be mailed any more."));
    }
    let by_agent = ClosureRecord { channel: Channel::Email, ..row.clone() };
    if !message.is_due(&by_agent, Channel::Email) {
        return Err(Error::new(
            Code::Conflict,
            "The customer no longer waits for this mail: there is nothing to send.",
        ));
    }
    if row.channel == Channel::Agent {
        let mut row = by_agent;
        rounds::save(tx, &mut row)?;
        let data = json!({ "story_id": story.id, "round": row.round, "channel": row.channel });
        tx.event("closure.assigned", closure, Some(story.product_id), data);
    }
    Ok(())
}
