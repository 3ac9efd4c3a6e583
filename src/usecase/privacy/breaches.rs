//! Breaches: opening, filling in what is known, notices, letters, and closing.

use serde_json::{Value, json};

use crate::domain::base::language::Language;
use crate::domain::base::{Id, Reference, Time, check_version, decode};
use crate::domain::operations::incident::{Incident, IncidentNumber};
use crate::domain::privacy::breach::letter::letter;
use crate::domain::privacy::breach::{
    Breach, BreachEdit, BreachEntry, BreachEntryKind, BreachFacts, BreachLetter, BreachLetterQuery, BreachNotice,
    BreachState, IncidentBreach, NewBreach, NewBreachEntry, NewBreachNotice, NoticeAudience,
};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::operations::incidents;
use crate::store::privacy::breaches;
use crate::store::team::products;
use crate::store::{Conn, Tx};

/// The countries of a breach of which nobody said where the persons are: so no duty is missed.
const COUNTRIES: [&str; 2] = ["KR", "EU"];

/// The incident that a text names by id or number.
fn incident_named(conn: &mut Conn, text: &str) -> Result<Incident> {
    let unknown = || Error::field("/incident_id", "unknown", "is not the id or number of an incident");
    let id = match (text.parse::<Id>(), text.parse::<IncidentNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => incidents::numbered(conn, &number)?,
        _ => None,
    };
    let found = incidents::lasting(conn, id.ok_or_else(unknown)?);
    found.map_err(|e| if e.code == Code::NotFound { unknown() } else { e })
}

/// Opens a breach. Where it is known when is not said, it is known now, so that the clocks start.
///
/// # Errors
/// 409 where the incident has one, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewBreach) -> Result<Breach> {
    let incident = match input.incident_id.as_deref() {
        Some(named) => Some(incident_named(tx.conn, named)?),
        None => None,
    };
    let product_id = match input.product.as_deref() {
        Some(named) => Some(Reference::Product.found(products::known(tx.conn, named), "/product")?.id),
        None => incident.as_ref().map(|incident| incident.product_id),
    };
    let title = input.title.as_deref().map(str::trim).map(str::to_owned);
    let Some(title) = title.or_else(|| incident.as_ref().map(|incident| incident.title.clone())) else {
        return Err(Error::field("/title", "required", "is required without incident_id"));
    };
    let known_at = input.known_at.or(input.possible_at.is_none().then_some(tx.now));
    let countries = input.countries.clone().unwrap_or_else(|| COUNTRIES.map(str::to_owned).to_vec());
    let facts = BreachFacts {
        title,
        possible_at: input.possible_at,
        known_at,
        happened_at: input.happened_at,
        countries,
        person_count: input.person_count,
        sensitive_data: input.sensitive_data,
        identification_data: input.identification_data,
        outside_access: input.outside_access,
        high_risk: input.high_risk,
        risk_unlikely: false,
        data_items: None,
        how: None,
        consequences: None,
        what_to_do: None,
        measures: None,
        contact: None,
        authority_number: None,
    };
    open(tx, facts, incident.as_ref(), product_id)
}

/// Opens the breach of an incident; the one that is there where there is one. Answers whether it is new.
///
/// # Errors
/// 404, 422 with every wrong field.
pub fn of_incident(tx: &mut Tx<'_>, incident: Id, input: &IncidentBreach) -> Result<(Breach, bool)> {
    let incident = incidents::lasting(tx.conn, incident)?;
    incidents::lock(tx, incident.id)?;
    if let Some(there) = breaches::of_incident(tx.conn, incident.id, tx.now)? {
        return Ok((there, false));
    }
    let new = NewBreach {
        title: None,
        incident_id: Some(incident.id.to_string()),
        product: None,
        possible_at: input.possible_at,
        known_at: input.known_at,
        happened_at: None,
        countries: input.countries.clone(),
        person_count: None,
        sensitive_data: false,
        identification_data: false,
        outside_access: false,
        high_risk: false,
    };
    Ok((create(tx, &new)?, true))
}

