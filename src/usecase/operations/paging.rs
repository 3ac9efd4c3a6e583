//! Paging: who is paged for an open incident, and when. A page is a row that is written once for each step; mails and
//! webhooks follow from its event. Acknowledging ends it, until the acknowledgement expires. An escalation pages more members
//! and changes no owner: the owner stays the owner until another member accepts, or takes the incident over.

use serde_json::{Value, json};

use super::duty;
use super::ownership::stand_in;
use crate::domain::base::{Id, Time};
use crate::domain::operations::escalation::{
    DueStep, Escalation, EscalationPolicy, EscalationReason, EscalationStep, IncidentPage, IncidentPages, NextPage,
    PageTarget,
};
use crate::domain::operations::incident::{Incident, IncidentState};
use crate::domain::operations::rota::OnCall;
use crate::domain::operations::shifts::RotaPlan;
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::error::{Code, Error, Result};
use crate::store::operations::{entries, escalations, incidents, pages, rotas};
use crate::store::{Conn, Tx};
use crate::usecase::team::access;

/// The operation that a member must be allowed to call in a product to be paged for it.
const READ_INCIDENT: &str = "get_incident";

/// Where an incident stands between its pages.
enum Standing {
    /// Nobody has acknowledged it: the steps of this escalation count. `None` where it has not begun.
    Paging(Option<Escalation>),
    /// A new escalation begins at this time.
    BeginsAgain(EscalationReason, Time),
    /// Somebody has acknowledged it, until this time.
    Acknowledged(Time),
    /// It is mitigated or resolved.
    Over,
}

/// Pages the members who are due for an incident, and lets an acknowledgement expire. Answers how many pages were made. Doing it
/// again has no further effect.
///
/// # Errors
/// 404.
pub fn page_due(tx: &mut Tx<'_>, incident: Id) -> Result<usize> {
    let incident = incidents::lock(tx, incident)?;
    let policy = escalations::policy(tx.conn, incident.product_id)?;
    let now = tx.now;
    let escalation = match standing(tx.conn, &incident, &policy, now)? {
        Standing::Over | Standing::Acknowledged(_) => return Ok(0),
        Standing::Paging(Some(going)) => going,
        Standing::Paging(None) => {
            note_nobody_on_duty(tx, &incident)?;
            escalations::begin(tx, incident.id, EscalationReason::Opened, incident.opened_at)?
        }
        Standing::BeginsAgain(because, at) => {
            expire(tx, &incident, because)?;
            escalations::begin(tx, incident.id, because, at)?
        }
    };
    let before = pages::of_incident(tx.conn, incident.id)?;
    let mut made: Vec<IncidentPage> = Vec::new();
    for due in policy.due(escalation.begun_at, now) {
        let is_same = |page: &&IncidentPage| {
            (page.escalation, page.round, page.step) == (escalation.number, due.round, due.place)
        };
        if before.iter().find(is_same).is_some() {
            continue;
        }
        let of_round = |page: &&IncidentPage| page.escalation == escalation.number && page.round == due.round;
        let paged: Vec<Id> = before.iter().chain(&made).filter(of_round).map(|page| page.member_id).collect();
        made.extend(page(tx, &incident, &escalation, &due, &paged)?);
    }
    Ok(made.len())
}

/// Whether [`page_due`] would do something.
pub fn is_due(conn: &mut Conn, incident: Id, now: Time) -> Result<bool> {
    let incident = incidents::get(conn, incident)?;
    let policy = escalations::policy(conn, incident.product_id)?;
    Ok(match standing(conn, &incident, &policy, now)? {
        Standing::Over | Standing::Acknowledged(_) => false,
        Standing::BeginsAgain(..) | Standing::Paging(None) => true,
        Standing::Paging(Some(going)) => {
            let made = pages::of_incident(conn, incident.id)?;
            let made = made.iter().filter(|page| page.escalation == going.number).count();
            policy.due(going.begun_at, now).len() > made
        }
    })
}

/// The steps of an open incident that were due at a time and were not taken. The watchdog asks this: it is computed from the
/// incident and its policy, so that it notices where nothing was done at all.
pub fn missing(conn: &mut Conn, incident: Id, until: Time) -> Result<Vec<DueStep>> {
    let incident = incidents::get(conn, incident)?;
    let policy = escalations::policy(conn, incident.product_id)?;
    let (number, begun_at) = match standing(conn, &incident, &policy, until)? {
        Standing::Over | Standing::Acknowledged(_) => return Ok(Vec::new()),
        Standing::Paging(Some(going)) => (going.number, going.begun_at),
        Standing::Paging(None) => (1, incident.opened_at),
        Standing::BeginsAgain(_, at) => (i32::MAX, at),
    };
    let made = pages::of_incident(conn, incident.id)?;
    let mut steps = policy.due(begun_at, until);
    steps.retain(|due| {
        !made.iter().any(|page| (page.escalation, page.round, page.step) == (number, due.round, due.place))
    });
    Ok(steps)
}

