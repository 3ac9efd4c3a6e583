//! Shipping: deployments bring releases to customers, or take them back.

use serde_json::json;

use super::releasing::product_of;
use super::{gating, moving, trains};
use crate::domain::stage::Stage;
use crate::domain::{Deployment, DeploymentState, Id, NewDeployment, Product, Release, ReleaseState, Time};
use crate::error::{Code, Error, Result};
use crate::store::left_behind::{self, Left};
use crate::store::{Conn, Tx, deployments, products, releases, stories};

/// Records a deployment that `source` (`api`, `github`, `gitlab`, `cdevents`) reports. In the production environment a
/// succeeded one releases the stories of its release, and a rolled-back one takes the release back.
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
    let (product, release) = target(tx.conn, input)?;
    let known = match &input.external_id {
        Some(external_id) => deployments::lock_external(tx, source, external_id)?,
        None => None,
    };
    let is_new = known.is_none();
    let deployment = match known {
        Some(known) if known.product_id != product.id => {
            return Err(Error::new(Code::Conflict, "This external_id is known of a deployment of another product."));
        }
        Some(known) => {
            let next = Deployment {
                release_id: release.or(known.release_id),
                state: input.state.unwrap_or(DeploymentState::Succeeded),
                deployed_at: input.deployed_at.unwrap_or(tx.now),
                ..known.clone()
            };
            if (next.state, next.release_id) == (known.state, known.release_id) {
                return Ok((false, known));
            }
            deployments::update(tx, &next)?;
            next
        }
        None => {
            let environment = input.environment.clone();
            let new = Deployment {
                id: Id::next(),
                product_id: product.id,
                release_id: release,
                environment: environment.unwrap_or_else(|| product.settings.production_environment.clone()),
                service: input.service.clone(),
                state: input.state.unwrap_or(DeploymentState::Succeeded),
                revision: input.revision.clone(),
                url: input.url.clone(),
                source: source.to_owned(),
                external_id: input.external_id.clone(),
                deployed_at: input.deployed_at.unwrap_or(tx.now),
                created_at: tx.now,
            };
            deployments::insert(tx, &new)?;
            new
        }
    };
    let data = json!({ "release_id": deployment.release_id, "state": deployment.state, "source": deployment.source });
    tx.event("deployment.recorded", deployment.id, Some(product.id), data);
    take_effect(tx, &product, &deployment)?;
    Ok((is_new, deployment))
}

/// The product and the release that are meant: a release's id says both, its name is looked for in the product. A tag's
/// leading `v` is no part of the name where the release has none.
fn target(conn: &mut Conn, input: &NewDeployment) -> Result<(Product, Option<Id>)> {
    let unknown = || Error::field("/release", "unknown", "is not the name or id of a release of the product");
    let Some(named) = input.release.as_deref() else { return Ok((product_of(conn, input.product.as_deref())?, None)) };
    if let Ok(id) = named.parse::<Id>() {
        let release = releases::get(conn, id).map_err(|e| if e.code == Code::NotFound { unknown() } else { e })?;
        let product = products::get(conn, release.product_id)?;
        return match products::named(conn, input.product.as_deref())? {
            Some(other) if other.id != product.id => Err(unknown()),
            _ => Ok((product, Some(id))),
        };
    }
    let product = product_of(conn, input.product.as_deref())?;
    let names: Vec<&str> = [Some(named), named.strip_prefix('v')].into_iter().flatten().collect();
    let found = releases::by_names(conn, product.id, &names)?;
    Ok((product, Some(found.ok_or_else(unknown)?)))
}

/// Records that a release is in production, for teams whose deployments nobody reports.
pub(super) fn deployed_by_hand(tx: &mut Tx<'_>, release: &Release) -> Result<()> {
    let input = NewDeployment {
        product: None,
        release: Some(release.id.to_string()),
        environment: None,
        service: None,
        state: None,
        revision: None,
        url: None,
        external_id: None,
        deployed_at: None,
    };
    record(tx, "api", &input).map(drop)
}

