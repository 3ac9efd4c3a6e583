//! The mail channel of the outbox. A delivery to a customer contains only a closure and the purpose of the mail.
//! Everything else is read when the mail is sent, so that the outbox stores no text and no address. Mail to members is
//! in `mentions.rs` and `pages.rs`.

use std::time::Duration;

use serde_json::json;

use super::asks::{self, Ask};
use super::incidents::{self, IncidentMail};
use super::mail_outcome::{dead, outcome, without};
use super::mentions::{self, Mention};
use super::pages;
use super::reports::{self, SubscriberMail};
use super::{AttemptOutcome, Sender};
use crate::domain::base::{Actor, Id, Time};
use crate::domain::closure::Channel;
use crate::domain::integrations::{Delivery, DeliveryState, NewDelivery};
use crate::error::{Error, Result};
use crate::outside::mail::{Envelope, Letter, MailProblem, Mailer};
use crate::store::base::events::Logged;
use crate::store::closure::closures;
use crate::store::integrations::deliveries;
use crate::store::{Conn, Store, Tx};
use crate::usecase::closure::audience::not_mailed;
use crate::usecase::closure::case::{Case, LetterLinks};
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::closure::messages::{self, Arrival, Message};

/// The expiry of links to unsubscribe: they never expire. Such a link contains only the id of a closure or a customer,
/// which reveals nothing, and can only stop mail.
const FOREVER: Time = Time(253_402_300_799 * Time::SECOND);

/// Sends mails.
pub struct Mails {
    /// `None` if no mail server is set.
    mailer: Option<Mailer>,
    /// The public address of this server.
    public_url: String,
}

/// The mail of a delivery: a closure whose customer is told or reminded.
#[derive(Clone, Copy)]
struct Mail {
    closure: Id,
    message: Message,
}

/// The data of a mail.
struct MailData {
    case: Case,
    address: String,
    /// The end of the customer's time to answer.
    until: Time,
}

/// What to send, or the outcome if there is nothing to send.
type MailReading = std::result::Result<MailData, AttemptOutcome>;

impl Mails {
    /// A channel that sends through this mailer.
    pub fn new(mailer: Option<Mailer>, public_url: String) -> Self {
        Self { mailer, public_url }
    }

    fn attempt(&self, store: &Store, delivery: &Delivery) -> Result<AttemptOutcome> {
        if let Some(mention) = Mention::of(delivery) {
            return mentions::attempt(store, self.mailer.as_ref(), &self.public_url, mention);
        }
        if let Some(mail) = SubscriberMail::of(delivery) {
            return reports::attempt(store, self.mailer.as_ref(), &self.public_url, mail);
        }
        if let Some(page) = pages::page_of(delivery) {
            return pages::attempt(store, self.mailer.as_ref(), &self.public_url, page);
        }
        if let Some(ask) = Ask::of(delivery) {
            return asks::attempt(store, self.mailer.as_ref(), &self.public_url, ask);
        }
        if let Some(mail) = IncidentMail::of(delivery) {
            return incidents::attempt(store, self.mailer.as_ref(), &self.public_url, mail);
        }
        let Some(mail) = Mail::of(delivery) else { return Ok(dead("The delivery names no mail.")) };
        let now = store.clock.now();
        let MailData { case, address, until } = match store.read_now(|conn| read(conn, mail, now))? {
            Ok(read) => read,
            Err(outcome) => return Ok(outcome),
        };
        let Some(mailer) = &self.mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
        let (id, reply_to) = mail.ids(mailer.domain());
        let links = CustomerLinks::load(store)?;
        let url = |purpose, until| links.url(&self.public_url, purpose, LinkContent { about: mail.closure, until });
        let words = case.letter(LetterLinks {
            answer: url(Purpose::Answer, until)?,
            until,
            unsubscribe: url(Purpose::Unsubscribe, FOREVER)?,
            is_reminder: reply_to.is_some(),
        });
        let sent = mailer.send(&Envelope {
            address: &address,
            name: words.name.as_deref(),
            letter: &Letter::write(&words),
            message_id: &id,
            in_reply_to: reply_to.as_deref(),
            unsubscribe: Some(&words.unsubscribe),
        });
        if let Err(MailProblem::NoMailbox { detail, .. }) = &sent {
            let reason = without(detail, &address);
            store.write_now(Actor::AUTOMATION, move |tx| messages::refused(tx, mail.closure, &reason))?;
        }
        Ok(outcome(sent, &address))
    }
}

