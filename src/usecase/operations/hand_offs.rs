//! Hand-offs: the owner offers an incident, and stays the owner until the other member accepts.

use serde_json::json;

use crate::domain::base::language::Language;
use crate::domain::base::{Id, Reference, Time, check_version};
use crate::domain::operations::hand_off::{HandOff, HandOffReason, HandOffState, NewHandOff};
use crate::domain::operations::incident::{Incident, IncidentState};
use crate::domain::operations::ownership::{Ownership, OwnershipReason};
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::domain::team::Member;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::operations::{entries, hand_offs, incidents};
use crate::store::team::{members, products};
use crate::usecase::team::access;

/// Offers an incident to another member. Who offers it to themselves takes it over at once.
///
/// # Errors
/// 404, 409 where there is an open offer already, or the incident is resolved or merged; 412, 422 with every wrong field.
pub fn offer(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &NewHandOff) -> Result<HandOff> {
    let incident = held(tx, id, if_match)?;
    let text = input.text.as_deref().map(str::trim).map(str::to_owned);
    let to = check(tx, &incident, input)?;
    if let Some(open) = hand_offs::open_of(tx.conn, id)? {
        let detail =
            format!("{} is offered already (hand-off {}). Withdraw that offer first.", incident.number, open.id);
        return Err(Error::new(Code::Conflict, detail));
    }
    let from = members::get(tx.conn, incident.owner_id)?;
    let minutes = products::get(tx.conn, incident.product_id)?.settings.hand_off_minutes;
    let takes_over = tx.actor.kind == "member" && tx.actor.id == Some(to.id);
    let new = HandOff {
        id: Id::next(),
        incident_id: id,
        from_id: from.id,
        to_id: to.id,
        reason: input.reason,
        text,
        state: if takes_over { HandOffState::Accepted } else { HandOffState::Offered },
        offered_by: tx.actor.id,
        offered_at: tx.now,
        expires_at: tx.now.plus(i64::from(minutes) * 60 * Time::SECOND),
        ended_at: takes_over.then_some(tx.now),
        from_team: team_of(&from),
        to_team: team_of(&to),
        is_back: has_owned(tx, id, to.id)?,
    };
    hand_offs::insert(tx, &new)?;
    if takes_over {
        accepted(tx, incident, &new, OwnershipReason::TakenOver)?;
        return Ok(new);
    }
    note(tx, &incident, &new)?;
    let mut data = event_data(&new);
    data["expires_at"] = json!(new.expires_at);
    tx.event("incident.hand_off_offered", id, Some(incident.product_id), data);
    Ok(new)
}

/// An incident that can be handed over, locked until the commit.
fn held(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Incident> {
    let incident = incidents::lock(tx, id)?;
    check_version(if_match, incident.version)?;
    if incident.merged_into.is_some() || incident.state == IncidentState::Resolved {
        return Err(Error::new(Code::Conflict, format!("{} is over: nobody needs to own it next.", incident.number)));
    }
    Ok(incident)
}

/// Checks whom an incident is offered to, and why; answers the member.
fn check(tx: &mut Tx<'_>, incident: &Incident, input: &NewHandOff) -> Result<Member> {
    let mut wrong = Vec::new();
    if input.reason == HandOffReason::Other && input.text.is_none() {
        wrong.push(FieldError::new("/text", "required", "is required where the reason is `other`"));
    }
    let member = members::find_active(tx.conn, input.member_id)?;
    let readers = access::readers(tx.conn, Some(incident.product_id), vec![input.member_id], "accept_hand_off")?;
    match &member {
        None => wrong.push(Reference::ActiveMember.unknown("/member_id")),
        Some(member) if member.id == incident.owner_id => {
            wrong.push(FieldError::new("/member_id", "owner", "is the owner already"));
        }
        Some(_) if readers.is_empty() => {
            wrong.push(FieldError::new("/member_id", "not_allowed", "may not own incidents of this product"));
        }
        Some(_) => {}
    }
    match member {
        Some(member) if wrong.is_empty() => Ok(member),
        _ => Err(Error::invalid(wrong)),
    }
}

fn team_of(member: &Member) -> String {
    member.team.clone().unwrap_or_else(|| member.role.as_str().to_owned())
}

/// Whether a member owned an incident before.
fn has_owned(tx: &mut Tx<'_>, incident: Id, member: Id) -> Result<bool> {
    let earlier = hand_offs::of(tx.conn, incident)?;
    Ok(earlier.iter().any(|one| one.state == HandOffState::Accepted && one.from_id == member))
}

fn event_data(offer: &HandOff) -> serde_json::Value {
    json!({ "hand_off_id": offer.id, "from_id": offer.from_id, "to_id": offer.to_id, "reason": offer.reason })
}

fn note(tx: &mut Tx<'_>, incident: &Incident, offer: &HandOff) -> Result<()> {
    let mut data = event_data(offer);
    data["state"] = json!(offer.state);
    let what = Happening { kind: EntryKind::HandOff, happened_at: tx.now, text: None, data };
    entries::insert(tx, incident.id, &what).map(drop)
}

/// The end of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferEnd {
    Accept,
    Decline,
    Withdraw,
}

