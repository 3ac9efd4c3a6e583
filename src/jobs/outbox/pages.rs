//! Mail to members who are paged for an incident. A delivery contains the id of the page; all else is read when the mail
//! is sent, so that nobody is paged for what was acknowledged meanwhile.

use serde_json::json;

use super::AttemptOutcome;
use super::mail_outcome::{dead, outcome};
use crate::domain::base::Id;
use crate::domain::base::language::Language;
use crate::domain::integrations::{Delivery, NewDelivery};
use crate::domain::team::Member;
use crate::error::Result;
use crate::outside::mail::{Envelope, Mailer, PagingWords};
use crate::store::base::events::Logged;
use crate::store::integrations::deliveries;
use crate::store::operations::{incidents, pages};
use crate::store::team::{members, products};
use crate::store::{Conn, Store, Tx};
use crate::usecase::team::access;

/// The page of a delivery; `None` if it is not one.
pub(super) fn page_of(delivery: &Delivery) -> Option<Id> {
    delivery.body["page_id"].as_str()?.parse().ok()
}

/// Creates the mail of a page.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    if event.kind != "incident.paged" {
        return Ok(());
    }
    let id = |name: &str| event.data[name].as_str().and_then(|id| id.parse::<Id>().ok());
    let (Some(page), Some(member)) = (id("page_id"), id("member_id")) else { return Ok(()) };
    // A page is a subject of its own: it does not wait for an earlier one of the same incident that fails.
    let body = json!({ "page_id": page, "incident_id": event.subject });
    let new = NewDelivery { channel: "mail", target: member, subject: page, event: event.kind.clone(), body };
    deliveries::enqueue(tx, new).map(drop)
}

/// Attempts the mail of a page.
pub(super) fn attempt(store: &Store, mailer: Option<&Mailer>, public_url: &str, page: Id) -> Result<AttemptOutcome> {
    let read = store.read_now(|conn| read(conn, page, public_url))?;
    let Some((member, words)) = read else {
        // The incident was acknowledged meanwhile, or an earlier attempt sent the mail and crashed before it was recorded.
        return Ok(AttemptOutcome::Delivered { status: None });
    };
    let Some(mailer) = mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
    let sent = mailer.send(&Envelope {
        address: &member.email,
        name: Some(&member.name),
        letter: &words.letter(),
        message_id: &format!("{page}.page@{}", mailer.domain()),
        in_reply_to: None,
        unsubscribe: None,
    });
    Ok(outcome(sent, &member.email))
}

/// Records that the member was mailed, or that the page was given up.
pub(super) fn ended(tx: &mut Tx<'_>, page: Id, delivery: &Delivery, delivered: bool) -> Result<()> {
    let was_sent = delivered && deliveries::get(tx.conn, delivery.id)?.last_status.is_some();
    pages::ended(tx, page, was_sent)
}

/// The recipient and the content of the mail; `None` if it is no longer needed.
fn read(conn: &mut Conn, page: Id, public_url: &str) -> Result<Option<(Member, PagingWords)>> {
    let page = pages::get(conn, page)?;
    if page.sent_at.is_some() || page.over_at.is_some() {
        return Ok(None);
    }
    let (incident, member) = (incidents::get(conn, page.incident_id)?, members::get(conn, page.member_id)?);
    let acknowledged = pages::last_acknowledged(conn, incident.id)?.map(|(at, _)| at).max(incident.acknowledged_at);
    if !incident.is_active() || acknowledged.is_some_and(|at| at >= page.created_at) || !member.active {
        return Ok(None);
    }
    // The product may have become private since the page was made.
    if access::readers(conn, Some(incident.product_id), vec![member.id], "get_incident")?.is_empty() {
        return Ok(None);
    }
    let product = products::get(conn, incident.product_id)?;
    let language = Language::of(Some(&member.language));
    let words = PagingWords {
        language,
        product: product.name,
        link: format!("{}/console/incidents/{}", public_url.trim_end_matches('/'), incident.number),
        number: incident.number,
        title: incident.title,
        severity: incident.severity,
        because: page.because,
        whom: page.whom,
        is_repeat: page.round > 0,
    };
    Ok(Some((member, words)))
}
