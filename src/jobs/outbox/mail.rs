//! Mail to customers, as a channel of the outbox. A delivery names a closure, or a declined story and a customer, and
//! what the mail is for; everything else is read when it is sent, so that the outbox holds no words and no addresses.

use serde_json::json;

use super::{Outcome, Sender};
use crate::domain::language::Tongue;
use crate::domain::stage::Stage;
use crate::domain::{Actor, Channel, Delivery, Id, NewDelivery, Time};
use crate::error::{Error, Result};
use crate::notify::{Ask, Envelope, Letter, Mailer, Problem, Words};
use crate::store::events::Logged;
use crate::store::{Conn, Store, Tx, closures, customers, deliveries, products, stories, story_evidence};
use crate::usecase::closing::can_be_mailed;
use crate::usecase::customer_links::{Links, Named, Purpose};
use crate::usecase::telling::{self, DECLINED, Message};
use crate::usecase::texts;

/// The last moment a link to unsubscribe is good for: such links don't expire. What they name, a closure or a customer,
/// is an id that says nothing outside, and all they do is stop mail.
const FOREVER: Time = Time(253_402_300_799 * Time::SECOND);

/// Sends the mails.
pub struct Mails {
    /// `None` where no mail server is set.
    mailer: Option<Mailer>,
    /// Where this instance is reached from outside.
    public_url: String,
}

/// What a delivery is a mail of.
#[derive(Clone, Copy)]
enum Mail {
    /// A closure: its story is released, and the customer is asked.
    Closure(Id, Message),
    /// A decline, told to one of the customers behind its story.
    Decline { story: Id, customer: Id },
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
    /// Until when they can answer; `None` where nothing is asked.
    until: Option<Time>,
}

/// What there is to send, or what becomes of a delivery without that.
type Reading = std::result::Result<Read, Outcome>;

impl Mails {
    /// A channel that sends through this mailer.
    pub fn new(mailer: Option<Mailer>, public_url: String) -> Self {
        Self { mailer, public_url }
    }

    fn attempt(&self, store: &Store, delivery: &Delivery) -> Result<Outcome> {
        let Some(mail) = Mail::of(delivery) else { return Ok(dead("It names no mail.")) };
        let now = store.clock.now();
        let read = match store.read_now(|conn| mail.read(conn, now))? {
            Ok(read) => read,
            Err(outcome) => return Ok(outcome),
        };
        let Some(mailer) = &self.mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
        let (id, reply_to) = mail.ids(delivery, mailer.domain());
        let links = Links::load(store)?;
        let url = |purpose, until| links.url(&self.public_url, purpose, Named { about: mail.about(), until });
        let ask = |until| {
            let answer = url(Purpose::Answer, until)?;
            Ok::<_, Error>(Ask { reminder: reply_to.is_some(), answer, until })
        };
        let words = Words {
            tongue: read.tongue,
            name: read.name,
            product: read.product,
            said: read.said,
            title: read.title,
            entry: read.entry,
            release: read.release,
            ask: read.until.map(ask).transpose()?,
            unsubscribe: url(Purpose::Unsubscribe, FOREVER)?,
        };
        let sent = mailer.send(&Envelope {
            address: &read.address,
            name: words.name.as_deref(),
            letter: &Letter::write(&words),
            message_id: &id,
            in_reply_to: reply_to.as_deref(),
            unsubscribe: &words.unsubscribe,
        });
        if let Err(Problem::NoMailbox { detail, .. }) = &sent {
            let reason = without(detail, &read.address);
            store.write_now(Actor::AUTOMATION, move |tx| telling::refused(tx, mail.about(), &reason))?;
        }
        Ok(outcome(sent, &read.address))
    }
}

impl Mail {
    fn of(delivery: &Delivery) -> Option<Self> {
        let id = |name: &str| delivery.body[name].as_str()?.parse().ok();
        match delivery.body["message"].as_str()? {
            DECLINED => Some(Mail::Decline { story: id("story_id")?, customer: id("customer_id")? }),
            message => Some(Mail::Closure(id("closure_id")?, Message::named(message)?)),
        }
    }

