//! Mail to members who are asked for something: to take over an incident or a shift, or to look at an evaluation again. A
//! delivery contains ids; all else is read when the mail is sent, so that nobody is asked for what was decided meanwhile.

use serde_json::json;

use super::AttemptOutcome;
use super::mail_outcome::{dead, outcome};
use crate::domain::base::Id;
use crate::domain::base::language::Language;
use crate::domain::integrations::{Delivery, NewDelivery};
use crate::domain::operations::hand_off::HandOffState;
use crate::domain::operations::rota::OverrideState;
use crate::domain::team::Member;
use crate::error::Result;
use crate::outside::mail::{AskWords, AskedFor, Envelope, Mailer};
use crate::store::base::events::Logged;
use crate::store::evaluations::rows as evaluations;
use crate::store::integrations::deliveries;
use crate::store::operations::{hand_offs, incidents, overrides, rotas};
use crate::store::team::{members, products};
use crate::store::{Conn, Store, Tx};
use crate::usecase::evaluations::revisiting;
use crate::usecase::team::access;

/// What a mail asks for.
#[derive(Clone, Copy)]
pub(super) enum Ask {
    /// To take over an incident: the incident, and the offer.
    HandOff { incident: Id, offer: Id },
    /// To take a shift.
    Shift(Id),
    /// To look at an evaluation again: the evaluation, the member, and the delivery, since a later day asks anew.
    Revisit { evaluation: Id, member: Id, delivery: Id },
}

impl Ask {
    /// What a delivery asks for; `None` if it asks for nothing.
    pub(super) fn of(delivery: &Delivery) -> Option<Self> {
        let id = |name: &str| delivery.body[name].as_str()?.parse::<Id>().ok();
        if let Some(evaluation) = id("evaluation_id") {
            return Some(Ask::Revisit { evaluation, member: id("member_id")?, delivery: delivery.id });
        }
        match (id("hand_off_id"), id("incident_id"), id("override_id")) {
            (Some(offer), Some(incident), _) => Some(Ask::HandOff { incident, offer }),
            (_, _, Some(shift)) => Some(Ask::Shift(shift)),
            _ => None,
        }
    }

    /// Its `Message-ID`, the same at every attempt.
    fn message_id(self, domain: &str) -> String {
        match self {
            Ask::HandOff { offer, .. } => format!("{offer}.offer@{domain}"),
            Ask::Shift(shift) => format!("{shift}.shift@{domain}"),
            Ask::Revisit { delivery, .. } => format!("{delivery}.revisit@{domain}"),
        }
    }
}

/// Creates the mail of an offer, or of a shift that a member is asked to take, and the mails about an evaluation whose day
/// has come.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    if event.kind == "evaluation.revisit_due" {
        return fan_out_revisit(tx, event);
    }
    let id = |name: &str| event.data[name].as_str().and_then(|id| id.parse::<Id>().ok());
    let (target, subject, body) = match event.kind.as_str() {
        "incident.hand_off_offered" => {
            let (Some(to), Some(offer)) = (id("to_id"), id("hand_off_id")) else { return Ok(()) };
            (to, offer, json!({ "hand_off_id": offer, "incident_id": event.subject }))
        }
        "rota.override_created" if event.data["state"] == OverrideState::Asked.as_str() => {
            let (Some(to), Some(shift)) = (id("member_id"), id("override_id")) else { return Ok(()) };
            (to, shift, json!({ "override_id": shift }))
        }
        _ => return Ok(()),
    };
    let new = NewDelivery { channel: "mail", target, subject, event: event.kind.clone(), body };
    deliveries::enqueue(tx, new).map(drop)
}

/// Creates a mail for each member whose work it is to look at the evaluation again.
fn fan_out_revisit(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    let evaluation = evaluations::get(tx.conn, event.subject)?;
    for target in revisiting::people(tx.conn, &evaluation)? {
        let body = json!({ "evaluation_id": evaluation.id, "member_id": target });
        let new = NewDelivery { channel: "mail", target, subject: evaluation.id, event: event.kind.clone(), body };
        deliveries::enqueue(tx, new)?;
    }
    Ok(())
}

