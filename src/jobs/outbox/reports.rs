//! Mails to subscribers of reports. A delivery has only ids: the report and the address are read when the mail is sent, so
//! that it goes to nobody who unsubscribed meanwhile, and names nobody who was erased.

use super::AttemptOutcome;
use super::mail_outcome::{dead, outcome};
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::integrations::Delivery;
use crate::domain::reports::subscription::{Subscription, SubscriptionState};
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::outside::mail::{ConfirmWords, Envelope, Mailer, ReportFooter, report_letter};
use crate::store::integrations::deliveries;
use crate::store::reports::{links as stored_links, subscriptions};
use crate::store::team::{members, products};
use crate::store::{Conn, Store, Tx};
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::reports::sending::{self, ReportMail};
use crate::usecase::reports::subscriptions::CONFIRM_WITHIN;

/// Links to unsubscribe never expire.
const FOREVER: Time = Time(253_402_300_799 * Time::SECOND);

/// The mail of a delivery.
#[derive(Clone, Copy)]
pub(super) enum SubscriberMail {
    /// A report.
    Report { delivery: Id },
    /// The question whether somebody wants reports.
    Confirm { subscription: Id },
}

impl SubscriberMail {
    /// The mail of this delivery; `None` if it is not about reports.
    pub(super) fn of(delivery: &Delivery) -> Option<Self> {
        let id = |name: &str| delivery.body[name].as_str()?.parse::<Id>().ok();
        match (id("report_delivery_id"), id("report_subscription_id")) {
            (Some(delivery), _) => Some(Self::Report { delivery }),
            (None, Some(subscription)) => Some(Self::Confirm { subscription }),
            (None, None) => None,
        }
    }
}

/// Attempts a mail.
pub(super) fn attempt(
    store: &Store,
    mailer: Option<&Mailer>,
    public_url: &str,
    mail: SubscriberMail,
) -> Result<AttemptOutcome> {
    match mail {
        SubscriberMail::Report { delivery } => send_report(store, mailer, public_url, delivery),
        SubscriberMail::Confirm { subscription } => send_question(store, mailer, public_url, subscription),
    }
}

/// Nothing is to be sent any more.
fn not_needed() -> AttemptOutcome {
    AttemptOutcome::Delivered { status: None }
}

fn send_report(store: &Store, mailer: Option<&Mailer>, public_url: &str, delivery: Id) -> Result<AttemptOutcome> {
    let now = store.clock.now();
    let read = move |conn: &mut Conn| {
        let Some(mail) = sending::mail(conn, delivery)? else { return Ok(None) };
        let link = stored_links::for_sending(conn, mail.shown.report.id, mail.subscription.scope, now)?;
        Ok(Some((mail, link)))
    };
    let Some((mail, link)) = store.read_now(read)? else { return Ok(not_needed()) };
    let Some(mailer) = mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
    let links = CustomerLinks::load(store)?;
    let page =
        link.map(|link| links.url(public_url, Purpose::Report, LinkContent { about: link.id, until: link.expires_at }));
    let ReportMail { address, name, subscription, shown } = mail;
    let unsubscribe = LinkContent { about: subscription.id, until: FOREVER };
    let footer = ReportFooter {
        page: page.transpose()?,
        unsubscribe: Some(links.url(public_url, Purpose::Subscription, unsubscribe)?),
        is_member: subscription.member_id.is_some(),
    };
    let document = crate::usecase::reports::reading::document(&shown);
    let sent = mailer.send(&Envelope {
        address: &address,
        name: name.as_deref(),
        letter: &report_letter(&document, &footer),
        message_id: &format!("{delivery}.report@{}", mailer.domain()),
        in_reply_to: None,
        unsubscribe: footer.unsubscribe.as_deref(),
    });
    Ok(outcome(sent, &address))
}

fn send_question(store: &Store, mailer: Option<&Mailer>, public_url: &str, id: Id) -> Result<AttemptOutcome> {
    let Some((subscription, address, mut words)) = store.read_now(|conn| question(conn, id))? else {
        return Ok(not_needed());
    };
    let Some(mailer) = mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
    let content = LinkContent { about: id, until: subscription.created_at.plus(CONFIRM_WITHIN) };
    words.link = CustomerLinks::load(store)?.url(public_url, Purpose::Subscription, content)?;
    let sent = mailer.send(&Envelope {
        address: &address,
        name: None,
        letter: &words.letter(),
        message_id: &format!("{id}.subscription@{}", mailer.domain()),
        in_reply_to: None,
        unsubscribe: None,
    });
    Ok(outcome(sent, &address))
}

/// Whom a subscription asks, and how; `None` where it was confirmed or ended meanwhile.
fn question(conn: &mut Conn, id: Id) -> Result<Option<(Subscription, String, ConfirmWords)>> {
    let subscription = subscriptions::get(conn, id)?;
    if subscription.state != SubscriptionState::Pending {
        return Ok(None);
    }
    let address = match (subscription.member_id, subscription.email.clone()) {
        (Some(member), _) => members::find_active(conn, member)?.map(|member| member.email),
        (None, email) => email.filter(|email| email.contains('@')),
    };
    let Some(address) = address else { return Ok(None) };
    let mut names = Vec::new();
    for product in &subscription.products {
        names.push(products::get(conn, *product)?.name);
    }
    let by = match subscription.created_by {
        Some(by) => members::names_of(conn, &[by])?.remove(&by),
        None => None,
    };
    let language = Language::of(Some(&subscription.language));
    let words = ConfirmWords {
        language,
        products: names.join(", "),
        kind: Words(language).named("repkind", subscription.kind.as_str()),
        by,
        link: String::new(),
    };
    Ok(Some((subscription, address, words)))
}

/// Records the end of a mail with a report.
pub(super) fn ended(tx: &mut Tx<'_>, mail: SubscriberMail, delivery: &Delivery, delivered: bool) -> Result<()> {
    let SubscriberMail::Report { delivery: id } = mail else { return Ok(()) };
    // A mail that was sent has an answer of the mail server.
    let was_sent = delivered && deliveries::get(tx.conn, delivery.id)?.last_status.is_some();
    sending::ended(tx, id, delivered, was_sent)
}
