//! Telling customers of an incident, at its start and at its end. Only customers who complained are told, only by an act
//! of a member, and nobody twice.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::closure::Channel;
use crate::domain::integrations::NewDelivery;
use crate::domain::operations::incident::Incident;
use crate::domain::operations::link::IncidentTarget;
use crate::domain::operations::telling::{AffectedBy, AffectedCustomer, NewTelling, Telling, TellingState, Tellings};
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::domain::privacy::consent::ContactPurpose;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::feedback::customers;
use crate::store::integrations::deliveries;
use crate::store::operations::{incident_links, incidents, tellings};
use crate::store::privacy::consents;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::closure::audience::not_mailed;
use crate::usecase::operations::telling::desks::{self, Ticket};
use crate::usecase::operations::{states, timeline};

/// Complaints this long before an incident was detected are about it.
const BEFORE: i64 = Time::DAY;
/// The languages of messages.
const LANGUAGES: [&str; 2] = ["en", "ko"];

/// The customers whom an incident affects, in the order of their ids.
///
/// # Errors
/// 404.
pub fn affected(conn: &mut Conn, id: Id) -> Result<Vec<AffectedCustomer>> {
    let incident = incidents::lasting(conn, id)?;
    let mut people = by_feedback(conn, &incident)?;
    let mut told: HashMap<Id, Vec<Telling>> = HashMap::new();
    for telling in tellings::of(conn, incident.id)? {
        told.entry(telling.customer_id).or_default().push(telling);
    }
    // Who was told stays in the list, though their feedback may have moved since.
    for customer in told.keys() {
        people.entry(*customer).or_insert_with(|| (AffectedBy::Customer, Vec::new()));
    }
    let ids: Vec<Id> = people.keys().copied().collect();
    let tickets = tickets(conn, &incident, &people)?;
    let mut found = Vec::new();
    let mut languages = customers::languages(conn, &ids)?;
    for some in ids.chunks(500) {
        for customer in customers::by_id(conn, some)? {
            let Some((by, feedback_ids)) = people.remove(&customer.id) else { continue };
            if customer.erased_at.is_some() {
                continue;
            }
            found.push(AffectedCustomer {
                customer_id: customer.id,
                by,
                feedback_ids,
                // The desk comes first: a customer with a ticket expects the answer there.
                channel: match (tickets.contains_key(&customer.id), not_mailed(&customer)) {
                    (true, _) => Channel::Desk,
                    (false, None) => Channel::Email,
                    (false, Some(_)) => Channel::Agent,
                },
                language: languages.remove(&customer.id),
                tellings: told.remove(&customer.id).unwrap_or_default(),
            });
        }
    }
    found.sort_by_key(|one| one.customer_id);
    Ok(found)
}

/// The ticket of each customer who has one about an incident: the latest.
fn tickets(conn: &mut Conn, incident: &Incident, people: &Affected) -> Result<HashMap<Id, Ticket>> {
    let items: Vec<Id> = people.values().flat_map(|(_, items)| items.iter().copied()).collect();
    let of_items = desks::tickets(conn, incident.product_id, &items)?;
    let latest = |items: &[Id]| items.iter().find_map(|item| of_items.get(item).cloned());
    Ok(people.iter().filter_map(|(customer, (_, items))| Some((*customer, latest(items)?))).collect())
}

/// One page of the affected customers.
///
/// # Errors
/// 404, 422 for a wrong cursor.
pub fn page(conn: &mut Conn, id: Id, paging: &Paging) -> Result<Page<AffectedCustomer>> {
    let after = paging.key::<Id>(0)?;
    let rest = affected(conn, id)?.into_iter().filter(|one| after.is_none_or(|after| one.customer_id > after));
    Ok(paging.page(rest.take(paging.limit + 1).collect(), |one| vec![one.customer_id.to_string()]))
}

type Affected = BTreeMap<Id, (AffectedBy, Vec<Id>)>;

fn by_feedback(conn: &mut Conn, incident: &Incident) -> Result<Affected> {
    let links = incident_links::of(conn, incident.id)?;
    let of = |kind: IncidentTarget| -> Vec<Id> {
        links.iter().filter(|link| link.target_kind == kind).map(|link| link.target_id).collect()
    };
    let since = incident.detected_at.plus(-BEFORE);
    let until = incident.resolved_at.map_or(Time(i64::MAX / 2), |at| at.plus(BEFORE));
    let until = Time(until.0.min(253_402_300_799 * Time::SECOND));
    let mut people: Affected = BTreeMap::new();
    let said = tellings::said_about(conn, &of(IncidentTarget::Feedback), &of(IncidentTarget::Theme), since, until)?;
    for one in said {
        let by = if one.is_linked { AffectedBy::Feedback } else { AffectedBy::Theme };
        let entry = people.entry(one.customer).or_insert((by, Vec::new()));
        entry.0 = entry.0.min(by);
        entry.1.push(one.feedback);
    }
    for customer in of(IncidentTarget::Customer) {
        let person = customers::known(conn, customer)?;
        people.entry(person).or_insert((AffectedBy::Customer, Vec::new()));
    }
    Ok(people)
}

