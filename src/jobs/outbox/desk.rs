//! Messages to support desks: a customer with a ticket is told through the desk that owns it, by a webhook of the desk.
//! When the webhook accepts the message, the closure is handed to the desk; the customer counts as told only when the
//! desk says so (`POST /v1/closures/{id}/tell`).
//!
//! The desk gets ids, the ticket's id and the link to answer, but no name, address or text. A failing desk is retried
//! as any webhook. If it never accepts, an agent tells the customer.
//!
//! Messages about incidents go the same way, with the words for the customer (`usecase/operations/telling/desks.rs`).

use serde_json::json;

use super::mail::message_of;
use crate::domain::base::Id;
use crate::domain::base::language::Language;
use crate::domain::closure::Channel;
use crate::domain::integrations::{Delivery, NewDelivery, message as webhook_message};
use crate::error::Result;
use crate::store::base::events::Logged;
use crate::store::closure::closures;
use crate::store::integrations::deliveries;
use crate::store::stories::frozen_evidence;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::closure::messages::{self, Arrival, Message};
use crate::usecase::closure::rounds::hand_over;
use crate::usecase::operations::telling::desks as incident;

/// The message that asks a desk to tell a customer.
const EVENT: &str = "closure.tell";

/// Whether a message is for a desk.
pub(super) fn is_for_desk(event: &str) -> bool {
    [EVENT, incident::EVENT].contains(&event)
}

/// Whether a message is still to be sent. Those of closures are taken back when they are not; those about incidents are
/// asked here.
pub(super) fn is_due(conn: &mut Conn, delivery: &Delivery) -> Result<bool> {
    if delivery.event == incident::EVENT { incident::is_due(conn, delivery) } else { Ok(true) }
}

/// Creates a desk's delivery for an event: a closure was opened in a round, or its reminder is due.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    let Some(message) = message_of(event) else { return Ok(()) };
    if event.data["channel"] != Channel::Desk.as_str() {
        return Ok(());
    }
    let (story, row) = closures::hold(tx, event.subject)?;
    if !message.is_due(&row, Channel::Desk) {
        return Ok(());
    }
    let said = frozen_evidence::said(tx.conn, story.id, row.customer_id)?;
    let desks = closures::desks(tx.conn, story.product_id)?;
    let owned = said.iter().find_map(|item| {
        let (desk, _) = desks.iter().find(|(_, origin)| *origin == item.origin)?;
        Some((*desk, item))
    });
    let Some((desk, item)) = owned else {
        // The desk may have been removed since the round was opened.
        return if message == Message::Told { hand_over(tx, &story, row).map(drop) } else { Ok(()) };
    };
    let earliest = row.send_at.unwrap_or(tx.now).max(tx.now);
    let until = messages::answer_until(&row, &products::get(tx.conn, story.product_id)?, message, earliest);
    let token =
        CustomerLinks::in_transaction(tx)?.token(Purpose::Answer, LinkContent { about: event.subject, until })?;
    let data = json!({
        "closure_id": event.subject,
        "message": message.as_str(),
        "kind": row.kind,
        "story_id": story.id,
        "story_number": story.number,
        "round": row.round,
        "customer_id": row.customer_id,
        "origin": item.origin,
        "external_id": item.external_id,
        "language": Language::of(item.language.as_deref()).code(),
        // A path: the desk knows where it reaches this instance.
        "answer_path": format!("/{}/{token}", Purpose::Answer.as_str()),
        "answer_until": until,
        // The path at which the desk reports that the customer was told.
        "told_path": format!("/v1/closures/{}/tell", event.subject),
    });
    let body = webhook_message(EVENT, tx.now, data);
    let new = NewDelivery { channel: "webhook", target: desk, subject: event.subject, event: EVENT.to_owned(), body };
    deliveries::enqueue_later(tx, new, earliest).map(drop)
}

/// Updates the closure when a delivery to a desk has ended; other deliveries are ignored.
pub fn ended(tx: &mut Tx<'_>, delivery: &Delivery, delivered: bool) -> Result<()> {
    if delivery.event == incident::EVENT {
        return incident::ended(tx, delivery, delivered);
    }
    if delivery.event != EVENT {
        return Ok(());
    }
    let data = &delivery.body["data"];
    let closure = data["closure_id"].as_str().and_then(|id| id.parse::<Id>().ok());
    let message = data["message"].as_str().and_then(Message::named);
    match (closure, message) {
        (Some(closure), Some(message)) => {
            let arrival = if delivered { Arrival::Sent } else { Arrival::Failed };
            messages::delivered(tx, closure, message, Channel::Desk, arrival)
        }
        _ => Ok(()),
    }
}