    /// What its links name.
    fn about(self) -> Id {
        match self {
            Mail::Closure(closure, _) => closure,
            Mail::Decline { customer, .. } => customer,
        }
    }

    /// Its `Message-ID`, and that of the mail it goes with.
    fn ids(self, delivery: &Delivery, domain: &str) -> (String, Option<String>) {
        match self {
            Mail::Closure(closure, message) => {
                let first = telling::message_id(closure, Message::Told, domain);
                let reply_to = (message == Message::Reminder).then_some(first);
                (telling::message_id(closure, message, domain), reply_to)
            }
            Mail::Decline { customer, .. } => (telling::decline_id(delivery.message_id, customer, domain), None),
        }
    }

    fn read(self, conn: &mut Conn, now: Time) -> Result<Reading> {
        match self {
            Mail::Closure(closure, message) => read_closure(conn, closure, message, now),
            Mail::Decline { story, customer } => read_decline(conn, story, customer),
        }
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
        match Mail::of(delivery) {
            Some(Mail::Closure(closure, message)) => {
                telling::delivered(tx, closure, message, Channel::Email, delivered)
            }
            Some(Mail::Decline { .. }) | None => Ok(()),
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

/// Reads a closure's mail.
fn read_closure(conn: &mut Conn, closure: Id, message: Message, now: Time) -> Result<Reading> {
    let row = closures::row(conn, closure)?;
    if !message.is_due(&row, Channel::Email) {
        // Told or answered otherwise meanwhile, or sent by an attempt that died before it said so.
        return Ok(Err(Outcome::Delivered { status: None }));
    }
    let customer = customers::row(conn, row.customer_id.into())?;
    let Some(address) = customer.email.clone().filter(|_| can_be_mailed(&customer)) else {
        return Ok(Err(dead("The customer can't be mailed.")));
    };
    let story = stories::get(conn, row.story_id.into())?;
    let product = products::get(conn, story.product_id)?;
    let said = story_evidence::said(conn, story.id, row.customer_id.into())?.into_iter().next();
    let released_as = match row.release_id {
        Some(release) => story_evidence::released_as(conn, story.id, release.into())?,
        None => None,
    };
    let release = released_as.map(|(name, _)| name);
    let language = said.as_ref().and_then(|item| item.language.as_deref());
    let wording = texts::of_story(conn, &story, row.release_id.map(Id::from), language)?;
    let expires = row.expires_at.map(Time::from).filter(|_| message == Message::Reminder);
    Ok(Ok(Read {
        address,
        name: customer.name,
        tongue: Tongue::of(language),
        product: product.name,
        said: said.map(|item| (item.text, item.occurred_at.into())),
        title: wording.title,
        entry: wording.entry,
        release,
        until: Some(expires.unwrap_or_else(|| now.plus(i64::from(product.settings.expiry_days) * Time::DAY))),
    }))
}

/// Reads the mail of a decline.
fn read_decline(conn: &mut Conn, story: Id, customer: Id) -> Result<Reading> {
    let story = stories::get(conn, story)?;
    let customer = customers::row(conn, customer)?;
    let said = story_evidence::last_said(conn, &story, customer.id.into())?;
    let address = customer.email.clone().filter(|_| can_be_mailed(&customer));
    let (Some(address), Some(said), Stage::Declined) = (address, said, story.stage) else {
        // Reconsidered meanwhile, or the customer can't be mailed or no longer asks for it.
        return Ok(Err(Outcome::Delivered { status: None }));
    };
    let wording = texts::of_story(conn, &story, None, said.language.as_deref())?;
    Ok(Ok(Read {
        address,
        name: customer.name,
        tongue: Tongue::of(said.language.as_deref()),
        product: products::get(conn, story.product_id)?.name,
        said: Some((said.text, said.occurred_at.into())),
        title: wording.title,
        entry: wording.reason,
        release: None,
        until: None,
    }))
}

fn dead(error: &str) -> Outcome {
    Outcome::Dead { status: None, error: error.to_owned() }
}

/// What a mail server said, without the address it may repeat: the delivery log holds no personal data.
fn without(detail: &str, address: &str) -> String {
    detail.replace(address, "[address]").replace(&address.to_lowercase(), "[address]")
}