impl Mail {
    fn of(delivery: &Delivery) -> Option<Self> {
        let closure = delivery.body["closure_id"].as_str()?.parse().ok()?;
        Some(Mail { closure, message: Message::named(delivery.body["message"].as_str()?)? })
    }

    /// Its `Message-ID`, and that of the mail it replies to.
    fn ids(self, domain: &str) -> (String, Option<String>) {
        let first = messages::message_id(self.closure, Message::Told, domain);
        let reply_to = (self.message == Message::Reminder).then_some(first);
        (messages::message_id(self.closure, self.message, domain), reply_to)
    }
}

impl Sender for Mails {
    fn channel(&self) -> &'static str {
        "mail"
    }

    fn send(&self, store: &Store, delivery: &Delivery) -> AttemptOutcome {
        let failed = |e: Error| AttemptOutcome::Retry { status: None, error: e.to_string(), after: None };
        self.attempt(store, delivery).unwrap_or_else(failed)
    }

    fn ended(&self, tx: &mut Tx<'_>, delivery: &Delivery, delivered: bool) -> Result<()> {
        if let Some(mention) = Mention::of(delivery) {
            return mentions::ended(tx, mention, delivery, delivered);
        }
        if let Some(mail) = SubscriberMail::of(delivery) {
            return reports::ended(tx, mail, delivery, delivered);
        }
        if let Some(page) = pages::page_of(delivery) {
            return pages::ended(tx, page, delivery, delivered);
        }
        if Ask::of(delivery).is_some() {
            return Ok(());
        }
        if let Some(mail) = IncidentMail::of(delivery) {
            return incidents::ended(tx, mail, delivery, delivered);
        }
        let Some(Mail { closure, message }) = Mail::of(delivery) else { return Ok(()) };
        let recorded = deliveries::get(tx.conn, delivery.id)?;
        // A mail that was sent has an answer of the mail server.
        let was_due = recorded.state != DeliveryState::Delivered || recorded.last_status.is_some();
        let arrival = match delivered {
            false => Arrival::Failed,
            true if was_due => Arrival::Sent,
            true => Arrival::NotSent,
        };
        messages::delivered(tx, closure, message, Channel::Email, arrival)
    }
}

/// Creates the mail of an event: a closure was opened or resumed, or its reminder is due. The mail waits until it can't
/// be recalled any more.
///
/// # Errors
/// Those of the database.
/// Those of the database.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    let Some(message) = message_of(event) else { return Ok(()) };
    let closure = event.subject;
    if event.data["channel"] != Channel::Email.as_str() {
        return Ok(());
    }
    let row = closures::row(tx.conn, closure)?;
    if !message.is_due(&row, Channel::Email) {
        return Ok(());
    }
    let body = json!({ "closure_id": closure, "message": message.as_str() });
    let new = NewDelivery { channel: "mail", target: closure, subject: closure, event: event.kind.clone(), body };
    let earliest = row.send_at.unwrap_or(tx.now);
    deliveries::enqueue_later(tx, new, earliest).map(drop)
}

/// The message that an event asks for.
pub(super) fn message_of(event: &Logged) -> Option<Message> {
    match event.kind.as_str() {
        "closure.opened" | "closure.resumed" => Some(Message::Told),
        "closure.reminder_due" => Some(Message::Reminder),
        _ => None,
    }
}

/// Reads the data of a closure's mail.
fn read(conn: &mut Conn, mail: Mail, now: Time) -> Result<MailReading> {
    let row = closures::row(conn, mail.closure)?;
    if !mail.message.is_due(&row, Channel::Email) {
        // The closure was told, answered or recalled meanwhile, or an earlier attempt sent the mail but crashed before
        // it was recorded.
        return Ok(Err(AttemptOutcome::Delivered { status: None }));
    }
    if let Some(at) = row.send_at.filter(|_| !mail.message.may_leave(&row, now)) {
        // Wait until the message can't be recalled any more, whatever made it due.
        let after = u64::try_from(at.0.saturating_sub(now.0)).ok().map(Duration::from_micros);
        return Ok(Err(AttemptOutcome::Retry {
            status: None,
            error: "The message can still be recalled.".to_owned(),
            after,
        }));
    }
    let case = Case::of(conn, row)?;
    let address = case.customer.email.as_ref().map(|email| email.text.clone());
    let Some(address) = address.filter(|_| not_mailed(&case.customer).is_none()) else {
        return Ok(Err(dead("No mail can be sent to the customer.")));
    };
    let until = case.answer_until(mail.message, now);
    Ok(Ok(MailData { case, address, until }))
}
