//! Writing postmortems: the draft, changes, review and publication.

use serde_json::{Value, json};

use super::{drafting, facts};
use crate::domain::base::decode;
use crate::domain::base::{Actor, Id, Reference, Time, check_version};
use crate::domain::operations::incident::{Incident, IncidentNumber, IncidentState};
use crate::domain::operations::postmortem::hints::hints;
use crate::domain::operations::postmortem::{
    DUE_WORKING_DAYS, NEEDS_POSTMORTEM, NewPostmortem, Postmortem, PostmortemEdit, PostmortemState, ShownPostmortem,
};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::operations::{incidents, postmortem_actions, postmortem_facts, postmortems};
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};

/// A postmortem with what is known of its incident, its actions, and hints on its wording.
///
/// # Errors
/// 404.
pub fn shown(conn: &mut Conn, id: Id, now: Time) -> Result<ShownPostmortem> {
    let postmortem = postmortems::get(conn, id)?;
    let incident = incidents::get(conn, postmortem.incident_id)?;
    let facts = facts::of(conn, &incident, now)?;
    let actions = postmortem_actions::of_postmortems(conn, &[id], now)?;
    let mut people: Vec<String> = members::names(conn)?.into_iter().map(|(name, _)| name).collect();
    people.extend(facts.customers.names.iter().cloned());
    let hints = hints(&postmortem.text, &people);
    Ok(ShownPostmortem { postmortem, facts, actions, hints })
}

/// The incident that a text names by id or number.
fn named(conn: &mut Conn, text: &str) -> Result<Incident> {
    let unknown = || Error::field("/incident", "unknown", "is not the id or number of an incident");
    let id = match (text.parse::<Id>(), text.parse::<IncidentNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => incidents::numbered(conn, &number)?,
        _ => None,
    };
    let found = incidents::get(conn, id.ok_or_else(unknown)?);
    found.map_err(|e| if e.code == Code::NotFound { unknown() } else { e })
}

/// Drafts the postmortem of an incident; the one that is there where there is one. Answers whether it is new.
///
/// # Errors
/// 409 for an incident that was merged into another, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewPostmortem) -> Result<(Postmortem, bool)> {
    let incident = named(tx.conn, &input.incident)?;
    if let Some(id) = input.facilitator_id
        && members::find_active(tx.conn, id)?.is_none()
    {
        return Err(Reference::ActiveMember.refusal("/facilitator_id").into());
    }
    draft(tx, incident.id, input.facilitator_id)
}

