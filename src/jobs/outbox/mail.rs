//! Mail to customers, as a channel of the outbox. A delivery names a closure and what the mail is for; everything else
//! is read when it is sent, so that the outbox holds no words and no addresses.

use serde_json::json;

use super::{Outcome, Sender};
use crate::domain::language::Tongue;
use crate::domain::stage::Stage;
use crate::domain::{Actor, Channel, Delivery, Id, NewDelivery, Time};
use crate::error::{Error, Result};
use crate::notify::{Envelope, Letter, Mailer, News, Problem, Words};
use crate::store::events::Logged;
use crate::store::{Conn, Store, Tx, closures, customers, deliveries, products, stories, story_evidence};
use crate::usecase::closing::can_be_mailed;
use crate::usecase::customer_links::{Links, Named, Purpose};
use crate::usecase::telling::{self, Message};

/// The last moment a link to unsubscribe is good for: such links don't expire (they name a closure, not a person).
const FOREVER: Time = Time(253_402_300_799 * Time::SECOND);

/// What a mail is for that tells of a decline.
const DECLINED: &str = "declined";

/// Sends the mails.
pub struct Mails {
    /// `None` where no mail server is set.
    mailer: Option<Mailer>,
    /// Where this instance is reached from outside.
    public_url: String,
}

/// What a mail is made of, as it was read.
struct Read {
    address: String,
    name: Option<String>,
    tongue: Tongue,
    product: String,
    said: Option<(String, Time)>,
    title: String,
    /// What the changelog says, or why it is declined.
    entry: Option<String>,
    release: Option<String>,
    until: Time,
}

impl Mails {
    /// A channel that sends through this mailer.
    pub fn new(mailer: Option<Mailer>, public_url: String) -> Self {
        Self { mailer, public_url }
    }

    fn attempt(&self, store: &Store, delivery: &Delivery) -> Result<Outcome> {
        let dead = |error: &str| Ok(Outcome::Dead { status: None, error: error.to_owned() });
        if let Some((story, customer)) = declined(delivery) {
            return self.decline(store, story, customer);
        }
        let Some((closure, message)) = named(delivery) else { return dead("It names no mail.") };
        let now = store.clock.now();
        if !store.read_now(|conn| Ok(message.is_due(&closures::row(conn, closure)?, Channel::Email)))? {
            // Told or answered otherwise meanwhile, or sent by an attempt that died before it said so.
            return Ok(Outcome::Delivered { status: None });
        }
        let Some(mailer) = &self.mailer else { return dead("No mail server is set (HEARBACK_SMTP_URL).") };
        let Some(read) = store.read_now(|conn| read(conn, closure, message, now))? else {
            return dead("The customer can't be mailed.");
        };
        let links = Links::load(store)?;
        let url = |purpose, until| links.url(&self.public_url, purpose, Named { about: closure, until });
        let unsubscribe = url(Purpose::Unsubscribe, FOREVER)?;
        let letter = Letter::write(&Words {
            tongue: read.tongue,
            news: if message == Message::Reminder { News::Reminder } else { News::Released },
            name: read.name.clone(),
            product: read.product,
            said: read.said,
            title: read.title,
            entry: read.entry,
            release: read.release,
            answer: url(Purpose::Answer, read.until)?,
            unsubscribe: unsubscribe.clone(),
            until: read.until,
        });
        let first = telling::message_id(closure, Message::Told, mailer.domain());
        let sent = mailer.send(&Envelope {
            address: &read.address,
            name: read.name.as_deref(),
            letter: &letter,
            message_id: &telling::message_id(closure, message, mailer.domain()),
            in_reply_to: (message == Message::Reminder).then_some(first.as_str()),
            unsubscribe: &unsubscribe,
        });
        if let Err(Problem::NoMailbox { detail, .. }) = &sent {
            let reason = without(detail, &read.address);
            store.write_now(Actor::AUTOMATION, move |tx| telling::refused(tx, closure, &reason))?;
        }
        Ok(outcome(sent, &read.address))
    }

    /// Tells a customer why a story is declined.
    fn decline(&self, store: &Store, story: Id, customer: Id) -> Result<Outcome> {
        let Some(mailer) = &self.mailer else {
            let error = "No mail server is set (HEARBACK_SMTP_URL).".to_owned();
            return Ok(Outcome::Dead { status: None, error });
        };
        let Some(read) = store.read_now(|conn| read_declined(conn, story, customer))? else {
            // Reconsidered meanwhile, or the customer can't be mailed or no longer asks for it.
            return Ok(Outcome::Delivered { status: None });
        };
        let named = Named { about: customer, until: FOREVER };
        let unsubscribe = Links::load(store)?.url(&self.public_url, Purpose::Unsubscribe, named)?;
        let letter = Letter::write(&Words {
            tongue: read.tongue,
            news: News::Declined,
            name: read.name.clone(),
            product: read.product,
            said: read.said,
            title: read.title,
            entry: read.entry,
            release: None,
            answer: String::new(),
            unsubscribe: unsubscribe.clone(),
            until: read.until,
        });
        let sent = mailer.send(&Envelope {
            address: &read.address,
            name: read.name.as_deref(),
            letter: &letter,
            message_id: &format!("{story}.{customer}.{DECLINED}@{}", mailer.domain()),
            in_reply_to: None,
            unsubscribe: &unsubscribe,
        });
        Ok(outcome(sent, &read.address))
    }
}

