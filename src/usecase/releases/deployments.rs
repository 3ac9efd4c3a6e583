//! Shipping: deployments bring releases to customers, or take them back.

use serde_json::json;

use super::lifecycle::product_of;
use super::trains;
use crate::domain::base::{Id, Time};
use crate::domain::releases::{Deployment, DeploymentHeld, DeploymentState, NewDeployment, Release, ReleaseState};
use crate::domain::stories::stage::Stage;
use crate::domain::team::{Product, UnshippedRelease};
use crate::error::{Code, Error, Result};
use crate::store::releases::deployments;
use crate::store::releases::left_behind::{self, Left};
use crate::store::team::products;
use crate::store::{Conn, Tx, releases, stories};
use crate::usecase::stories::{gates, stages};

/// Records a deployment that `source` (`api`, `github`, `gitlab`, `cdevents`) reports. In production a succeeded one
/// releases the stories of its release, and a rolled-back one takes the release back. A release that nobody has shipped
/// waits for somebody to do so, unless the product's settings say otherwise.
///
/// # Errors
/// 422 where the product or the release is unknown.
pub fn deployed(tx: &mut Tx<'_>, source: &'static str, input: &NewDeployment) -> Result<Deployment> {
    record(tx, source, input).map(|(_, deployment)| deployment)
}

/// As [`deployed`]; answers also whether it was new, not one reported before whose state changes.
///
/// # Errors
/// As for [`deployed`], and 409 where the same `external_id` is known of another product.
pub fn record(tx: &mut Tx<'_>, source: &'static str, input: &NewDeployment) -> Result<(bool, Deployment)> {
    record_held(tx, source, input, None)
}

/// As [`record`], of a deployment that brings no release to customers for this reason.
///
/// # Errors
/// As for [`record`].
pub(in crate::usecase) fn record_held(
    tx: &mut Tx<'_>,
    source: &'static str,
    input: &NewDeployment,
    held: Option<DeploymentHeld>,
) -> Result<(bool, Deployment)> {
    let (product, release) = target(tx.conn, input)?;
    let known = match &input.external_id {
        Some(external_id) => deployments::lock_external(tx, source, external_id)?,
        None => None,
    };
    let is_new = known.is_none();
    let reported = match known {
        Some(known) if known.product_id != product.id => {
            return Err(Error::new(Code::Conflict, "This external_id is known of a deployment of another product."));
        }
        Some(known) => match again(tx, &known, release, input) {
            Some(next) => Deployment { held, ..next },
            None => return Ok((false, known)),
        },
        None => Deployment { held, ..new(tx, source, &product, release, input) },
    };
    if is_new {
        deployments::insert(tx, &reported)?;
    } else {
        deployments::update(tx, &reported)?;
    }
    Ok((is_new, recorded(tx, &product, reported)?))
}

/// A known deployment as it is reported now; `None` where that says nothing new.
fn again(tx: &Tx<'_>, known: &Deployment, release: Option<Id>, input: &NewDeployment) -> Option<Deployment> {
    let next = Deployment {
        release_id: release.or(known.release_id),
        state: input.state.unwrap_or(DeploymentState::Succeeded),
        deployed_at: input.deployed_at.unwrap_or(tx.now),
        production: input.production.unwrap_or(known.production),
        ..known.clone()
    };
    let to_come = next.state == DeploymentState::Scheduled;
    if to_come && known.state != DeploymentState::Scheduled {
        // What is done is not to come.
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
        url: input.url.clone(),
        source: source.to_owned(),
        external_id: input.external_id.clone(),
        deployed_at: input.deployed_at.unwrap_or(tx.now),
        created_at: tx.now,
    }
}

/// A deployment that was written has its effects; answers it as it is then.
fn recorded(tx: &mut Tx<'_>, product: &Product, deployment: Deployment) -> Result<Deployment> {
    let data = json!({ "release_id": deployment.release_id, "state": deployment.state, "source": deployment.source });
    tx.event("deployment.recorded", deployment.id, Some(product.id), data);
    if deployment.held.is_some() {
        note_held(tx, &deployment);
        return Ok(deployment);
    }
    take_effect(tx, product, deployment)
}

/// Says that a deployment did not bring its release to customers.
fn note_held(tx: &mut Tx<'_>, deployment: &Deployment) {
    let data = json!({ "release_id": deployment.release_id, "held": deployment.held });
    tx.event("deployment.held", deployment.id, Some(deployment.product_id), data);
}

/// What was scheduled is done once its time has come; again is nothing new.
pub fn come_due(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let deployment = deployments::lock(tx, id)?;
    if deployment.state != DeploymentState::Scheduled || deployment.deployed_at > tx.now {
        return Ok(());
    }
    let product = products::get(tx.conn, deployment.product_id)?;
    let done = Deployment { state: DeploymentState::Succeeded, ..deployment };
    deployments::update(tx, &done)?;
    recorded(tx, &product, done).map(drop)
}

