//! Linking: what developers do in git moves the stories it names, and what customers ask there is feedback.

use std::collections::BTreeSet;

use serde_json::json;

use super::{intake, moving, shipping};
use crate::domain::{
    DEFAULT_PRODUCT, DeploymentReport, DeploymentState, FilingRights, HookAnswer, HookOutcome, Id, Link, LinkState,
    LinkTarget, NewDeployment, NewLink, Report, StoryNumber, Work,
};
use crate::error::{Error, Result};
use crate::store::{Tx, deployments, hook_deliveries, links, products, releases, stories};

/// Stories that one piece of work may name: more is a list of them, not work on them.
const MOST_NAMED: usize = 50;

/// A delivery of a hook: what it is known by, and what it reports.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `github`, `gitlab` or `cdevents`.
    pub source: &'static str,
    /// What it is known by; where one of these was handled before, it was.
    pub ids: Vec<String>,
    /// What it reports.
    pub reports: Vec<Report>,
}

/// Handles a delivery once: that it is handled stands in the transaction of its effects.
///
/// # Errors
/// 422 where it names what is not there; then it was not handled, and may come again.
pub fn receive(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<HookAnswer> {
    let mut new = true;
    for id in &delivery.ids {
        new &= hook_deliveries::note(tx, delivery.source, id)?;
    }
    if !new {
        return Ok(HookAnswer::of(HookOutcome::Repeated));
    }
    let mut answer = HookAnswer::of(HookOutcome::Handled);
    let mut touched = BTreeSet::new();
    for report in &delivery.reports {
        match report {
            Report::Work(work) => touched.extend(take_work(tx, work)?),
            Report::Feedback(said) => {
                for filed in intake::file_by(tx, std::slice::from_ref(said), FilingRights::HOOK)? {
                    answer.feedback_ids.push(filed?.feedback.id);
                }
            }
            Report::Deployment(report) => answer.deployment_ids.push(deployed(tx, delivery.source, report)?),
        }
    }
    answer.story_ids = touched.into_iter().collect();
    Ok(answer)
}

/// Links a piece of work to the stories it names and to those it is linked to already, and moves them on.
fn take_work(tx: &mut Tx<'_>, work: &Work) -> Result<BTreeSet<Id>> {
    if !work.target.fits() {
        return Ok(BTreeSet::new());
    }
    let named: BTreeSet<StoryNumber> = work.words.iter().flat_map(|text| StoryNumber::all_in(text)).collect();
    let named: Vec<StoryNumber> = named.into_iter().take(MOST_NAMED).collect();
    let mut touched: BTreeSet<Id> = links::stories_numbered(tx.conn, &named)?.into_iter().collect();
    touched.extend(links::to(tx.conn, &work.target)?.into_iter().map(|link| link.story_id));
    for story in &touched {
        link(tx, *story, &work.target, work.url.as_deref(), work.state)?;
        if let Some(stage) = work.reaches {
            moving::advance(tx, *story, stage)?;
        }
    }
    Ok(touched)
}

/// Links a story to something; where it is linked already, the address and the state are brought up to date.
fn link(
    tx: &mut Tx<'_>,
    story: Id,
    target: &LinkTarget,
    url: Option<&str>,
    state: Option<LinkState>,
) -> Result<(Link, bool)> {
    let (before, new) = links::add(tx, story, target, url, state)?;
    if new {
        record(tx, "link.created", &before)?;
        return Ok((before, true));
    }
    let link = Link {
        url: url.map(str::to_owned).or_else(|| before.url.clone()),
        // Hooks may arrive out of order, and what is merged stays merged.
        state: if before.state == Some(LinkState::Merged) { before.state } else { state.or(before.state) },
        updated_at: tx.now,
        ..before.clone()
    };
    if (&link.url, link.state) == (&before.url, before.state) {
        return Ok((before, false));
    }
    links::update(tx, &link)?;
    record(tx, "link.updated", &link)?;
    Ok((link, false))
}

fn record(tx: &mut Tx<'_>, kind: &'static str, link: &Link) -> Result<()> {
    let product = stories::get(tx.conn, link.story_id)?.product_id;
    let data = json!({
        "story_id": link.story_id, "provider": link.provider, "kind": link.kind, "state": link.state
    });
    tx.event(kind, link.id, Some(product), data);
    Ok(())
}

/// Links a story by hand; answers the link and whether it is new.
///
/// # Errors
/// 404.
pub fn add(tx: &mut Tx<'_>, story: Id, input: &NewLink) -> Result<(Link, bool)> {
    stories::get(tx.conn, story)?;
    let target = LinkTarget {
        provider: input.provider,
        repository: input.repository.trim().to_owned(),
        kind: input.kind,
        reference: input.reference.trim().to_owned(),
    };
    link(tx, story, &target, input.url.as_deref(), input.state)
}

/// Links a story to its issue at the tracker, or notes how far that is.
///
/// # Errors
/// Those of the database.
pub fn note_issue(tx: &mut Tx<'_>, story: Id, target: &LinkTarget, url: &str, state: LinkState) -> Result<Link> {
    let url = (!url.is_empty()).then_some(url);
    link(tx, story, target, url, Some(state)).map(|(link, _)| link)
}

/// Takes a link away.
///
/// # Errors
/// 404.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let link = links::get(tx.conn, id)?;
    links::remove(tx, id)?;
    record(tx, "link.deleted", &link)
}

/// Records a deployment under the release it names, if it names one of ours.
fn deployed(tx: &mut Tx<'_>, source: &'static str, report: &DeploymentReport) -> Result<Id> {
    let product = match &report.product {
        Some(name) => products::find(tx.conn, name)?.ok_or_else(unknown_product)?,
        None => products::get(tx.conn, DEFAULT_PRODUCT)?,
    };
    let production = &product.settings.production_environment;
    let environment = report.environment.as_ref().filter(|name| !name.eq_ignore_ascii_case(production));
    let environment = environment.unwrap_or(production);
    let named = releases::by_names(tx.conn, product.id, &report.release_names)?;
    let release = match report.state {
        // It names what runs now, at best: what was taken back is what ran before.
        DeploymentState::RolledBack => {
            deployments::release_in(tx.conn, product.id, environment, report.service.as_deref())?.or(named)
        }
        DeploymentState::Succeeded | DeploymentState::Failed => named,
    };
    let input = NewDeployment {
        product: Some(product.id.to_string()),
        release: release.map(|id| id.to_string()),
        environment: Some(environment.to_owned()),
        service: report.service.clone(),
        state: Some(report.state),
        revision: report.revision.clone(),
        url: report.url.clone(),
        external_id: Some(report.external_id.clone()),
        deployed_at: report.at,
    };
    shipping::deployed(tx, source, &input).map(|deployment| deployment.id)
}

fn unknown_product() -> Error {
    Error::field("/product", "unknown", "is not the key or id of a product")
}
