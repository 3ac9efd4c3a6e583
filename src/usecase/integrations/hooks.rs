//! Hooks: what developers do in git moves the stories it names, and what customers ask there is feedback.

use std::collections::BTreeSet;

use super::renames;
use crate::domain::base::Id;
use crate::domain::integrations::{Effect, HookAnswer, HookOutcome, Landing, Report, Repository, Work};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{LinkReason, LinkState};
use crate::domain::team::FilingRights;
use crate::error::Result;
use crate::store::integrations::hook_deliveries;
use crate::store::stories::links;
use crate::store::team::products;
use crate::store::{Tx, stories};
use crate::usecase::feedback::filing;
use crate::usecase::operations::alerts;
use crate::usecase::releases::reverts::{self, Reverted};
use crate::usecase::releases::{ledger, reported};
use crate::usecase::stories::links::{link, remove};
use crate::usecase::stories::progress;

/// The most stories that one piece of work may name; a text with more is a list of stories, not work on them.
const MOST_NAMED: usize = 50;

/// A delivery of an inbound hook: its ids and its reports.
#[derive(Clone, Debug)]
pub struct HookDelivery {
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
pub fn receive(tx: &mut Tx<'_>, delivery: &HookDelivery) -> Result<HookAnswer> {
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
            Report::Pushed(report) => ledger::pushed(tx, report)?,
            Report::Request(report) => ledger::request(tx, report)?,
            Report::Alerts(batch) => answer.incident_ids.extend(alerts::receive(tx, batch)?.incident_id),
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
        Effect::Begins => drop(progress::advance(tx, story, Stage::Building)?),
        // A late report of an old merge must not move a story that people have moved since.
        Effect::Merges(_) if !news => {}
        Effect::Merges(_) => drop(progress::advance(tx, story, if landed { Stage::Testing } else { Stage::Building })?),
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