/// Tells affected customers: those named, or all who were not told yet. Mails and requests to support desks wait until they
/// can't be recalled any more; who can't be told so is a to-do of the team.
///
/// # Errors
/// 403 for services, 404, 409 where it was merged, 422 with every wrong field.
pub fn tell(tx: &mut Tx<'_>, id: Id, input: &NewTelling) -> Result<Tellings> {
    if tx.actor.kind != "member" {
        return Err(Error::new(Code::Forbidden, "Only a member tells customers: use the token of a member."));
    }
    let incident = states::held(tx, id, None)?;
    let mut affected = affected(tx.conn, id)?;
    let people: Vec<Id> = affected.iter().map(|one| one.customer_id).collect();
    let objected = consents::withdrawn(tx.conn, &people, ContactPurpose::Closure)?;
    affected.retain(|one| !objected.contains(&one.customer_id));
    let wanted = wanted(&affected, input)?;
    let minutes = products::get(tx.conn, incident.product_id)?.settings.recall_minutes;
    let send_at = tx.now.plus(i64::from(minutes) * 60 * Time::SECOND);
    let mut told = Tellings { data: Vec::new(), told_before: Vec::new() };
    for person in wanted {
        let Some((language, text)) = text_for(input, person.language.as_deref()) else { continue };
        let telling = Telling {
            id: Id::next(),
            incident_id: id,
            customer_id: person.customer_id,
            phase: input.phase,
            channel: person.channel,
            text: text.trim().to_owned(),
            language: language.to_owned(),
            state: TellingState::Waiting,
            send_at: (person.channel != Channel::Agent).then_some(send_at),
            handed_at: None,
            told_at: None,
            is_over: None,
            answered_at: None,
            created_by: tx.actor.id,
            created_at: tx.now,
        };
        match tellings::insert(tx, &telling)? {
            true => {
                send(tx, &incident, &telling, &person.feedback_ids)?;
                told.data.push(telling);
            }
            false => told.told_before.push(person.customer_id),
        }
    }
    if !told.data.is_empty() {
        let count = told.data.len();
        let data = json!({ "phase": input.phase, "customer_count": count });
        let what = Happening { kind: EntryKind::CustomerTold, happened_at: tx.now, text: None, data: data.clone() };
        timeline::add(tx, &incident, &what)?;
        tx.event("incident.customers_told", id, Some(incident.product_id), data);
    }
    Ok(told)
}

/// Queues a message where a mail or a desk tells the customer.
fn send(tx: &mut Tx<'_>, incident: &Incident, telling: &Telling, said: &[Id]) -> Result<()> {
    match telling.channel {
        Channel::Agent => Ok(()),
        Channel::Email => mail(tx, telling),
        Channel::Desk => {
            let tickets = desks::tickets(tx.conn, incident.product_id, said)?;
            let latest = said.iter().find_map(|item| tickets.get(item));
            latest.map_or(Ok(()), |ticket| desks::ask(tx, incident, telling, ticket))
        }
    }
}

/// Queues the mail of a message.
fn mail(tx: &mut Tx<'_>, telling: &Telling) -> Result<()> {
    let Some(earliest) = telling.send_at else { return Ok(()) };
    let body = json!({ "telling_id": telling.id });
    let event = "incident.customers_told".to_owned();
    let new = NewDelivery { channel: "mail", target: telling.id, subject: telling.incident_id, event, body };
    deliveries::enqueue_later(tx, new, earliest).map(drop)
}

/// The customers to tell.
fn wanted<'a>(affected: &'a [AffectedCustomer], input: &NewTelling) -> Result<Vec<&'a AffectedCustomer>> {
    let mut wrong = Vec::new();
    for language in input.texts.keys().filter(|language| !LANGUAGES.contains(&language.as_str())) {
        wrong.push(FieldError::new(format!("/texts/{language}"), "not_one_of", "must be en or ko"));
    }
    if input.texts.is_empty() {
        wrong.push(FieldError::new("/texts", "too_short", "must have a message in at least one language"));
    }
    let mut people = Vec::new();
    match &input.customer_ids {
        None => people.extend(affected.iter().filter(|one| one.tellings.iter().all(|told| told.phase != input.phase))),
        Some(ids) => {
            for (n, id) in ids.iter().enumerate() {
                match affected.iter().find(|one| one.customer_id == *id) {
                    Some(person) => people.push(person),
                    None => {
                        let detail = "is not a customer who complained about this incident, or objected to messages";
                        wrong.push(FieldError::new(format!("/customer_ids/{n}"), "unknown", detail));
                    }
                }
            }
        }
    }
    if wrong.is_empty() { Ok(people) } else { Err(Error::invalid(wrong)) }
}

/// The message in a customer's language, or else the first one.
fn text_for<'a>(input: &'a NewTelling, language: Option<&str>) -> Option<(&'a str, &'a str)> {
    let own = language.and_then(|language| input.texts.get_key_value(language));
    own.or_else(|| input.texts.iter().next()).map(|(language, text)| (language.as_str(), text.as_str()))
}

/// Records the end of a mail. Where it failed, a member tells the customer.
pub fn delivered(tx: &mut Tx<'_>, id: Id, was_sent: bool) -> Result<()> {
    let Some(telling) = tellings::find(tx.conn, id)? else { return Ok(()) };
    if telling.state != TellingState::Waiting || telling.channel != Channel::Email {
        return Ok(());
    }
    let telling = match was_sent {
        true => Telling { state: TellingState::Told, told_at: Some(tx.now), ..telling },
        false => Telling { channel: Channel::Agent, send_at: None, ..telling },
    };
    tellings::update(tx, &telling)
}

/// Whether a message still has to be mailed.
pub fn is_due(telling: &Telling) -> bool {
    telling.state == TellingState::Waiting && telling.channel == Channel::Email
}

/// Forgets an erased person: what they were told of incidents, and the links to them and to their feedback.
pub(in crate::usecase) fn forget(tx: &mut Tx<'_>, people: &[Id], items: &[Id]) -> Result<()> {
    tellings::forget(tx, people)?;
    incident_links::forget(tx, people)?;
    incident_links::forget(tx, items)
}