impl Sender for Mails {
    fn channel(&self) -> &'static str {
        "mail"
    }

    fn send(&self, store: &Store, delivery: &Delivery) -> Outcome {
        let failed = |e: Error| Outcome::Retry { status: None, error: e.to_string(), after: None };
        self.attempt(store, delivery).unwrap_or_else(failed)
    }

    fn ended(&self, tx: &mut Tx<'_>, delivery: &Delivery, delivered: bool) -> Result<()> {
        match named(delivery) {
            Some((closure, message)) => telling::delivered(tx, closure, message, Channel::Email, delivered),
            None => Ok(()),
        }
    }
}

/// Makes the mails of an event: a round's closure was opened, its reminder is due, or a story was declined.
///
/// # Errors
/// Those of the database.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    if event.kind == "story.declined" && event.data["tell_customers"] == true {
        return fan_out_decline(tx, event.subject);
    }
    let Some(message) = message_of(event) else { return Ok(()) };
    let closure = event.subject;
    if event.data["channel"] != Channel::Email.as_str() {
        return Ok(());
    }
    let body = json!({ "closure_id": closure, "message": message.as_str() });
    let new = NewDelivery { channel: "mail", target: closure, subject: closure, event: event.kind.clone(), body };
    deliveries::enqueue(tx, new).map(drop)
}

/// A mail to everyone behind a declined story who can be mailed.
fn fan_out_decline(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let asked = stories::get(tx.conn, story)?;
    let asked = story_evidence::customers(tx.conn, &asked)?;
    for customer in customers::by_id(tx.conn, &asked)?.into_iter().filter(can_be_mailed) {
        let customer = Id::from(customer.id);
        let body = json!({ "story_id": story, "customer_id": customer, "message": DECLINED });
        let new = NewDelivery {
            channel: "mail",
            target: customer,
            subject: customer,
            event: "story.declined".to_owned(),
            body,
        };
        deliveries::enqueue(tx, new)?;
    }
    Ok(())
}

/// The story and the customer of a delivery that tells of a decline.
fn declined(delivery: &Delivery) -> Option<(Id, Id)> {
    let id = |name: &str| delivery.body[name].as_str()?.parse().ok();
    (delivery.body["message"] == DECLINED).then(|| Some((id("story_id")?, id("customer_id")?)))?
}

/// Reads what a mail of a decline is made of; `None` where its customer gets none, or the story is declined no more.
fn read_declined(conn: &mut Conn, story: Id, customer: Id) -> Result<Option<Read>> {
    let story = stories::get(conn, story)?;
    let customer = customers::row(conn, customer)?;
    let said = story_evidence::last_said(conn, &story, customer.id.into())?;
    let (Some(address), Some(said)) = (customer.email.clone().filter(|_| can_be_mailed(&customer)), said) else {
        return Ok(None);
    };
    if story.stage != Stage::Declined {
        return Ok(None);
    }
    Ok(Some(Read {
        address,
        name: customer.name,
        tongue: Tongue::of(said.language.as_deref()),
        product: products::get(conn, story.product_id)?.name,
        said: Some((said.text, said.occurred_at.into())),
        title: story.title,
        entry: story.stage_reason,
        release: None,
        until: FOREVER,
    }))
}

/// What sending came to.
fn outcome(sent: std::result::Result<u16, Problem>, address: &str) -> Outcome {
    match sent {
        Ok(status) => Outcome::Delivered { status: Some(status) },
        Err(Problem::Later { status, detail }) => {
            Outcome::Retry { status, error: without(&detail, address), after: None }
        }
        Err(Problem::Refused { status, detail } | Problem::NoMailbox { status, detail }) => {
            Outcome::Dead { status, error: without(&detail, address) }
        }
    }
}

/// The message an event asks for.
pub(super) fn message_of(event: &Logged) -> Option<Message> {
    match event.kind.as_str() {
        "closure.opened" => Some(Message::Told),
        "closure.reminder_due" => Some(Message::Reminder),
        _ => None,
    }
}

/// The closure and the message that a delivery is.
fn named(delivery: &Delivery) -> Option<(Id, Message)> {
    let message = Message::named(delivery.body["message"].as_str()?)?;
    Some((delivery.body["closure_id"].as_str()?.parse().ok()?, message))
}

/// Reads what a mail is made of; `None` where its customer gets none.
fn read(conn: &mut Conn, closure: Id, message: Message, now: Time) -> Result<Option<Read>> {
    let row = closures::row(conn, closure)?;
    let customer = customers::row(conn, row.customer_id.into())?;
    let Some(address) = customer.email.clone().filter(|_| can_be_mailed(&customer)) else { return Ok(None) };
    let story = stories::get(conn, row.story_id.into())?;
    let product = products::get(conn, story.product_id)?;
    let said = story_evidence::said(conn, story.id, row.customer_id.into())?.into_iter().next();
    let released_as = match row.release_id {
        Some(release) => story_evidence::released_as(conn, story.id, release.into())?,
        None => None,
    };
    let (release, entry) = released_as.unzip();
    let expires = row.expires_at.map(Time::from).filter(|_| message == Message::Reminder);
    Ok(Some(Read {
        address,
        name: customer.name,
        tongue: Tongue::of(said.as_ref().and_then(|item| item.language.as_deref())),
        product: product.name,
        said: said.map(|item| (item.text, item.occurred_at.into())),
        title: story.title,
        entry: entry.flatten(),
        release,
        until: expires.unwrap_or_else(|| now.plus(i64::from(product.settings.expiry_days) * Time::DAY)),
    }))
}

/// What a mail server said, without the address it may repeat: the delivery log holds no personal data.
fn without(detail: &str, address: &str) -> String {
    detail.replace(address, "[address]").replace(&address.to_lowercase(), "[address]")
}
