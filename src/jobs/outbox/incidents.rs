//! Mails about incidents: to customers who are told, and to members who are called. A delivery has only ids; everything
//! else is read when the mail is sent.

use serde_json::json;

use super::AttemptOutcome;
use super::mail_outcome::{dead, outcome};
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::integrations::{Delivery, NewDelivery};
use crate::domain::operations::telling::TellingPhase;
use crate::error::{Error, Result};
use crate::outside::mail::{CallWords, Envelope, Mailer, NewsWords};
use crate::store::base::events::Logged;
use crate::store::feedback::customers;
use crate::store::integrations::deliveries;
use crate::store::operations::{entries, incidents, tellings as stored_tellings};
use crate::store::team::{members, products};
use crate::store::{Conn, Store, Tx};
use crate::usecase::closure::audience::not_mailed;
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::operations::telling::{answers, sending};

/// Links to unsubscribe never expire.
const FOREVER: Time = Time(253_402_300_799 * Time::SECOND);

/// The mail of a delivery.
#[derive(Clone, Copy)]
pub(super) enum IncidentMail {
    /// To a customer.
    News { telling: Id },
    /// To a member who is called.
    Call { incident: Id, entry: Id, member: Id },
}

/// A mail to send.
struct IncidentLetter {
    address: String,
    name: Option<String>,
    content: LetterWords,
}

enum LetterWords {
    News(NewsWords),
    Call(CallWords),
}

impl IncidentMail {
    /// The mail of this delivery; `None` if it is not about an incident.
    pub(super) fn of(delivery: &Delivery) -> Option<Self> {
        let id = |name: &str| delivery.body[name].as_str()?.parse::<Id>().ok();
        match id("telling_id") {
            Some(telling) => Some(Self::News { telling }),
            None => Some(Self::Call { incident: id("incident_id")?, entry: id("entry_id")?, member: id("member_id")? }),
        }
    }

    fn message_id(self, domain: &str) -> String {
        match self {
            Self::News { telling } => format!("{telling}.incident@{domain}"),
            Self::Call { entry, member, .. } => format!("{entry}.{member}.call@{domain}"),
        }
    }

    fn read(self, conn: &mut Conn, public_url: &str) -> Result<Option<IncidentLetter>> {
        match self {
            Self::News { telling } => news(conn, telling),
            Self::Call { incident, entry, member } => call(conn, incident, entry, member, public_url),
        }
    }
}

/// Creates the mails of a call, one for each member except the caller.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    if event.kind != "incident.swarm_called" {
        return Ok(());
    }
    let called = event.data["member_ids"].as_array().into_iter().flatten();
    let called: Vec<Id> = called.filter_map(|id| id.as_str()?.parse().ok()).collect();
    for member in called.into_iter().filter(|member| Some(*member) != event.actor_id) {
        let body = json!({ "incident_id": event.subject, "entry_id": event.data["entry_id"], "member_id": member });
        let new =
            NewDelivery { channel: "mail", target: member, subject: event.subject, event: event.kind.clone(), body };
        deliveries::enqueue(tx, new)?;
    }
    Ok(())
}

/// Attempts a mail about an incident.
pub(super) fn attempt(
    store: &Store,
    mailer: Option<&Mailer>,
    public_url: &str,
    mail: IncidentMail,
) -> Result<AttemptOutcome> {
    let Some(found) = store.read_now(|conn| mail.read(conn, public_url))? else {
        // They were told in another way meanwhile, or can't be mailed any more.
        return Ok(AttemptOutcome::Delivered { status: None });
    };
    let Some(mailer) = mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
    let IncidentLetter { address, name, content } = found;
    let (letter, unsubscribe) = match content {
        LetterWords::Call(words) => (words.letter(), None),
        LetterWords::News(mut words) => {
            let about = words.unsubscribe.parse::<Id>().map_err(Error::internal)?;
            let content = LinkContent { about, until: FOREVER };
            let links = CustomerLinks::load(store)?;
            words.unsubscribe = links.url(public_url, Purpose::Unsubscribe, content)?;
            if let Some(telling) = words.answer {
                let about = telling.parse::<Id>().map_err(Error::internal)?;
                let content = LinkContent { about, until: store.clock.now().plus(answers::ANSWERED_WITHIN) };
                words.answer = Some(links.url(public_url, Purpose::Incident, content)?);
            }
            (words.letter(), Some(words.unsubscribe))
        }
    };
    let sent = mailer.send(&Envelope {
        address: &address,
        name: name.as_deref(),
        letter: &letter,
        message_id: &mail.message_id(mailer.domain()),
        in_reply_to: None,
        unsubscribe: unsubscribe.as_deref(),
    });
    Ok(outcome(sent, &address))
}

/// Records the end of a mail to a customer.
pub(super) fn ended(tx: &mut Tx<'_>, mail: IncidentMail, delivery: &Delivery, delivered: bool) -> Result<()> {
    let IncidentMail::News { telling } = mail else { return Ok(()) };
    let was_sent = delivered && deliveries::get(tx.conn, delivery.id)?.last_status.is_some();
    sending::delivered(tx, telling, was_sent)
}

/// The letter to a customer; the ids of the customer and of the message stand in place of the links that stop mails and
/// that answer.
fn news(conn: &mut Conn, id: Id) -> Result<Option<IncidentLetter>> {
    let Some(telling) = stored_tellings::find(conn, id)?.filter(sending::is_due) else { return Ok(None) };
    let customer = customers::row(conn, telling.customer_id)?;
    let customer = match customer.merged_into {
        Some(into) => customers::row(conn, into)?,
        None => customer,
    };
    let address = customer.email.as_ref().map(|email| email.text.clone());
    let Some(address) = address.filter(|_| not_mailed(&customer).is_none()) else { return Ok(None) };
    let incident = incidents::get(conn, telling.incident_id)?;
    let product = products::get(conn, incident.product_id)?;
    let words = NewsWords {
        language: Language::of(Some(&telling.language)),
        name: customer.name.clone(),
        product: product.name,
        phase: telling.phase,
        text: telling.text,
        answer: (telling.phase == TellingPhase::End).then(|| telling.id.to_string()),
        unsubscribe: customer.id.to_string(),
    };
    Ok(Some(IncidentLetter { address, name: customer.name, content: LetterWords::News(words) }))
}

fn call(conn: &mut Conn, incident: Id, entry: Id, member: Id, public_url: &str) -> Result<Option<IncidentLetter>> {
    let Some(member) = members::find_active(conn, member)? else { return Ok(None) };
    let incident = incidents::lasting(conn, incident)?;
    let entry = entries::get(conn, &incident, entry)?;
    let product = products::get(conn, incident.product_id)?;
    let words = CallWords {
        language: Language::of(Some(&member.language)),
        number: incident.number,
        severity: incident.severity,
        product: product.name,
        title: incident.title,
        text: entry.text,
        link: format!("{}/v1/incidents/{}", public_url.trim_end_matches('/'), incident.id),
    };
    Ok(Some(IncidentLetter { address: member.email, name: Some(member.name), content: LetterWords::Call(words) }))
}