/// The pages of an open incident that were due at a time and were neither sent nor given up.
pub fn unsent(conn: &mut Conn, incident: Id, until: Time) -> Result<usize> {
    let waits = |page: &&IncidentPage| page.sent_at.is_none() && page.over_at.is_none() && page.created_at <= until;
    Ok(pages::of_incident(conn, incident)?.iter().filter(waits).count())
}

/// The pages of an incident, who is paged next, and until when it counts as acknowledged.
///
/// # Errors
/// 404.
pub fn shown(conn: &mut Conn, incident: Id, now: Time) -> Result<IncidentPages> {
    let incident = incidents::get(conn, incident)?;
    shown_of(conn, &incident, now)
}

/// As [`shown`], of an incident that was read already.
pub fn shown_of(conn: &mut Conn, incident: &Incident, now: Time) -> Result<IncidentPages> {
    let policy = escalations::policy(conn, incident.product_id)?;
    let data = pages::of_incident(conn, incident.id)?;
    let (begun_at, number) = match standing(conn, incident, &policy, now)? {
        Standing::Over => return Ok(IncidentPages { data, next: None, acknowledged_until: None }),
        Standing::Acknowledged(until) => {
            return Ok(IncidentPages { data, next: None, acknowledged_until: Some(until) });
        }
        Standing::Paging(Some(going)) => (going.begun_at, going.number),
        Standing::Paging(None) => (incident.opened_at, 1),
        Standing::BeginsAgain(_, at) => (at, i32::MAX),
    };
    let is_made = |due: &DueStep| {
        data.iter().any(|page| (page.escalation, page.round, page.step) == (number, due.round, due.place))
    };
    let Some(due) = policy.schedule(begun_at).into_iter().find(|due| !is_made(due)) else {
        return Ok(IncidentPages { data, next: None, acknowledged_until: None });
    };
    let of_round = |page: &&IncidentPage| page.escalation == number && page.round == due.round;
    let paged: Vec<Id> = data.iter().filter(of_round).map(|page| page.member_id).collect();
    let member_id = target(conn, incident, &due.step, &paged, due.due_at.max(now))?;
    let next = Some(NextPage { due_at: due.due_at, whom: due.step.whom, member_id });
    Ok(IncidentPages { data, next, acknowledged_until: None })
}

/// Where an incident stands at a time.
fn standing(conn: &mut Conn, incident: &Incident, policy: &EscalationPolicy, now: Time) -> Result<Standing> {
    if !matches!(incident.state, IncidentState::Open | IncidentState::Acknowledged) {
        return Ok(Standing::Over);
    }
    let latest = escalations::latest(conn, incident.id)?;
    let begun_at = latest.as_ref().map_or(incident.opened_at, |last| last.begun_at);
    let returned = pages::last_returned(conn, incident.id)?.filter(|at| *at > begun_at && *at <= now);
    let acknowledged = last_acknowledged(conn, incident)?.filter(|ack| ack.at >= begun_at);
    if let Some(at) = returned.filter(|at| acknowledged.as_ref().is_none_or(|ack| ack.at < *at)) {
        return Ok(Standing::BeginsAgain(EscalationReason::HandOffReturned, at));
    }
    let Some(ack) = acknowledged else { return Ok(Standing::Paging(latest)) };
    let shift_end = match ack.by {
        Some(by) => shift_end(conn, incident.product_id, by, ack.at)?,
        None => None,
    };
    let until = policy.expires_at(ack.at, shift_end);
    if until > now {
        return Ok(Standing::Acknowledged(until));
    }
    let by_shift = shift_end == Some(until);
    let because = if by_shift { EscalationReason::ShiftEnded } else { EscalationReason::AcknowledgementExpired };
    Ok(Standing::BeginsAgain(because, until))
}

/// An acknowledgement: when, and by which member.
struct Acknowledgement {
    at: Time,
    by: Option<Id>,
}

/// The latest acknowledgement of an incident.
fn last_acknowledged(conn: &mut Conn, incident: &Incident) -> Result<Option<Acknowledgement>> {
    let first = incident.acknowledged_at.map(|at| Acknowledgement { at, by: incident.acknowledged_by });
    let entered = pages::last_acknowledged(conn, incident.id)?;
    let entered = entered.map(|(at, by)| Acknowledgement { at, by });
    Ok(first.into_iter().chain(entered).max_by_key(|ack| ack.at))
}

/// When the shift ends in which a member was on duty at a time; `None` if they were not.
fn shift_end(conn: &mut Conn, product: Id, member: Id, at: Time) -> Result<Option<Time>> {
    let on_call = duty::at(conn, product, at)?;
    Ok(on_call.until.filter(|_| on_call.member_id == Some(member)))
}

/// Lets an acknowledgement expire: the incident is open again.
fn expire(tx: &mut Tx<'_>, incident: &Incident, because: EscalationReason) -> Result<()> {
    enter(tx, incident, tx.now, json!({ "key": because }))?;
    if incident.state != IncidentState::Acknowledged {
        return Ok(());
    }
    let open = Incident { state: IncidentState::Open, updated_at: tx.now, ..incident.clone() };
    incidents::update(tx, &open)?;
    let data = json!({ "member_id": incident.acknowledged_by, "because": because });
    tx.event("incident.acknowledgement_expired", incident.id, Some(incident.product_id), data);
    Ok(())
}

