//! Links from development: work in git moves the stories that it names, and issues of customers there become feedback.

use std::collections::BTreeSet;

use serde_json::json;

use super::stages;
use crate::domain::base::Id;
use crate::domain::integrations::{Effect, HookAnswer, HookOutcome, Landing, Report, Repository, Work};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Link, LinkReason, LinkState, LinkTarget, NewLink};
use crate::domain::team::FilingRights;
use crate::error::Result;
use crate::store::integrations::hook_deliveries;
use crate::store::stories::links;
use crate::store::team::products;
use crate::store::{Tx, stories};
use crate::usecase::feedback::filing;
use crate::usecase::integrations::renames;
use crate::usecase::releases::reported;
use crate::usecase::releases::reverts::{self, Reverted};

/// The most stories that one piece of work may name; a text with more is a list of stories, not work on them.
const MOST_NAMED: usize = 50;

/// A delivery of an inbound hook: its ids and its reports.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `github`, `gitlab` or `cdevents`.
    pub source: &'static str,
    /// Its ids; if one of them was handled before, the whole delivery was.
    pub ids: Vec<String>,
    /// The repository, if it names one.
    pub repository: Option<Repository>,
    /// The reported facts.
    pub reports: Vec<Report>,
}

/// Handles a delivery exactly once: it is marked as handled in the transaction of its effects.
///
/// # Errors
/// 422 where it names something that does not exist; it is then not marked as handled, and can be sent again.
pub fn receive(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<HookAnswer> {
    let mut new = true;
    for id in &delivery.ids {
        new &= hook_deliveries::note(tx, delivery.source, id)?;
    }
    if !new {
        return Ok(HookAnswer::of(HookOutcome::Repeated));
    }
    if let Some(seen) = &delivery.repository {
        renames::follow(tx, seen)?;
    }
    let mut answer = HookAnswer::of(HookOutcome::Handled);
    let mut touched = BTreeSet::new();
    for report in &delivery.reports {
        match report {
            Report::Work(work) => touched.extend(take_work(tx, work)?),
            Report::Feedback(said) => {
                for filed in filing::file_by(tx, std::slice::from_ref(said), FilingRights::HOOK)? {
                    answer.feedback_ids.push(filed?.feedback.id);
                }
            }
            Report::Deployment(report) => {
                let reported = reported::deployment(tx, delivery.source, report)?;
                answer.deployment_ids.extend(reported.id);
                answer.notes.extend(reported.note);
            }
        }
    }
    answer.story_ids = touched.into_iter().collect();
    Ok(answer)
}

/// Links a piece of work to the stories it names and those already linked to it, and moves them.
fn take_work(tx: &mut Tx<'_>, work: &Work) -> Result<BTreeSet<Id>> {
    if !work.target.fits() {
        return Ok(BTreeSet::new());
    }
    let named = &work.names[..work.names.len().min(MOST_NAMED)];
    let mut touched: BTreeSet<Id> = links::stories_numbered(tx.conn, named)?.into_iter().collect();
    let there = links::to(tx.conn, &work.target)?;
    for link in there {
        if work.edited && link.reason != LinkReason::Person && !touched.contains(&link.story_id) {
            remove(tx, link.id)?;
        } else {
            touched.insert(link.story_id);
        }
    }
    let mut reverted = BTreeSet::new();
    if let Effect::Reverts { of, .. } = &work.effect {
        reverted = reverts::taken_back(tx.conn, of)?;
        touched.extend(reverted.iter().map(|link| link.story_id));
    }
    for story in &touched {
        take_for(tx, *story, work, &reverted)?;
    }
    Ok(touched)
}

/// Applies a piece of work to one story.
fn take_for(tx: &mut Tx<'_>, story: Id, work: &Work, reverted: &BTreeSet<Reverted>) -> Result<()> {
    let reason = match work.effect {
        Effect::Reverts { .. } => LinkReason::Revert,
        _ => LinkReason::Named,
    };
    let landed = match &work.effect {
        Effect::Merges(landing) | Effect::Reverts { into: Some(landing), .. } => counts(tx, story, landing)?,
        _ => false,
    };
    // Commits have no state, except reverts that took effect, so that they take effect once.
    let state = if reason == LinkReason::Revert && landed { Some(LinkState::Merged) } else { work.state };
    let before = links::to(tx.conn, &work.target)?.into_iter().find(|link| link.story_id == story);
    let (link, _) = link(tx, story, &work.target, work.url.as_deref(), state, reason)?;
    let news = before.is_none_or(|before| before.state != link.state);
    if link.state == Some(LinkState::Reverted) {
        return Ok(());
    }
    match &work.effect {
        Effect::Nothing => {}
        Effect::Begins => drop(stages::advance(tx, story, Stage::Building)?),
        // A late report of an old merge must not move a story that people have moved since.
        Effect::Merges(_) if !news => {}
        Effect::Merges(_) => drop(stages::advance(tx, story, if landed { Stage::Testing } else { Stage::Building })?),
        Effect::Reverts { .. } if landed && news => reverts::take_back(tx, &link, reverted)?,
        Effect::Reverts { .. } => {}
    }
    Ok(())
}

/// Whether this branch counts as done for the product of a story.
fn counts(tx: &mut Tx<'_>, story: Id, landing: &Landing) -> Result<bool> {
    let product = stories::rows::get(tx.conn, story)?.product_id;
    Ok(landing.counts(&products::get(tx.conn, product)?.settings.done_branches))
}

/// Links a story to a target; an existing link gets the new address and state.
pub(in crate::usecase) fn link(
    tx: &mut Tx<'_>,
    story: Id,
    target: &LinkTarget,
    url: Option<&str>,
    state: Option<LinkState>,
    reason: LinkReason,
) -> Result<(Link, bool)> {
    let (before, new) = links::add(tx, story, target, url, state, reason)?;
    if new {
        record(tx, "link.created", &before)?;
        return Ok((before, true));
    }
    let ended = |state| matches!(state, Some(LinkState::Merged | LinkState::Reverted));
    let link = Link {
        url: url.map(str::to_owned).or_else(|| before.url.clone()),
        // Hooks may arrive out of order: a merged link stays merged until it is reverted.
        state: if ended(before.state) && state != Some(LinkState::Reverted) {
            before.state
        } else {
            state.or(before.state)
        },
        // A link made by a person stays one, whatever the work names.
        reason: if reason == LinkReason::Person { reason } else { before.reason },
        updated_at: tx.now,
        ..before.clone()
    };
    if (&link.url, link.state, link.reason) == (&before.url, before.state, before.reason) {
        return Ok((before, false));
    }
    links::update(tx, &link)?;
    record(tx, "link.updated", &link)?;
    Ok((link, false))
}

/// Stores the state of the work of a link.
pub(in crate::usecase) fn mark(tx: &mut Tx<'_>, link: Link, state: LinkState) -> Result<()> {
    if link.state == Some(state) {
        return Ok(());
    }
    let link = Link { state: Some(state), updated_at: tx.now, ..link };
    links::update(tx, &link)?;
    record(tx, "link.updated", &link)
}

fn record(tx: &mut Tx<'_>, kind: &'static str, link: &Link) -> Result<()> {
    let product = stories::rows::get(tx.conn, link.story_id)?.product_id;
    let data = json!({
        "story_id": link.story_id, "provider": link.provider, "kind": link.kind, "state": link.state
    });
    tx.event(kind, link.id, Some(product), data);
    Ok(())
}

/// Adds a link by a person; answers the link and whether it is new.
///
/// # Errors
/// 404.
pub fn add(tx: &mut Tx<'_>, story: Id, input: &NewLink) -> Result<(Link, bool)> {
    stories::rows::get(tx.conn, story)?;
    let target = LinkTarget {
        provider: input.provider,
        repository: input.repository.trim().to_owned(),
        kind: input.kind,
        reference: input.reference.trim().to_owned(),
    };
    link(tx, story, &target, input.url.as_deref(), input.state, LinkReason::Person)
}

/// Links a story to its issue at the tracker, or updates the issue's state.
pub fn note_issue(tx: &mut Tx<'_>, story: Id, target: &LinkTarget, url: &str, state: LinkState) -> Result<Link> {
    let url = (!url.is_empty()).then_some(url);
    link(tx, story, target, url, Some(state), LinkReason::Person).map(|(link, _)| link)
}

/// Removes a link.
///
/// # Errors
/// 404.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let link = links::get(tx.conn, id)?;
    links::remove(tx, id)?;
    record(tx, "link.deleted", &link)
}
