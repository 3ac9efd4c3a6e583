//! Deployments: they bring releases to customers, or roll them back.

use serde_json::json;

use super::planning::product_of;
use super::{ledger, trains};
use crate::domain::base::{Id, Time};
use crate::domain::releases::{
    Deployment, DeploymentHeld, DeploymentState, DeploymentTransition, NewDeployment, Release, ReleaseState,
};
use crate::domain::stories::stage::Stage;
use crate::domain::team::{Product, UnshippedRelease};
use crate::error::{Code, Error, Result};
use crate::store::releases::deployments;
use crate::store::releases::left_behind::{self, Left};
use crate::store::team::products;
use crate::store::{Conn, Tx, releases};
use crate::usecase::operations::timeline;
use crate::usecase::stories::progress;

/// Records a deployment reported by `source` (`api`, `github`, `gitlab`, `cdevents`). In production, a successful one
/// releases the stories of its release, and a rolled-back one rolls the release back. If nobody has shipped the
/// release, it waits for that, unless the product's settings say otherwise.
///
/// # Errors
/// 422 where the product or the release is unknown.
pub fn deployed(tx: &mut Tx<'_>, source: &'static str, input: &NewDeployment) -> Result<Deployment> {
    record(tx, source, input).map(|(_, deployment)| deployment)
}

/// Like [`deployed`]; also answers whether it was new, and not a new state of a known deployment.
///
/// # Errors
/// As for [`deployed`], and 409 where another product has a deployment with this `external_id`.
pub fn record(tx: &mut Tx<'_>, source: &'static str, input: &NewDeployment) -> Result<(bool, Deployment)> {
    record_as(tx, source, input, Circumstances::default())
}

/// What a hook knows of a deployment beside the report itself.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::usecase) struct Circumstances {
    /// Why it must not release its stories.
    pub held: Option<DeploymentHeld>,
    /// The known deployment that the report is about, whatever its `external_id`.
    pub of: Option<Id>,
    /// Whether it is inferred from another fact.
    pub inferred: bool,
}

/// Like [`record`], with what a hook knows.
///
/// # Errors
/// As for [`record`].
pub(in crate::usecase) fn record_as(
    tx: &mut Tx<'_>,
    source: &'static str,
    input: &NewDeployment,
    circumstances: Circumstances,
) -> Result<(bool, Deployment)> {
    let (is_new, deployment) = enter(tx, source, input, circumstances)?;
    ledger::attach(tx, &deployment, input)?;
    Ok((is_new, deployment))
}

/// Enters the state that is reported of a deployment.
fn enter(
    tx: &mut Tx<'_>,
    source: &'static str,
    input: &NewDeployment,
    circumstances: Circumstances,
) -> Result<(bool, Deployment)> {
    let Circumstances { held, of, inferred } = circumstances;
    let (product, release) = target(tx.conn, input)?;
    let known = match (of, &input.external_id) {
        (Some(id), _) => Some(deployments::lock(tx, id)?),
        (None, Some(external_id)) => deployments::lock_external(tx, source, external_id)?,
        (None, None) => None,
    };
    let at = input.deployed_at.unwrap_or(tx.now);
    let is_new = known.is_none();
    let reported = match known {
        Some(known) if known.product_id != product.id => {
            return Err(Error::new(Code::Conflict, "A deployment of another product has this external_id already."));
        }
        Some(known) => match again(&known, release, input, at) {
            Some(next) => Deployment { held, ..next },
            None if of.is_some() => {
                // The other report of the same deployment; a deployment's own time is better than a release's.
                let deployed_at = if inferred { known.deployed_at } else { at };
                let confirmed = Deployment { deployed_at, ..known };
                deployments::update(tx, &confirmed)?;
                note(tx, &confirmed, at, inferred, input)?;
                return Ok((false, deployments::get(tx.conn, confirmed.id)?));
            }
            None => return Ok((false, known)),
        },
        None => Deployment { held, ..new(tx, source, &product, release, input) },
    };
    if is_new {
        deployments::insert(tx, &reported)?;
    } else {
        deployments::update(tx, &reported)?;
    }
    note(tx, &reported, at, inferred, input)?;
    let recorded = recorded(tx, &product, reported, at)?;
    Ok((is_new, deployments::get(tx.conn, recorded.id)?))
}