fn open(tx: &mut Tx<'_>, facts: BreachFacts, incident: Option<&Incident>, product_id: Option<Id>) -> Result<Breach> {
    check_facts(tx, &facts)?;
    if let Some(incident) = incident {
        incidents::lock(tx, incident.id)?;
        if let Some(there) = breaches::of_incident(tx.conn, incident.id, tx.now)? {
            let detail = format!("The incident has breach {} already: change that one.", there.id);
            return Err(Error::new(Code::Conflict, detail));
        }
    }
    let breach = Breach {
        id: Id::next(),
        product_id,
        incident_id: incident.map(|incident| incident.id),
        facts,
        state: BreachState::Open,
        duties: Vec::new(),
        notices: Vec::new(),
        overdue_at: None,
        closed_at: None,
        closed_by: None,
        opened_by: tx.actor.id,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    breaches::insert(tx, &breach)?;
    enter(tx, breach.id, BreachEntryKind::Opened, None, Vec::new())?;
    let data = json!({ "incident_id": breach.incident_id, "known_at": breach.facts.known_at });
    tx.event("breach.opened", breach.id, product_id, data);
    breaches::get(tx.conn, breach.id, tx.now)
}

/// Refuses facts that contradict each other.
fn check_facts(tx: &Tx<'_>, facts: &BreachFacts) -> Result<()> {
    let times =
        [("/possible_at", facts.possible_at), ("/known_at", facts.known_at), ("/happened_at", facts.happened_at)];
    let mut wrong: Vec<FieldError> = times
        .iter()
        .filter(|(_, time)| time.is_some_and(|time| time > tx.now))
        .map(|(pointer, _)| FieldError::new(*pointer, "in_the_future", "must not be in the future"))
        .collect();
    if facts.known_at.is_none() && facts.possible_at.is_none() {
        let detail = "is required, or possible_at: the clocks count from it";
        wrong.push(FieldError::new("/known_at", "required", detail));
    }
    if facts.countries.is_empty() {
        wrong.push(FieldError::new("/countries", "too_short", "must name at least one country, or EU"));
    }
    if facts.high_risk && facts.risk_unlikely {
        wrong.push(FieldError::new("/risk_unlikely", "contradicts", "must be false where high_risk is true"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

fn enter(
    tx: &mut Tx<'_>,
    breach: Id,
    kind: BreachEntryKind,
    text: Option<String>,
    fields: Vec<String>,
) -> Result<BreachEntry> {
    let entry = BreachEntry {
        id: Id::next(),
        kind,
        happened_at: tx.now,
        entered_at: tx.now,
        actor_id: tx.actor.id,
        text,
        fields,
    };
    breaches::add_entry(tx, breach, &entry)?;
    Ok(entry)
}

/// Changes what is known of a breach by a merge patch. A closed breach may be corrected too.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Breach> {
    let current = breaches::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = BreachEdit::from(&current.facts);
    let edit: BreachEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let facts = BreachFacts::from(edit);
    check_facts(tx, &facts)?;
    enter(tx, id, BreachEntryKind::Changed, None, fields.clone())?;
    tx.event("breach.updated", id, current.product_id, json!({ "fields": fields }));
    save(tx, Breach { facts, ..current })
}

fn save(tx: &mut Tx<'_>, breach: Breach) -> Result<Breach> {
    let breach = Breach { version: breach.version + 1, updated_at: tx.now, ..breach };
    breaches::update(tx, &breach)?;
    breaches::get(tx.conn, breach.id, tx.now)
}

/// A letter about a breach, made of what is known now.
///
/// # Errors
/// 404.
pub fn read_letter(conn: &mut Conn, id: Id, asked: &BreachLetterQuery, now: Time) -> Result<BreachLetter> {
    let breach = breaches::get(conn, id, now)?;
    let audience = asked.audience.unwrap_or(NoticeAudience::Persons);
    Ok(letter(&breach.facts, audience, Language::of(asked.language.as_deref()), now))
}

/// Records a notice that was sent. Several for one audience are phases.
///
/// # Errors
/// 404, 409 for a closed breach, 412, 422 with every wrong field.
pub fn notify(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &NewBreachNotice) -> Result<Breach> {
    let breach = open_one(tx, id, if_match)?;
    let sent_at = input.sent_at.unwrap_or(tx.now);
    if sent_at > tx.now {
        return Err(Error::field("/sent_at", "in_the_future", "must not be in the future"));
    }
    let written = input.language.as_deref();
    let letter_hash = written.map(|code| letter(&breach.facts, input.audience, Language::of(Some(code)), tx.now).hash);
    let notice = BreachNotice {
        id: Id::next(),
        country: input.country.clone(),
        audience: input.audience,
        is_final: input.is_final,
        sent_at,
        person_count: input.person_count,
        how: input.how.trim().to_owned(),
        reference: input.reference.as_deref().map(str::trim).map(str::to_owned),
        letter_hash,
        recorded_by: tx.actor.id,
        recorded_at: tx.now,
    };
    breaches::add_notice(tx, id, &notice)?;
    let text = format!("{} {}", notice.country, notice.audience);
    enter(tx, id, BreachEntryKind::Notice, Some(text), Vec::new())?;
    let data = json!({
        "notice_id": notice.id, "country": notice.country, "audience": notice.audience, "is_final": notice.is_final,
    });
    tx.event("breach.notified", id, breach.product_id, data);
    let is_authority = notice.audience == NoticeAudience::Authority;
    let number = notice.reference.filter(|_| is_authority && breach.facts.authority_number.is_none());
    let facts = BreachFacts { authority_number: number.or(breach.facts.authority_number), ..breach.facts };
    save(tx, Breach { facts, ..breach })
}

fn open_one(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Breach> {
    let breach = breaches::lock(tx, id)?;
    check_version(if_match, breach.version)?;
    match breach.state {
        BreachState::Open => Ok(breach),
        BreachState::Closed => Err(Error::new(Code::Conflict, "This breach is closed: reopen it first.")),
    }
}

/// Writes a note into the timeline of a breach.
///
/// # Errors
/// 404, 422 for a time in the future.
pub fn note(tx: &mut Tx<'_>, id: Id, input: &NewBreachEntry) -> Result<BreachEntry> {
    let breach = breaches::lock(tx, id)?;
    let happened_at = input.happened_at.unwrap_or(tx.now);
    if happened_at > tx.now {
        return Err(Error::field("/happened_at", "in_the_future", "must not be in the future"));
    }
    let entry = BreachEntry {
        id: Id::next(),
        kind: BreachEntryKind::Note,
        happened_at,
        entered_at: tx.now,
        actor_id: tx.actor.id,
        text: Some(input.text.trim().to_owned()),
        fields: Vec::new(),
    };
    breaches::add_entry(tx, id, &entry)?;
    tx.event("breach.noted", id, breach.product_id, json!({ "entry_id": entry.id }));
    Ok(entry)
}

/// Closes a breach.
///
/// # Errors
/// 404, 409 while a required notice is open, or it is closed, 412.
pub fn close(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Breach> {
    let breach = open_one(tx, id, if_match)?;
    let open: Vec<String> = breach
        .duties
        .iter()
        .filter(|duty| duty.is_open())
        .map(|duty| format!("{} {}", duty.country, duty.audience))
        .collect();
    if !open.is_empty() {
        let detail = format!("Notices are still due: {}. Send and record them first.", open.join(", "));
        return Err(Error::new(Code::Conflict, detail));
    }
    enter(tx, id, BreachEntryKind::Closed, None, Vec::new())?;
    tx.event("breach.closed", id, breach.product_id, json!({ "from": breach.state }));
    save(tx, Breach { state: BreachState::Closed, closed_at: Some(tx.now), closed_by: tx.actor.id, ..breach })
}

/// Opens a closed breach again.
///
/// # Errors
/// 404, 409 where it is open, 412.
pub fn reopen(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Breach> {
    let breach = breaches::lock(tx, id)?;
    check_version(if_match, breach.version)?;
    if breach.state == BreachState::Open {
        return Err(Error::new(Code::Conflict, "This breach is open."));
    }
    enter(tx, id, BreachEntryKind::Reopened, None, Vec::new())?;
    tx.event("breach.reopened", id, breach.product_id, json!({ "from": breach.state }));
    save(tx, Breach { state: BreachState::Open, closed_at: None, closed_by: None, ..breach })
}
