//! Answers of customers who were told of an incident: whether it is over for them. "Not over" is filed as new feedback,
//! which is linked to the incident. It reopens nothing: only a person does that.

use serde_json::{Map, json};

use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::feedback::{FeedbackRecord, Kind, NewFeedback};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::link::{IncidentLinkKind, IncidentTarget, NewIncidentLink};
use crate::domain::operations::telling::{Telling, TellingNews, TellingPhase, TellingState};
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::error::{Code, Error, Result};
use crate::store::feedback::customers;
use crate::store::operations::{incidents, tellings};
use crate::store::team::products;
use crate::store::{Conn, Tx, feedback};
use crate::usecase::closure::answers::said_in_answer;
use crate::usecase::closure::customer_links::{self, Purpose};
use crate::usecase::feedback::filing;
use crate::usecase::operations::{incident_links, states, timeline};

/// How long a customer can answer by the link in a mail, in microseconds.
pub const ANSWERED_WITHIN: i64 = 30 * Time::DAY;

/// What a link asks a customer.
#[derive(Clone, Debug)]
pub struct AskedTelling {
    pub telling: Id,
    pub language: Language,
    pub product: String,
    /// What the customer was told.
    pub text: String,
}

/// The message that a link is about.
///
/// # Errors
/// 404 where the link is none of this instance's or the message is gone, 409 where it is answered, 410 where the time to
/// answer has ended.
pub fn asked(conn: &mut Conn, token: &str, now: Time) -> Result<AskedTelling> {
    let link = customer_links::resolve(conn, Purpose::Incident, token)?;
    let telling = tellings::find(conn, link.about)?.ok_or_else(|| Error::not_found("link"))?;
    if telling.answered_at.is_some() {
        return Err(Code::Conflict.into());
    }
    if link.until < now {
        return Err(Code::Gone.into());
    }
    let incident = incidents::lasting(conn, telling.incident_id)?;
    let product = products::get(conn, incident.product_id)?.name;
    Ok(AskedTelling {
        telling: telling.id,
        language: Language::of(Some(&telling.language)),
        product,
        text: telling.text,
    })
}

/// Records that a member told a customer, and what they answered.
///
/// # Errors
/// 404, 422 where there are words but nothing that they are about.
pub fn heard(tx: &mut Tx<'_>, id: Id, customer: Id, input: &TellingNews) -> Result<Telling> {
    if input.because.is_some() && input.is_over != Some(false) {
        return Err(Error::field("/because", "conflict", "goes with `is_over: false` only"));
    }
    let incident = states::held(tx, id, None)?;
    // A support desk may report under the id of a customer who was merged since.
    let person = customers::row(tx.conn, customer)?.person();
    let telling = tellings::get(tx.conn, id, person, input.phase)?;
    record(tx, &incident, telling, input)
}

/// Records the answer of a customer who followed the link in a mail.
///
/// # Errors
/// 404, 409 where it is answered.
pub fn answer(tx: &mut Tx<'_>, telling: Id, is_over: bool, because: Option<String>) -> Result<Telling> {
    let found = tellings::find(tx.conn, telling)?.ok_or_else(|| Error::not_found("message to this customer"))?;
    // The incident may have been merged since the customer was told.
    let lasting = incidents::lasting(tx.conn, found.incident_id)?.id;
    let incident = states::held(tx, lasting, None)?;
    // Read again under the lock on the incident, so that one of two answers at once is the first.
    let telling = tellings::find(tx.conn, telling)?.ok_or_else(|| Error::not_found("message to this customer"))?;
    if telling.answered_at.is_some() {
        return Err(Code::Conflict.into());
    }
    let input = TellingNews { phase: TellingPhase::End, is_over: Some(is_over), because };
    record(tx, &incident, telling, &input)
}

fn record(tx: &mut Tx<'_>, incident: &Incident, telling: Telling, input: &TellingNews) -> Result<Telling> {
    let telling = Telling {
        state: TellingState::Told,
        told_at: telling.told_at.or(Some(tx.now)),
        is_over: input.is_over.or(telling.is_over),
        answered_at: if input.is_over.is_some() { Some(tx.now) } else { telling.answered_at },
        ..telling
    };
    tellings::update(tx, &telling)?;
    let data = json!({ "phase": telling.phase, "telling_id": telling.id, "is_over": telling.is_over });
    let what = Happening { kind: EntryKind::CustomerTold, happened_at: tx.now, text: None, data };
    timeline::add(tx, incident, &what)?;
    if let Some(because) = input.because.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let target_id = file(tx, incident, &telling, because)?;
        let link = NewIncidentLink { target_kind: IncidentTarget::Feedback, target_id, kind: IncidentLinkKind::About };
        incident_links::add(tx, incident.id, &link)?;
    }
    Ok(telling)
}

/// Files the words of an answer as the customer's feedback.
fn file(tx: &mut Tx<'_>, incident: &Incident, telling: &Telling, because: &str) -> Result<Id> {
    let fields = Map::from_iter([("incident".to_owned(), json!(incident.number))]);
    // With the time, because a member may record another answer later.
    let external_id = format!("{}.{}", telling.id, tx.now.0);
    let said = said_in_answer(incident.product_id, because, external_id, fields, tx.now);
    let input = NewFeedback { kind: Some(Kind::Complaint), ..said };
    let filed = filing::file(tx, std::slice::from_ref(&input))?.pop();
    let id = filed.ok_or_else(|| Error::internal("nothing was filed"))??.feedback.id;
    let before = feedback::rows::row(tx.conn, id)?;
    let placed = FeedbackRecord { customer_id: Some(telling.customer_id), ..before.clone() };
    feedback::rows::update(tx, &before, placed)?;
    Ok(id)
}