/// Drafts the postmortem of an incident, unless it is there.
///
/// # Errors
/// 404, 409 for an incident that was merged into another.
pub fn draft(tx: &mut Tx<'_>, incident: Id, facilitator_id: Option<Id>) -> Result<(Postmortem, bool)> {
    let incident = incidents::lock(tx, incident)?;
    if let Some(there) = postmortems::of_incident(tx.conn, incident.id)? {
        return Ok((there, false));
    }
    if incident.merged_into.is_some() {
        return Err(Error::new(
            Code::Conflict,
            "This incident was merged into another: write the postmortem of that one.",
        ));
    }
    let facts = facts::of(tx.conn, &incident, tx.now)?;
    let calendar = products::get(tx.conn, incident.product_id)?.calendar();
    let postmortem = Postmortem {
        id: Id::next(),
        product_id: incident.product_id,
        incident_id: incident.id,
        incident_number: incident.number.clone(),
        state: PostmortemState::Draft,
        title: incident.title.clone(),
        text: drafting::draft(&incident, &facts, &calendar),
        facilitator_id: facilitator_id.or(Some(incident.owner_id)),
        authors: tx.actor.id.filter(|_| tx.actor.kind == "member").into_iter().collect(),
        due_at: due_at(tx.conn, &incident)?,
        overdue_at: None,
        in_review_at: None,
        published_at: None,
        published_by: None,
        created_by: tx.actor.id.filter(|_| tx.actor != Actor::AUTOMATION),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    postmortems::insert(tx, &postmortem)?;
    let data = json!({ "incident_id": incident.id, "due_at": postmortem.due_at });
    tx.event("postmortem.drafted", postmortem.id, Some(postmortem.product_id), data);
    Ok((postmortem, true))
}

/// When the postmortem of an incident is due: five working days of the product after the incident was over.
fn due_at(conn: &mut Conn, incident: &Incident) -> Result<Option<Time>> {
    let is_over = matches!(incident.state, IncidentState::Mitigated | IncidentState::Resolved);
    let Some(over_at) = incident.mitigated_at.or(incident.resolved_at) else { return Ok(None) };
    let calendar = products::get(conn, incident.product_id)?.calendar();
    let is_due = incident.severity <= NEEDS_POSTMORTEM && is_over;
    Ok(is_due.then(|| calendar.plus_working_days(over_at, DUE_WORKING_DAYS)))
}

/// Changes a postmortem by a merge patch.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Postmortem> {
    let current = postmortems::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = PostmortemEdit::from(&current);
    let edit: PostmortemEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    check_members(tx, &before, &edit)?;
    let edited = Postmortem {
        text: edit.text(),
        title: edit.title.trim().to_owned(),
        facilitator_id: edit.facilitator_id,
        authors: edit.authors,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    postmortems::update(tx, &edited)?;
    tx.event("postmortem.edited", id, Some(edited.product_id), json!({ "fields": fields }));
    Ok(edited)
}

/// Refuses members who are not active, unless they were there before.
fn check_members(tx: &mut Tx<'_>, before: &PostmortemEdit, edit: &PostmortemEdit) -> Result<()> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let facilitator = edit.facilitator_id.filter(|id| before.facilitator_id != Some(*id));
    let named = facilitator.map(|id| ("/facilitator_id".to_owned(), id)).into_iter();
    let authors = edit.authors.iter().enumerate().filter(|(_, id)| !before.authors.contains(id));
    for (pointer, id) in named.chain(authors.map(|(n, id)| (format!("/authors/{n}"), *id))) {
        if members::find_active(tx.conn, id)?.is_none() {
            wrong.push(Reference::ActiveMember.unknown(pointer));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// Moves a postmortem to another state: from draft to review, from either to published, and back to draft. Where it is in
/// that state already, nothing changes.
///
/// # Errors
/// 404, 412.
pub fn move_to(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, to: PostmortemState) -> Result<Postmortem> {
    let current = postmortems::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let from = current.state;
    if from == to {
        return Ok(current);
    }
    let published = to == PostmortemState::Published;
    let moved = Postmortem {
        state: to,
        in_review_at: match to {
            PostmortemState::Draft => None,
            _ => current.in_review_at.or(Some(tx.now)),
        },
        published_at: published.then_some(tx.now),
        published_by: tx.actor.id.filter(|_| published),
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    postmortems::update(tx, &moved)?;
    let kind = match to {
        PostmortemState::Draft => "postmortem.reopened",
        PostmortemState::InReview => "postmortem.submitted",
        PostmortemState::Published => "postmortem.published",
    };
    tx.event(kind, id, Some(moved.product_id), json!({ "from": from, "incident_id": moved.incident_id }));
    Ok(moved)
}

/// Notes each of these postmortems that is late as such, once.
pub fn note_late(tx: &mut Tx<'_>, ids: &[Id]) -> Result<usize> {
    let mut noted = 0;
    for id in ids {
        let late = postmortems::lock(tx, *id)?;
        if late.overdue_at.is_some() || !late.is_overdue(tx.now) {
            continue;
        }
        let data =
            json!({ "due_at": late.due_at, "incident_id": late.incident_id, "facilitator_id": late.facilitator_id });
        tx.event("postmortem.overdue", late.id, Some(late.product_id), data);
        postmortems::update(tx, &Postmortem { overdue_at: Some(tx.now), ..late })?;
        noted += 1;
    }
    Ok(noted)
}

/// The incident of a postmortem with the texts by which it is found again: its title first.
pub fn passages(conn: &mut Conn, found: &[Postmortem]) -> Result<Vec<Vec<String>>> {
    let incidents: Vec<Id> = found.iter().map(|postmortem| postmortem.incident_id).collect();
    let mut timelines = postmortem_facts::timeline_texts(conn, &incidents)?;
    let passages = |postmortem: &Postmortem| {
        let mut passages = vec![postmortem.title.clone()];
        passages.extend(postmortem.text.written().map(|(_, text)| text.to_owned()));
        passages.extend(timelines.remove(&postmortem.incident_id).map(|texts| texts.join("\n")));
        passages
    };
    Ok(found.iter().map(passages).collect())
}