/// Keeps the state that a deployment has now.
fn note(tx: &mut Tx<'_>, deployment: &Deployment, at: Time, inferred: bool, input: &NewDeployment) -> Result<()> {
    let transition = DeploymentTransition { state: deployment.state, at, inferred, reported_at: tx.now };
    deployments::note(tx, deployment.id, &transition, input.external_id.as_deref())
}

/// A known deployment with its newly reported state; `None` where nothing changed.
fn again(known: &Deployment, release: Option<Id>, input: &NewDeployment, at: Time) -> Option<Deployment> {
    let state = input.state.unwrap_or(DeploymentState::Succeeded);
    // A roll-back does not change when the deployment took place.
    let took_place = matches!(known.state, DeploymentState::Succeeded | DeploymentState::RolledBack);
    let ended = matches!(state, DeploymentState::Failed | DeploymentState::RolledBack);
    let next = Deployment {
        release_id: release.or(known.release_id),
        version: input.version.clone().or_else(|| known.version.clone()),
        state,
        deployed_at: if took_place && ended { known.deployed_at } else { at },
        production: input.production.unwrap_or(known.production),
        ..known.clone()
    };
    let to_come = next.state == DeploymentState::Scheduled;
    if to_come && known.state != DeploymentState::Scheduled {
        // A finished deployment can't be scheduled again.
        return None;
    }
    let moved = to_come && next.deployed_at != known.deployed_at;
    (moved || (next.state, next.release_id) != (known.state, known.release_id)).then_some(next)
}

fn new(tx: &Tx<'_>, source: &'static str, product: &Product, release: Option<Id>, input: &NewDeployment) -> Deployment {
    let production = &product.settings.production_environment;
    let environment = input.environment.clone().unwrap_or_else(|| production.clone());
    Deployment {
        id: Id::next(),
        product_id: product.id,
        release_id: release,
        production: input.production.unwrap_or_else(|| environment.eq_ignore_ascii_case(production)),
        environment,
        service: input.service.clone(),
        state: input.state.unwrap_or(DeploymentState::Succeeded),
        held: None,
        revision: input.revision.clone(),
        version: input.version.clone(),
        url: input.url.clone(),
        source: source.to_owned(),
        external_id: input.external_id.clone(),
        deployed_at: input.deployed_at.unwrap_or(tx.now),
        transitions: Vec::new(),
        created_at: tx.now,
    }
}

/// Applies the effects of a deployment that entered its state at this time; answers the result.
fn recorded(tx: &mut Tx<'_>, product: &Product, deployment: Deployment, at: Time) -> Result<Deployment> {
    let data = json!({ "release_id": deployment.release_id, "state": deployment.state, "source": deployment.source });
    tx.event("deployment.recorded", deployment.id, Some(product.id), data);
    timeline::deployed(tx, &deployment, at)?;
    if deployment.held.is_some() {
        note_held(tx, &deployment);
        return Ok(deployment);
    }
    take_effect(tx, product, deployment, at)
}

/// Writes an event that a deployment did not release its stories.
fn note_held(tx: &mut Tx<'_>, deployment: &Deployment) {
    let data = json!({ "release_id": deployment.release_id, "held": deployment.held });
    tx.event("deployment.held", deployment.id, Some(deployment.product_id), data);
}