/// Says in the timeline that nobody was on duty when the incident was opened, though the product has rotas.
fn note_nobody_on_duty(tx: &mut Tx<'_>, incident: &Incident) -> Result<()> {
    let OnCall { member_id, rotas, .. } = duty::at(tx.conn, incident.product_id, incident.opened_at)?;
    if member_id.is_some() || rotas.is_empty() {
        return Ok(());
    }
    enter(tx, incident, incident.opened_at, json!({ "key": "nobody_on_duty" }))
}

/// Puts something about pages in the timeline.
fn enter(tx: &mut Tx<'_>, incident: &Incident, happened_at: Time, data: Value) -> Result<()> {
    let what = Happening { kind: EntryKind::Page, happened_at, text: None, data };
    entries::insert(tx, incident.id, &what).map(drop)
}

/// Takes one step: a page to one member.
fn page(
    tx: &mut Tx<'_>,
    incident: &Incident,
    escalation: &Escalation,
    due: &DueStep,
    paged: &[Id],
) -> Result<Option<IncidentPage>> {
    let now = tx.now;
    let Some(member_id) = target(tx.conn, incident, &due.step, paged, now)? else { return Ok(None) };
    let page = IncidentPage {
        id: Id::next(),
        incident_id: incident.id,
        member_id,
        escalation: escalation.number,
        round: due.round,
        step: due.place,
        whom: due.step.whom,
        because: escalation.because,
        due_at: due.due_at,
        created_at: tx.now,
        sent_at: None,
        over_at: None,
    };
    pages::insert(tx, &page)?;
    let data = json!({ "key": "paged", "page_id": page.id, "member_id": member_id, "whom": page.whom });
    enter(tx, incident, tx.now, data)?;
    let data = json!({
        "page_id": page.id, "member_id": member_id, "escalation": page.escalation, "round": page.round,
        "step": page.step, "whom": page.whom, "because": page.because,
    });
    tx.event("incident.paged", incident.id, Some(incident.product_id), data);
    Ok(Some(page))
}

/// The member that a step pages. Where it finds nobody: the owner of the product, or the member in their place.
fn target(conn: &mut Conn, incident: &Incident, step: &EscalationStep, paged: &[Id], at: Time) -> Result<Option<Id>> {
    let product = incident.product_id;
    let found = match step.whom {
        PageTarget::Owner => Some(incident.owner_id),
        PageTarget::Member => step.member_id,
        PageTarget::Rota => on_duty_in(conn, step.rota_id, at)?,
        PageTarget::NextOnRota => next_on_rota(conn, product, paged, at)?,
        PageTarget::ProductOwner => None,
    };
    // Who is on duty was found among those who can be.
    let is_checked = matches!(step.whom, PageTarget::Rota | PageTarget::NextOnRota);
    if let Some(member) = found
        && (is_checked || can_be_paged(conn, product, member)?)
    {
        return Ok(Some(member));
    }
    Ok(stand_in(conn, product)?.map(|(member, _)| member))
}

fn can_be_paged(conn: &mut Conn, product: Id, member: Id) -> Result<bool> {
    let active = rotas::active_among(conn, &[member])?;
    Ok(!access::readers(conn, Some(product), active, READ_INCIDENT)?.is_empty())
}

/// Who is on duty in one rota, which may have been deleted since the policy was written.
fn on_duty_in(conn: &mut Conn, rota: Option<Id>, at: Time) -> Result<Option<Id>> {
    let Some(rota) = rota else { return Ok(None) };
    match duty::shift_at(conn, rota, at) {
        Ok(shift) => Ok(shift.and_then(|shift| shift.member_id)),
        Err(Error { code: Code::NotFound, .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Who is on duty, or else the next of the rotas' members who was not paged in this round.
fn next_on_rota(conn: &mut Conn, product: Id, paged: &[Id], at: Time) -> Result<Option<Id>> {
    let plans = duty::plans(conn, product, at)?;
    let mut candidates: Vec<Id> = Vec::new();
    for plan in &plans {
        candidates.extend(plan.at(at).and_then(|shift| shift.member_id));
    }
    candidates.extend(plans.iter().flat_map(|plan| following(plan, at)));
    let fresh = candidates.iter().find(|member| !paged.contains(member));
    Ok(fresh.or(candidates.first()).copied())
}

/// The available members of a rota in the order of the turns that follow.
fn following(plan: &RotaPlan, at: Time) -> Vec<Id> {
    let order = &plan.rota.members;
    let now = plan.at(at).and_then(|shift| shift.instead_of.or(shift.member_id));
    let index = now.and_then(|member| order.iter().position(|one| *one == member)).map_or(0, |place| place + 1);
    let next = order.iter().cycle().skip(index).take(order.len()).copied();
    next.filter(|member| plan.available.contains(member)).collect()
}
