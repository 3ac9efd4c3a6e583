//! Requests of persons: filing, checking the identity, answering. What is kept of an answer is a proof without the data.

use serde_json::json;

use crate::domain::base::{Id, Reference, check_version};
use crate::domain::feedback::CustomerRecord;
use crate::domain::privacy::breach::letter::hex_hash;
use crate::domain::privacy::person_request::copy::PersonCopy;
use crate::domain::privacy::person_request::legal_clock::{self, calendar};
use crate::domain::privacy::person_request::{
    CopyFormat, CopyOrder, IdentityCheck, MadeCopy, NewPersonRequest, PersonRequest, PersonRequestKind,
    PersonRequestState, ProofKind, RequestAnswer, RequestProof, RequestRule,
};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::feedback::customers;
use crate::store::privacy::person_requests as store;
use crate::usecase::privacy::retention::held_erasure::{self, AskedErasure};
use crate::usecase::privacy::{consents, person_copy};

/// How a customer stopped messages who asked for it by a request.
const BY_REQUEST: &str = "A request to stop";

/// The remaining customer of an id in a request.
fn known_customer(tx: &mut Tx<'_>, id: Id) -> Result<CustomerRecord> {
    let row = Reference::Customer.found(customers::row(tx.conn, id), "/customer_id")?;
    let row = Reference::Customer.found(customers::row(tx.conn, row.person()), "/customer_id")?;
    match row.erased_at {
        Some(_) => Err(Error::field("/customer_id", "unknown", "was erased: nothing is known of them any more")),
        None => Ok(row),
    }
}