/// The product and the release that are meant: a release's id says both, its name is looked for in the product. A tag's
/// leading `v` is no part of the name where the release has none.
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

/// Records that a release is in production, for teams whose deployments nobody reports.
pub(in crate::usecase) fn deployed_by_hand(tx: &mut Tx<'_>, release: &Release) -> Result<()> {
    let input = NewDeployment {
        product: None,
        release: Some(release.id.to_string()),
        environment: None,
        production: None,
        service: None,
        state: None,
        revision: None,
        url: None,
        external_id: None,
        deployed_at: None,
    };
    record(tx, "api", &input).map(drop)
}

fn take_effect(tx: &mut Tx<'_>, product: &Product, deployment: Deployment) -> Result<Deployment> {
    let Some(release) = deployment.release_id.filter(|_| deployment.production) else { return Ok(deployment) };
    let release = releases::rows::lock(tx, release)?;
    match deployment.state {
        DeploymentState::Succeeded if holds(product, &release) => return hold(tx, release, deployment),
        DeploymentState::Succeeded => bring(tx, release, deployment.deployed_at)?,
        DeploymentState::RolledBack if release.state == ReleaseState::Shipped => {
            let reason = "The release was rolled back in production.";
            take_back(tx, &release, &TakeBack { reason, at: deployment.deployed_at, tell: None })?;
        }
        // It is no longer there: nothing waits for somebody to ship it.
        DeploymentState::RolledBack | DeploymentState::Failed if release.held_deployment_id == Some(deployment.id) => {
            releases::rows::update(tx, &Release { held_deployment_id: None, updated_at: tx.now, ..release })?;
        }
        _ => {}
    }
    Ok(deployment)
}

/// Whether a deployment of this release waits for somebody to ship it: until then nobody asked for customers to be told.
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

/// Somebody shipped a release that was deployed before: it is in production since then.
pub(in crate::usecase) fn bring_held(tx: &mut Tx<'_>, release: Release, deployment: Id) -> Result<()> {
    let deployment = Deployment { held: None, ..deployments::get(tx.conn, deployment)? };
    deployments::update(tx, &deployment)?;
    bring(tx, Release { held_deployment_id: None, ..release }, deployment.deployed_at)
}

/// A release is in production: its stories are released. One that nobody had shipped is shipped by this; what is not
/// through testing, or is before a closed gate, is left behind; what only waits for a gate is released once that is signed.
fn bring(tx: &mut Tx<'_>, release: Release, at: Time) -> Result<()> {
    // Reported late: it was rolled back, or yanked, since.
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
        let released = through && stages::advance(tx, row.story_id, Stage::Released)?.is_some();
        if !released && !row.stage.is_shipped() {
            behind.push(row.story_id);
        }
        if !released && through {
            held.push((row.story_id, Left { release: next.id, section: row.section, entry: row.entry.clone() }));
        }
    }
    trains::leave_behind(tx, &next, &behind)?;
    for (story, left) in held {
        // One that takes the next train is released with that.
        if releases::rows::open_of(tx.conn, &[story])?.is_empty() {
            left_behind::put(tx, story, &left)?;
        }
    }
    Ok(())
}

/// How a release is taken back.
pub(in crate::usecase) struct TakeBack<'a> {
    pub reason: &'a str,
    pub at: Time,
    /// Whether those who were told of its stories hear of it; the product's setting decides where it is `None`.
    pub tell: Option<bool>,
}

/// A release is no longer in production: the stories it brought, and no later one did, are `ready` again.
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
    // Not reported to be in production, it may still have stories that a person released by hand.
    let Some(since) = release.deployed_at.or(release.shipped_at) else { return Ok(()) };
    let aboard: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let later = releases::rows::brought_later(tx.conn, &aboard, release.id, since)?;
    for story in aboard.iter().filter(|story| !later.contains(story)) {
        stages::take_back(tx, *story, how.reason, how.tell)?;
    }
    Ok(())
}

/// The stories of a release that could not be released now, each with why.
pub fn unready(conn: &mut Conn, release: &Release) -> Result<Vec<(Id, String)>> {
    let ids: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let mut unready = Vec::new();
    for story in stories::rows::get_many(conn, &ids)?.into_iter().filter(|story| !story.stage.is_shipped()) {
        if story.stage != Stage::Ready {
            unready.push((story.id, format!("{} is in `{}`", story.number, story.stage)));
            continue;
        }
        let open = gates::open(conn, &story, Stage::Released)?;
        if !open.is_empty() {
            let keys: Vec<&str> = open.iter().map(|gate| gate.key.as_str()).collect();
            unready.push((story.id, format!("{} waits at its gate for {}", story.number, keys.join(", "))));
        }
    }
    Ok(unready)
}