/// Attempts the mail.
pub(super) fn attempt(store: &Store, mailer: Option<&Mailer>, public_url: &str, ask: Ask) -> Result<AttemptOutcome> {
    let Some((member, words)) = store.read_now(|conn| read(conn, ask, public_url))? else {
        // It was decided meanwhile.
        return Ok(AttemptOutcome::Delivered { status: None });
    };
    let Some(mailer) = mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
    let sent = mailer.send(&Envelope {
        address: &member.email,
        name: Some(&member.name),
        letter: &words.letter(),
        message_id: &ask.message_id(mailer.domain()),
        in_reply_to: None,
        unsubscribe: None,
    });
    Ok(outcome(sent, &member.email))
}

/// Whom a mail goes to, in which product, and what it says.
struct Asked {
    member: Id,
    by: Option<Id>,
    product: Id,
    what: AskedFor,
    link: String,
    /// The operation that a member must be allowed to call to be asked.
    may: &'static str,
}

/// The recipient and the content of the mail; `None` if it is no longer needed.
fn read(conn: &mut Conn, ask: Ask, public_url: &str) -> Result<Option<(Member, AskWords)>> {
    let Some(asked) = asked(conn, ask)? else { return Ok(None) };
    let member = members::get(conn, asked.member)?;
    let may_read = access::readers(conn, Some(asked.product), vec![member.id], asked.may)?;
    if !member.active || may_read.is_empty() {
        return Ok(None);
    }
    let by = match asked.by {
        Some(by) => members::names_of(conn, &[by])?.remove(&by),
        None => None,
    };
    let words = AskWords {
        language: Language::of(Some(&member.language)),
        product: products::get(conn, asked.product)?.name,
        by,
        what: asked.what,
        link: format!("{}{}", public_url.trim_end_matches('/'), asked.link),
    };
    Ok(Some((member, words)))
}

fn asked(conn: &mut Conn, ask: Ask) -> Result<Option<Asked>> {
    match ask {
        Ask::HandOff { incident, offer } => {
            let (incident, offer) = (incidents::get(conn, incident)?, hand_offs::get(conn, incident, offer)?);
            let asked = Asked {
                member: offer.to_id,
                by: Some(offer.from_id),
                product: incident.product_id,
                link: format!("/console/incidents/{}", incident.number),
                may: "get_incident",
                what: AskedFor::HandOff { number: incident.number, title: incident.title, until: offer.expires_at },
            };
            Ok(Some(asked).filter(|_| offer.state == HandOffState::Offered))
        }
        Ask::Shift(id) => {
            let shift = overrides::get(conn, id)?;
            let rota = rotas::get(conn, shift.rota_id)?;
            let asked = Asked {
                member: shift.member_id,
                by: shift.asked_by,
                product: rota.product_id,
                link: "/console/rotas".to_owned(),
                may: "get_incident",
                what: AskedFor::Shift {
                    rota: rota.name,
                    time_zone: rota.time_zone,
                    from: shift.starts_at,
                    to: shift.ends_at,
                    note: shift.note,
                },
            };
            Ok(Some(asked).filter(|_| shift.state == OverrideState::Asked))
        }
        Ask::Revisit { evaluation, member, .. } => {
            let evaluation = evaluations::get(conn, evaluation)?;
            // A new day, or another status, takes the question back.
            let waits = evaluation.status.is_current() && evaluation.revisit_noted_at.is_some();
            let Some(day) = evaluation.revisit_date.filter(|_| waits) else { return Ok(None) };
            Ok(Some(Asked {
                member,
                by: None,
                product: evaluation.product_id,
                link: format!("/console/evaluations/{}", evaluation.id),
                what: AskedFor::Revisit { title: evaluation.title, day },
                may: "get_evaluation",
            }))
        }
    }
}