fn take_effect(tx: &mut Tx<'_>, product: &Product, deployment: &Deployment) -> Result<()> {
    let in_production = deployment.environment.eq_ignore_ascii_case(&product.settings.production_environment);
    let Some(release) = deployment.release_id.filter(|_| in_production) else { return Ok(()) };
    let release = releases::lock(tx, release)?;
    match deployment.state {
        DeploymentState::Succeeded => bring(tx, release, deployment.deployed_at),
        DeploymentState::RolledBack if release.state == ReleaseState::Shipped => {
            let reason = "The release was rolled back in production.";
            take_back(tx, &release, &TakeBack { reason, at: deployment.deployed_at, tell: None })
        }
        _ => Ok(()),
    }
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
        tx.event("release.shipped", release.id, Some(release.product_id), json!({ "deployed": true }));
    }
    let shipped_at = release.shipped_at.filter(|_| release.state == ReleaseState::Shipped).or(Some(at));
    let next = Release {
        state: ReleaseState::Shipped,
        frozen_at: release.frozen_at.or(Some(at)),
        shipped_at,
        deployed_at: Some(at),
        ended_at: None,
        updated_at: tx.now,
        ..release
    };
    releases::update(tx, &next)?;
    let (mut behind, mut held) = (Vec::new(), Vec::new());
    for row in next.aboard() {
        let through = matches!(row.stage, Stage::Testing | Stage::Ready);
        let released = through && moving::advance(tx, row.story_id, Stage::Released)?.is_some();
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
        if releases::open_of(tx.conn, &[story])?.is_empty() {
            left_behind::put(tx, story, &left)?;
        }
    }
    Ok(())
}

/// How a release is taken back.
pub(super) struct TakeBack<'a> {
    pub reason: &'a str,
    pub at: Time,
    /// Whether those who were told of its stories hear of it; the product's setting decides where it is `None`.
    pub tell: Option<bool>,
}

/// A release is no longer in production: the stories it brought, and no later one did, are `ready` again.
pub(super) fn take_back(tx: &mut Tx<'_>, release: &Release, how: &TakeBack<'_>) -> Result<()> {
    tx.event("release.rolled_back", release.id, Some(release.product_id), json!({}));
    let next = Release {
        state: ReleaseState::RolledBack,
        reason: Some(how.reason.to_owned()),
        deployed_at: None,
        ended_at: Some(how.at),
        updated_at: tx.now,
        ..release.clone()
    };
    releases::update(tx, &next)?;
    // Not reported to be in production, it may still have stories that a person released by hand.
    let Some(since) = release.deployed_at.or(release.shipped_at) else { return Ok(()) };
    let aboard: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let later = releases::brought_later(tx.conn, &aboard, release.id, since)?;
    for story in aboard.iter().filter(|story| !later.contains(story)) {
        moving::take_back(tx, *story, how.reason, how.tell)?;
    }
    Ok(())
}

/// The stories of a release that could not be released now, each with why.
///
/// # Errors
/// Those of the database.
pub fn unready(conn: &mut Conn, release: &Release) -> Result<Vec<(Id, String)>> {
    let ids: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let mut unready = Vec::new();
    for story in stories::get_many(conn, &ids)?.into_iter().filter(|story| !story.stage.is_shipped()) {
        if story.stage != Stage::Ready {
            unready.push((story.id, format!("{} is in `{}`", story.number, story.stage)));
            continue;
        }
        let open = gating::open(conn, &story, Stage::Released)?;
        if !open.is_empty() {
            let keys: Vec<&str> = open.iter().map(|gate| gate.key.as_str()).collect();
            unready.push((story.id, format!("{} waits at its gate for {}", story.number, keys.join(", "))));
        }
    }
    Ok(unready)
}