/// Files a request. Its clock starts when it was received.
///
/// # Errors
/// 410 for an erased customer, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewPersonRequest) -> Result<PersonRequest> {
    let mut wrong = Vec::new();
    if input.customer_id.is_none() && input.contact.is_none() {
        wrong.push(FieldError::new("/contact", "required", "is required without customer_id"));
    }
    let received_at = input.received_at.unwrap_or(tx.now);
    if received_at > tx.now {
        wrong.push(FieldError::new("/received_at", "in_the_future", "must not be in the future"));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let customer_id = match input.customer_id {
        Some(id) => Some(known_customer(tx, id)?.id),
        None => None,
    };
    let due_at = legal_clock::due(&input.country, received_at);
    let request = PersonRequest {
        id: Id::next(),
        kind: input.kind,
        state: PersonRequestState::Received,
        customer_id,
        contact: trimmed(&input.contact),
        country: input.country.clone(),
        note: trimmed(&input.note),
        received_at,
        due_at,
        due_on: calendar(&input.country).date(due_at),
        rule: RequestRule::of(&input.country),
        overdue: due_at < tx.now,
        extended_at: None,
        extension_reason: None,
        identity_checked_at: None,
        identity_checked_by: None,
        identity_how: None,
        outcome: None,
        refusal_reason: None,
        ended_at: None,
        ended_by: None,
        overdue_at: None,
        filed_by: tx.actor.id,
        proofs: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert(tx, &request)?;
    let data =
        json!({ "kind": request.kind, "country": request.country, "due_at": due_at, "customer_id": customer_id });
    tx.event("person_request.received", request.id, None, data);
    Ok(request)
}

fn trimmed(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Locks a request that is not answered yet; checks the version that the caller read.
fn open(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<PersonRequest> {
    let request = store::lock(tx, id)?;
    check_version(if_match, request.version)?;
    match request.state.is_ended() {
        true => Err(Error::new(Code::Conflict, format!("This request is `{}`: it has ended.", request.state))),
        false => Ok(request),
    }
}

/// Locks a request whose person is known to be who they say they are.
fn checked(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<PersonRequest> {
    let request = open(tx, id, if_match)?;
    match request.state {
        PersonRequestState::Received => {
            let detail = "The identity of the person is not checked yet: POST /v1/requests/{id}/identity first.";
            Err(Error::new(Code::Conflict, detail))
        }
        PersonRequestState::Waiting => {
            Err(Error::new(Code::Conflict, "The erasure waits for the end of a legal hold, and runs then by itself."))
        }
        _ => Ok(request),
    }
}

fn save(tx: &mut Tx<'_>, request: PersonRequest) -> Result<PersonRequest> {
    let request = PersonRequest { version: request.version + 1, updated_at: tx.now, ..request };
    store::update(tx, &request)?;
    store::get(tx.conn, request.id, tx.now)
}

/// Records that the identity was checked, and who the person is.
///
/// # Errors
/// 404, 409 where it was checked or answered before, 410, 412, 422 for a customer other than the one that it names.
pub fn check_identity(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &IdentityCheck) -> Result<PersonRequest> {
    let request = open(tx, id, if_match)?;
    if request.state != PersonRequestState::Received {
        return Err(Error::new(Code::Conflict, "The identity was checked before."));
    }
    let named = match input.customer_id {
        Some(customer) => Some(known_customer(tx, customer)?.id),
        None => None,
    };
    if named.is_some() && request.customer_id.is_some_and(|own| Some(own) != named) {
        let detail = "is another customer than the one whom the request names";
        return Err(Error::field("/customer_id", "different", detail));
    }
    let customer_id = request.customer_id.or(named);
    let request = PersonRequest {
        state: PersonRequestState::IdentityChecked,
        customer_id,
        identity_checked_at: Some(tx.now),
        identity_checked_by: tx.actor.id,
        identity_how: Some(input.how.trim().to_owned()),
        ..request
    };
    tx.event("person_request.identity_checked", id, None, json!({ "kind": request.kind, "customer_id": customer_id }));
    save(tx, request)
}

/// Extends the time to answer, where the law allows it.
///
/// # Errors
/// 404, 409 where the law knows no extension, or it is extended or due already, 412.
pub fn extend(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<PersonRequest> {
    let request = open(tx, id, if_match)?;
    if request.extended_at.is_some() {
        return Err(Error::new(Code::Conflict, "It was extended before: the law allows it once."));
    }
    if request.overdue {
        let detail = "It is overdue: the person had to be told of the extension before it was due.";
        return Err(Error::new(Code::Conflict, detail));
    }
    let Some(due_at) = legal_clock::extended(request.kind, &request.country, request.received_at) else {
        let detail = format!("The law of {} knows no extension for a request of this kind.", request.country);
        return Err(Error::new(Code::Conflict, detail));
    };
    let data = json!({ "kind": request.kind, "due_at": due_at });
    tx.event("person_request.extended", id, None, data);
    let request = PersonRequest {
        due_at,
        extended_at: Some(tx.now),
        extension_reason: Some(reason.trim().to_owned()),
        ..request
    };
    save(tx, request)
}

/// Refuses a request with a reason.
///
/// # Errors
/// 404, 409 where it is answered, 412.
pub fn refuse(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<PersonRequest> {
    let request = open(tx, id, if_match)?;
    if request.state == PersonRequestState::Waiting {
        return Err(Error::new(Code::Conflict, "Its erasure is decided, and waits for the end of a legal hold."));
    }
    let request = PersonRequest { refusal_reason: Some(reason.trim().to_owned()), ..request };
    end(tx, request, PersonRequestState::Refused, Some(ProofKind::Refusal))
}

/// Makes a copy of the person's data, and keeps the proof of it. `write` makes the file for people.
///
/// # Errors
/// 404, 409 for requests of other kinds and before the identity is checked, 410.
pub fn copy(
    tx: &mut Tx<'_>,
    id: Id,
    order: &CopyOrder,
    write: fn(&PersonCopy, &CopyOrder) -> Result<String>,
) -> Result<MadeCopy> {
    let request = store::lock(tx, id)?;
    if !request.kind.wants_copy() {
        let detail = format!("A request of the kind `{}` is not answered by a copy.", request.kind);
        return Err(Error::new(Code::Conflict, detail));
    }
    let request = checked(tx, id, None)?;
    let Some(customer) = request.customer_id else {
        return Err(Error::new(Code::Conflict, "It names no customer: nothing is known of the person."));
    };
    let copy = person_copy::of(tx.conn, customer, request.kind, tx.now)?;
    let (content, kind, media_type, ending) = match order.format {
        CopyFormat::Json => {
            let text = serde_json::to_string_pretty(&copy).map_err(Error::internal)?;
            (text, ProofKind::CopyJson, "application/json", "json")
        }
        CopyFormat::Html => (write(&copy, order)?, ProofKind::CopyHtml, "text/html", "html"),
    };
    let proof = prove(tx, id, kind, content.as_bytes())?;
    tx.event("person_request.copied", id, None, json!({ "kind": request.kind, "format": order.format }));
    let day = calendar(&request.country).date(tx.now);
    Ok(MadeCopy { proof, media_type: media_type.to_owned(), file_name: format!("my-data-{day}.{ending}"), content })
}

fn prove(tx: &mut Tx<'_>, request: Id, kind: ProofKind, content: &[u8]) -> Result<RequestProof> {
    let proof = RequestProof {
        id: Id::next(),
        kind,
        hash: hex_hash(content),
        bytes: content.len() as i64,
        made_at: tx.now,
        made_by: tx.actor.id,
    };
    store::prove(tx, request, &proof)?;
    Ok(proof)
}

/// Answers a request: erases the person, stops messages, or ends the request after the copy was handed out or the data was
/// corrected.
///
/// # Errors
/// 404, 409 before the identity is checked or the copy is made, 412, 422 where nothing is known of the person and
/// `outcome` does not say what was answered.
pub fn answer(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &RequestAnswer) -> Result<PersonRequest> {
    let request = checked(tx, id, if_match)?;
    let outcome = trimmed(&input.outcome);
    let Some(customer) = request.customer_id else {
        if outcome.is_none() {
            let detail = "is required: the request names no customer, so say what was answered";
            return Err(Error::field("/outcome", "required", detail));
        }
        return end(tx, PersonRequest { outcome, ..request }, PersonRequestState::Done, None);
    };
    let request = PersonRequest { outcome, ..request };
    match request.kind {
        PersonRequestKind::Access | PersonRequestKind::Portability => {
            if request.proofs.is_empty() {
                let detail = "No copy was made yet: POST /v1/requests/{id}/copy first, and hand it to the person.";
                return Err(Error::new(Code::Conflict, detail));
            }
            end(tx, request, PersonRequestState::Done, None)
        }
        PersonRequestKind::Correction => end(tx, request, PersonRequestState::Done, Some(ProofKind::Correction)),
        PersonRequestKind::Stop => {
            consents::stop(tx, customer, BY_REQUEST)?;
            end(tx, request, PersonRequestState::Done, Some(ProofKind::Stop))
        }
        PersonRequestKind::Erasure => match held_erasure::ask(tx, customer, None, Some(id))? {
            AskedErasure::Done => erased(tx, id),
            AskedErasure::Waits => {
                tx.event("person_request.waits", id, None, json!({ "customer_id": customer }));
                save(tx, PersonRequest { state: PersonRequestState::Waiting, ..request })
            }
        },
    }
}

/// Ends a request whose person has been erased. Nothing personal is left of it.
///
/// # Errors
/// 404.
pub fn erased(tx: &mut Tx<'_>, id: Id) -> Result<PersonRequest> {
    let request = store::lock(tx, id)?;
    if request.state.is_ended() {
        return Ok(request);
    }
    end(tx, request, PersonRequestState::Done, Some(ProofKind::Erasure))
}

fn end(
    tx: &mut Tx<'_>,
    request: PersonRequest,
    to: PersonRequestState,
    proof: Option<ProofKind>,
) -> Result<PersonRequest> {
    let id = request.id;
    if let Some(kind) = proof {
        let record = json!({
            "request": id, "kind": request.kind, "state": to, "customer": request.customer_id, "at": tx.now,
            "by": tx.actor.id,
        });
        prove(tx, id, kind, record.to_string().as_bytes())?;
    }
    let event = match to {
        PersonRequestState::Refused => "person_request.refused",
        _ => "person_request.done",
    };
    let data = json!({ "kind": request.kind, "from": request.state, "customer_id": request.customer_id });
    tx.event(event, id, None, data);
    save(tx, PersonRequest { state: to, ended_at: Some(tx.now), ended_by: tx.actor.id, ..request })
}
