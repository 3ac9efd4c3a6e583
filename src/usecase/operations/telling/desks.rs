//! Telling customers of an incident through the support desk that owns their ticket, by the webhook of the desk. The desk
//! gets the words and the ticket's id; the customer counts as told once the desk reports it. A desk that accepts nothing, or
//! is silent for a week, leaves the customer to a member of the team.

use std::collections::HashMap;

use serde_json::json;

use crate::domain::base::{Id, Time};
use crate::domain::closure::Channel;
use crate::domain::integrations::{Delivery, NewDelivery, message};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::telling::{Telling, TellingPhase, TellingState};
use crate::error::Result;
use crate::store::closure::closures;
use crate::store::integrations::deliveries;
use crate::store::operations::tellings;
use crate::store::{Conn, Tx};
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::operations::telling::answers::ANSWERED_WITHIN;

/// The message that asks a desk to tell a customer.
pub const EVENT: &str = "incident.tell";
/// How long a desk that accepted a message may be silent, in microseconds.
const SILENT: i64 = 7 * Time::DAY;
/// The most messages of one transaction.
const BATCH: i64 = 100;

/// A ticket of a customer, and the webhook of the desk that owns it.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    desk: Id,
    origin: String,
    external_id: String,
}

/// The tickets among these items of feedback, by item.
pub(super) fn tickets(conn: &mut Conn, product: Id, items: &[Id]) -> Result<HashMap<Id, Ticket>> {
    let desks: HashMap<String, Id> =
        closures::desks(conn, product)?.into_iter().map(|(desk, origin)| (origin, desk)).collect();
    if desks.is_empty() {
        return Ok(HashMap::new());
    }
    let of_desks = tellings::tickets(conn, items)?.into_iter().filter_map(|found| {
        let desk = *desks.get(&found.origin)?;
        Some((found.feedback, Ticket { desk, origin: found.origin, external_id: found.external_id }))
    });
    Ok(of_desks.collect())
}

/// Queues the request to a desk.
pub(super) fn ask(tx: &mut Tx<'_>, incident: &Incident, telling: &Telling, ticket: &Ticket) -> Result<()> {
    let earliest = telling.send_at.unwrap_or(tx.now);
    let until = earliest.plus(ANSWERED_WITHIN);
    let asks = telling.phase == TellingPhase::End;
    let token = match asks {
        true => {
            let content = LinkContent { about: telling.id, until };
            Some(CustomerLinks::in_transaction(tx)?.token(Purpose::Incident, content)?)
        }
        false => None,
    };
    let data = json!({
        "telling_id": telling.id,
        "incident_id": incident.id,
        "incident_number": incident.number,
        "phase": telling.phase,
        "customer_id": telling.customer_id,
        "origin": ticket.origin,
        "external_id": ticket.external_id,
        "language": telling.language,
        "text": telling.text,
        // Paths: the desk knows where it reaches this instance.
        "answer_path": token.map(|token| format!("/{}/{token}", Purpose::Incident.as_str())),
        "answer_until": asks.then_some(until),
        "told_path": format!("/v1/incidents/{}/customers/{}/told", incident.id, telling.customer_id),
    });
    let body = message(EVENT, tx.now, data);
    let (target, event) = (ticket.desk, EVENT.to_owned());
    let new = NewDelivery { channel: "webhook", target, subject: telling.id, event, body };
    deliveries::enqueue_later(tx, new, earliest).map(drop)
}

fn telling_of(conn: &mut Conn, delivery: &Delivery) -> Result<Option<Telling>> {
    let id = delivery.body["data"]["telling_id"].as_str().and_then(|id| id.parse::<Id>().ok());
    let Some(id) = id else { return Ok(None) };
    Ok(tellings::find(conn, id)?.filter(|telling| {
        telling.state == TellingState::Waiting && telling.channel == Channel::Desk && telling.handed_at.is_none()
    }))
}

/// Whether a desk still has to be asked: the customer may have been told in another way, or erased.
pub fn is_due(conn: &mut Conn, delivery: &Delivery) -> Result<bool> {
    Ok(telling_of(conn, delivery)?.is_some())
}

/// Records the end of a request to a desk. Where it failed, a member tells the customer.
pub fn ended(tx: &mut Tx<'_>, delivery: &Delivery, delivered: bool) -> Result<()> {
    let Some(telling) = telling_of(tx.conn, delivery)? else { return Ok(()) };
    let telling = match delivered {
        true => Telling { handed_at: Some(tx.now), ..telling },
        false => Telling { channel: Channel::Agent, send_at: None, ..telling },
    };
    tellings::update(tx, &telling)
}

/// Leaves customers to the team whose desks have been silent for a week; answers how many, at most a batch.
pub fn rescue(tx: &mut Tx<'_>) -> Result<usize> {
    let silent = tellings::silent(tx.conn, tx.now.plus(-SILENT), BATCH)?;
    for telling in &silent {
        let by_hand = Telling { channel: Channel::Agent, send_at: None, handed_at: None, ..telling.clone() };
        tellings::update(tx, &by_hand)?;
    }
    Ok(silent.len())
}