/// Ends an open offer. The member it was made to accepts or declines it; the owner, who made the offer, or an admin
/// withdraws it.
///
/// # Errors
/// 403 for others, 404, 409 where the offer has ended or is too old.
pub fn end(tx: &mut Tx<'_>, incident: Id, id: Id, end: OfferEnd, is_admin: bool) -> Result<Incident> {
    let found = incidents::lock(tx, incident)?;
    let offer = hand_offs::get(tx.conn, incident, id)?;
    let actor = tx.actor.id.filter(|_| tx.actor.kind == "member");
    let may = match end {
        OfferEnd::Accept | OfferEnd::Decline => actor == Some(offer.to_id),
        OfferEnd::Withdraw => {
            is_admin || actor == Some(offer.from_id) || (tx.actor.id.is_some() && tx.actor.id == offer.offered_by)
        }
    };
    if !may {
        let who =
            if end == OfferEnd::Withdraw { "the owner, who made it, or an admin" } else { "the member it was made to" };
        return Err(Error::new(Code::Forbidden, format!("Only {who} may do this with an offer.")));
    }
    if offer.state != HandOffState::Offered {
        return Err(Error::new(Code::Conflict, format!("This offer has ended: it is `{}`.", offer.state)));
    }
    if end == OfferEnd::Accept && (offer.expires_at <= tx.now || found.owner_id != offer.from_id) {
        let detail =
            "This offer is over: it was not accepted in time. Take the incident over instead (offer it to `me`).";
        return Err(Error::new(Code::Conflict, detail));
    }
    let state = match end {
        OfferEnd::Accept => HandOffState::Accepted,
        OfferEnd::Decline => HandOffState::Declined,
        OfferEnd::Withdraw => HandOffState::Withdrawn,
    };
    let offer = HandOff { state, ended_at: Some(tx.now), ..offer };
    hand_offs::update(tx, &offer)?;
    match end {
        OfferEnd::Accept => accepted(tx, found, &offer, OwnershipReason::HandOff),
        OfferEnd::Decline => over(tx, found, &offer, "incident.hand_off_declined"),
        OfferEnd::Withdraw => over(tx, found, &offer, "incident.hand_off_withdrawn"),
    }
}

/// The other member is the owner now.
fn accepted(tx: &mut Tx<'_>, incident: Incident, offer: &HandOff, key: OwnershipReason) -> Result<Incident> {
    note(tx, &incident, offer)?;
    let mut data = event_data(offer);
    data["is_back"] = json!(offer.is_back);
    tx.event("incident.hand_off_accepted", incident.id, Some(incident.product_id), data);
    change_owner(tx, incident, offer.to_id, Ownership::of(key, Some(offer.id)))
}

/// The incident stays with its owner.
fn over(tx: &mut Tx<'_>, incident: Incident, offer: &HandOff, event: &'static str) -> Result<Incident> {
    note(tx, &incident, offer)?;
    tx.event(event, incident.id, Some(incident.product_id), event_data(offer));
    Ok(incident)
}

/// Gives an incident to another owner, with the reason.
pub(in crate::usecase) fn change_owner(
    tx: &mut Tx<'_>,
    incident: Incident,
    to: Id,
    ownership: Ownership,
) -> Result<Incident> {
    let data = json!({ "owner_id": { "from": incident.owner_id, "to": to }, "because": ownership.key });
    let version = incident.version + i32::from(tx.actor.is_person());
    let owner_because = ownership.sentence(Language::English);
    let incident = Incident { owner_id: to, owner_because, ownership, version, updated_at: tx.now, ..incident };
    incidents::update(tx, &incident)?;
    tx.event("incident.owner_changed", incident.id, Some(incident.product_id), data);
    Ok(incident)
}

/// Withdraws the open offer of an incident that needs no other owner any more.
pub(in crate::usecase) fn end_open(tx: &mut Tx<'_>, incident: &Incident) -> Result<()> {
    let Some(open) = hand_offs::open_of(tx.conn, incident.id)? else { return Ok(()) };
    let offer = HandOff { state: HandOffState::Withdrawn, ended_at: Some(tx.now), ..open };
    hand_offs::update(tx, &offer)?;
    over(tx, incident.clone(), &offer, "incident.hand_off_withdrawn").map(drop)
}

/// Returns the open offer of an incident to its owner if its time is over. A repeated call changes nothing.
pub fn come_due(tx: &mut Tx<'_>, incident: Id) -> Result<()> {
    let found = incidents::lock(tx, incident)?;
    let open = hand_offs::open_of(tx.conn, incident)?;
    let Some(open) = open.filter(|open| open.expires_at <= tx.now) else { return Ok(()) };
    let offer = HandOff { state: HandOffState::Returned, ended_at: Some(tx.now), ..open };
    hand_offs::update(tx, &offer)?;
    over(tx, found, &offer, "incident.hand_off_returned").map(drop)
}
