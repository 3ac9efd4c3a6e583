//! Incidents that bursts of feedback propose: a theme gets far more this week than its own past explains.

use serde_json::json;

use super::incident_links;
use super::incidents::{Opening, begin};
use crate::domain::base::{Id, Time};
use crate::domain::operations::burst::{
    AcceptProposal, CUSTOMERS, IncidentProposal, IncidentProposalState, PROPOSED, tail,
};
use crate::domain::operations::incident::{Incident, IncidentSource, default_severity};
use crate::domain::operations::link::{IncidentLinkKind, IncidentTarget, NewIncidentLink};
use crate::error::{Code, Error, Result};
use crate::store::operations::proposals::{self, ThemeCounts};
use crate::store::team::products;
use crate::store::{Conn, Tx, themes};

/// A theme whose proposal was rejected or accepted is not proposed again for so long.
const REMEMBERED: i64 = 28 * Time::DAY;

/// A theme that bursts now, and how probable that is by its past.
#[derive(Clone, Debug)]
pub struct Burst {
    pub counts: ThemeCounts,
    pub probability: f64,
}

/// The themes of a product that burst now.
pub fn bursts(conn: &mut Conn, product: Id, now: Time) -> Result<Vec<Burst>> {
    let counts = proposals::counts(conn, product, now, CUSTOMERS)?;
    let bursts = counts.into_iter().map(|counts| Burst { probability: tail(&counts.past, counts.items), counts });
    Ok(bursts.filter(|burst| burst.probability < PROPOSED).collect())
}

/// Proposes incidents for bursts of a product, unless somebody has decided about their theme; answers how many.
pub fn propose(tx: &mut Tx<'_>, product: Id, bursts: &[Burst]) -> Result<usize> {
    let mut proposed = 0;
    for Burst { counts, probability } in bursts {
        if !is_remembered(tx, counts.theme)? {
            add(tx, product, counts, *probability)?;
            proposed += 1;
        }
    }
    Ok(proposed)
}

/// Whether somebody has decided about a theme, or has to.
fn is_remembered(tx: &mut Tx<'_>, theme: Id) -> Result<bool> {
    let latest = proposals::latest_of(tx.conn, theme)?;
    Ok(latest.is_some_and(|latest| {
        latest.state == IncidentProposalState::Open
            || latest.ended_at.is_some_and(|ended| ended.plus(REMEMBERED) > tx.now)
    }))
}

fn add(tx: &mut Tx<'_>, product: Id, counts: &ThemeCounts, probability: f64) -> Result<()> {
    let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let proposal = IncidentProposal {
        id: Id::next(),
        product_id: product,
        theme_id: counts.theme,
        items: number(counts.items),
        customers: number(counts.customers),
        past: counts.past.clone(),
        probability,
        state: IncidentProposalState::Open,
        incident_id: None,
        ended_by: None,
        ended_at: None,
        created_at: tx.now,
    };
    proposals::insert(tx, &proposal)?;
    let data = json!({ "theme_id": proposal.theme_id, "items": proposal.items, "customers": proposal.customers });
    tx.event("incident_proposal.created", proposal.id, Some(product), data);
    Ok(())
}

fn held(tx: &mut Tx<'_>, id: Id) -> Result<IncidentProposal> {
    let proposal = proposals::lock(tx, id)?;
    match proposal.state {
        IncidentProposalState::Open => Ok(proposal),
        state => Err(Error::new(Code::Conflict, format!("This proposal was decided already: it is `{state}`."))),
    }
}

/// Opens the proposed incident, linked to its theme.
///
/// # Errors
/// 404, 409 where it was decided already, 503 where nobody can own the incident.
pub fn accept(tx: &mut Tx<'_>, id: Id, input: &AcceptProposal) -> Result<Incident> {
    let proposal = held(tx, id)?;
    let product = products::get(tx.conn, proposal.product_id)?;
    let label = themes::rows::row(tx.conn, proposal.theme_id)?.label;
    let opening = Opening {
        title: input.title.clone().unwrap_or(label).trim().to_owned(),
        summary: None,
        severity: input.severity.unwrap_or_else(default_severity),
        services: Vec::new(),
        source: IncidentSource::Feedback,
        join_key: None,
        recurrence_of: None,
        detected_at: proposal.created_at,
    };
    let incident = begin(tx, &product, opening, None)?;
    let link = NewIncidentLink {
        target_kind: IncidentTarget::Theme,
        target_id: proposal.theme_id,
        kind: IncidentLinkKind::About,
    };
    incident_links::add(tx, incident.id, &link)?;
    end(tx, proposal, IncidentProposalState::Accepted, Some(incident.id))?;
    Ok(incident)
}

/// Rejects a proposal. The theme is not proposed again for four weeks.
///
/// # Errors
/// 404, 409 where it was decided already.
pub fn reject(tx: &mut Tx<'_>, id: Id) -> Result<IncidentProposal> {
    let proposal = held(tx, id)?;
    end(tx, proposal, IncidentProposalState::Rejected, None)
}

fn end(
    tx: &mut Tx<'_>,
    proposal: IncidentProposal,
    state: IncidentProposalState,
    incident_id: Option<Id>,
) -> Result<IncidentProposal> {
    let (ended_by, ended_at) = (tx.actor.id, Some(tx.now));
    let proposal = IncidentProposal { state, incident_id, ended_by, ended_at, ..proposal };
    proposals::update(tx, &proposal)?;
    let (kind, data) = match state {
        IncidentProposalState::Accepted => ("incident_proposal.accepted", json!({ "incident_id": incident_id })),
        _ => ("incident_proposal.rejected", json!({ "theme_id": proposal.theme_id })),
    };
    tx.event(kind, proposal.id, Some(proposal.product_id), data);
    Ok(proposal)
}