/// Completes a scheduled deployment once its time has come. A repeated call changes nothing.
pub fn come_due(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let deployment = deployments::lock(tx, id)?;
    if deployment.state != DeploymentState::Scheduled || deployment.deployed_at > tx.now {
        return Ok(());
    }
    let product = products::get(tx.conn, deployment.product_id)?;
    let done = Deployment { state: DeploymentState::Succeeded, ..deployment };
    deployments::update(tx, &done)?;
    let at = done.deployed_at;
    let inferred = done.transitions.last().is_some_and(|was| was.inferred);
    let transition = DeploymentTransition { state: done.state, at, inferred, reported_at: tx.now };
    deployments::note(tx, done.id, &transition, None)?;
    recorded(tx, &product, done, at).map(drop)
}

/// The product and release of an input. The id of a release determines both; a name is looked up in the product. A
/// leading `v` of a tag is ignored where the release's name has none.
fn target(conn: &mut Conn, input: &NewDeployment) -> Result<(Product, Option<Id>)> {
    let unknown = || Error::field("/release", "unknown", "is not the name or id of a release of the product");
    let Some(named) = input.release.as_deref() else { return Ok((product_of(conn, input.product.as_deref())?, None)) };
    if let Ok(id) = named.parse::<Id>() {
        let release =
            releases::rows::get(conn, id).map_err(|e| if e.code == Code::NotFound { unknown() } else { e })?;
        let product = products::get(conn, release.product_id)?;
        return match products::named(conn, input.product.as_deref())? {
            Some(other) if other.id != product.id => Err(unknown()),
            _ => Ok((product, Some(id))),
        };
    }
    let product = product_of(conn, input.product.as_deref())?;
    let names: Vec<&str> = [Some(named), named.strip_prefix('v')].into_iter().flatten().collect();
    let found = releases::rows::by_names(conn, product.id, &names)?;
    Ok((product, Some(found.ok_or_else(unknown)?)))
}

/// Records that a release is in production, for teams whose deployments are not reported.
pub(in crate::usecase) fn deployed_by_hand(tx: &mut Tx<'_>, release: &Release) -> Result<()> {
    let input = NewDeployment {
        product: None,
        release: Some(release.id.to_string()),
        environment: None,
        production: None,
        service: None,
        state: None,
        revision: None,
        version: None,
        url: None,
        external_id: None,
        deployed_at: None,
        changes: Vec::new(),
        fixes: None,
    };
    record(tx, "api", &input).map(drop)
}

fn take_effect(tx: &mut Tx<'_>, product: &Product, deployment: Deployment, at: Time) -> Result<Deployment> {
    let Some(release) = deployment.release_id.filter(|_| deployment.production) else { return Ok(deployment) };
    let release = releases::rows::lock(tx, release)?;
    match deployment.state {
        DeploymentState::Succeeded if holds(product, &release) => return hold(tx, release, deployment),
        DeploymentState::Succeeded => bring(tx, release, at)?,
        DeploymentState::RolledBack if release.state == ReleaseState::Shipped => {
            let reason = "The release was rolled back in production.";
            take_back(tx, &release, &TakeBack { reason, at, tell: None })?;
        }
        // It is no longer deployed, so nobody needs to ship it.
        DeploymentState::RolledBack | DeploymentState::Failed if release.held_deployment_id == Some(deployment.id) => {
            releases::rows::update(tx, &Release { held_deployment_id: None, updated_at: tx.now, ..release })?;
        }
        _ => {}
    }
    Ok(deployment)
}

/// Whether a deployment of this release must wait until a person ships it, because until then nobody has decided to
/// tell customers.
fn holds(product: &Product, release: &Release) -> bool {
    release.state.is_open() && product.settings.unshipped_release == UnshippedRelease::Hold
}

fn hold(tx: &mut Tx<'_>, release: Release, deployment: Deployment) -> Result<Deployment> {
    let held = Deployment { held: Some(DeploymentHeld::NotShipped), ..deployment };
    deployments::update(tx, &held)?;
    releases::rows::update(tx, &Release { held_deployment_id: Some(held.id), updated_at: tx.now, ..release })?;
    note_held(tx, &held);
    Ok(held)
}

/// Releases the stories of a release that was deployed before it was shipped; it is in production since that
/// deployment.
pub(in crate::usecase) fn bring_held(tx: &mut Tx<'_>, release: Release, deployment: Id) -> Result<()> {
    let deployment = Deployment { held: None, ..deployments::get(tx.conn, deployment)? };
    deployments::update(tx, &deployment)?;
    bring(tx, Release { held_deployment_id: None, ..release }, deployment.deployed_at)
}

/// Releases the stories of a release that is in production; the release becomes shipped if it was not. Stories that are
/// not through testing, or have a closed gate, are left behind. Those that only wait for a gate are released once it is
/// signed.
fn bring(tx: &mut Tx<'_>, release: Release, at: Time) -> Result<()> {
    // A late report: the release was rolled back or yanked meanwhile.
    let over = release.ended_at.is_some_and(|ended| at < ended) || release.state == ReleaseState::Yanked;
    if over || release.deployed_at.is_some() {
        return Ok(());
    }
    if release.state != ReleaseState::Shipped {
        tx.event(
            "release.shipped",
            release.id,
            Some(release.product_id),
            json!({ "deployed": true, "from": release.state }),
        );
    }
    let shipped_at = release.shipped_at.filter(|_| release.state == ReleaseState::Shipped).or(Some(at));
    let next = Release {
        state: ReleaseState::Shipped,
        frozen_at: release.frozen_at.or(Some(at)),
        shipped_at,
        deployed_at: Some(at),
        ended_at: None,
        held_deployment_id: None,
        updated_at: tx.now,
        ..release
    };
    releases::rows::update(tx, &next)?;
    let (mut behind, mut held) = (Vec::new(), Vec::new());
    for row in next.aboard() {
        let through = matches!(row.stage, Stage::Testing | Stage::Ready);
        let released = through && progress::advance(tx, row.story_id, Stage::Released)?.is_some();
        if !released && !row.stage.is_shipped() {
            behind.push(row.story_id);
        }
        if !released && through {
            held.push((row.story_id, Left { release: next.id, section: row.section, entry: row.entry.clone() }));
        }
    }
    trains::leave_behind(tx, &next, &behind)?;
    for (story, left) in held {
        // A story that moved to the next train is released with that one.
        if releases::rows::open_of(tx.conn, &[story])?.is_empty() {
            left_behind::put(tx, story, &left)?;
        }
    }
    Ok(())
}

/// The options of a roll-back.
pub(in crate::usecase) struct TakeBack<'a> {
    pub reason: &'a str,
    pub at: Time,
    /// Whether customers who were told of its stories are told of the roll-back; `None`: as the product's settings say.
    pub tell: Option<bool>,
}

/// Handles a release that is no longer in production: its stories are `ready` again, except those that a later release
/// brought.
pub(in crate::usecase) fn take_back(tx: &mut Tx<'_>, release: &Release, how: &TakeBack<'_>) -> Result<()> {
    tx.event("release.rolled_back", release.id, Some(release.product_id), json!({ "from": release.state }));
    let next = Release {
        state: ReleaseState::RolledBack,
        reason: Some(how.reason.to_owned()),
        deployed_at: None,
        ended_at: Some(how.at),
        updated_at: tx.now,
        ..release.clone()
    };
    releases::rows::update(tx, &next)?;
    // Even if no deployment was reported, a person may have released its stories by hand.
    let Some(since) = release.deployed_at.or(release.shipped_at) else { return Ok(()) };
    let aboard: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let later = releases::rows::brought_later(tx.conn, &aboard, release.id, since)?;
    for story in aboard.iter().filter(|story| !later.contains(story)) {
        progress::take_back(tx, *story, how.reason, how.tell)?;
    }
    Ok(())
}
