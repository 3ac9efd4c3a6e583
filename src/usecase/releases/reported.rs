//! Deployments reported by hooks, matched with the release that their tag, branch or version names.

use super::deployments::{self, Circumstances};
use crate::domain::base::{Id, Time};
use crate::domain::integrations::{DeploymentReport, ReleaseTag};
use crate::domain::releases::{Deployment, DeploymentHeld, DeploymentState, NewDeployment};
use crate::domain::team::{DEFAULT_PRODUCT, Product};
use crate::error::Result;
use crate::store::releases::deployments as stored_deployments;
use crate::store::team::products;
use crate::store::{Conn, Tx, releases};

/// The tolerated clock difference, in microseconds; a later time means a deployment in the future.
const SKEW: i64 = 60 * Time::SECOND;

/// The result of a report.
#[derive(Clone, Debug, Default)]
pub(in crate::usecase) struct Reported {
    /// The deployment that was recorded.
    pub id: Option<Id>,
    /// Notes about parts that were not applied, and what to do about it.
    pub note: Option<String>,
}

/// The release that a tag names.
enum TaggedRelease {
    /// No release of the product.
    Nothing,
    One(Id),
    /// Several releases that match equally well.
    Several(Vec<String>),
    /// A release of this product matches the version, but the tag names another product.
    Other(String),
}

/// Records a deployment reported by a hook.
///
/// # Errors
/// 422 for an unknown product.
pub(in crate::usecase) fn deployment(
    tx: &mut Tx<'_>,
    source: &'static str,
    report: &DeploymentReport,
) -> Result<Reported> {
    let product = match products::named(tx.conn, report.product.as_deref())? {
        Some(product) => product,
        None => products::get(tx.conn, DEFAULT_PRODUCT)?,
    };
    if report.only_scheduled && !is_scheduled(tx, source, report)? {
        return Ok(Reported::default());
    }
    let production = &product.settings.production_environment;
    let environment = report.environment.as_ref().filter(|name| !name.eq_ignore_ascii_case(production));
    let environment = environment.unwrap_or(production);
    let (named, tag) = named(tx.conn, &product, &report.tags)?;
    let of = match stored_deployments::lock_external(tx, source, &report.external_id)? {
        Some(_) => None,
        None => known_as_another(tx.conn, source, report, &product, environment, &named, tag)?,
    };
    let removes = of.is_some() && report.state == DeploymentState::RolledBack;
    // A rollback names the version that runs now; the one rolled back is the version before.
    let release = named.one().filter(|_| !removes);
    let to_come = report.at.filter(|at| *at > tx.now.plus(SKEW));
    let succeeded = report.state == DeploymentState::Succeeded;
    let input = NewDeployment {
        product: Some(product.id.to_string()),
        release: release.map(|id| id.to_string()),
        environment: Some(environment.to_owned()),
        production: report.production.then_some(true),
        service: report.service.clone(),
        state: Some(if to_come.is_some() && succeeded { DeploymentState::Scheduled } else { report.state }),
        revision: report.revision.clone(),
        version: version_of(tag).filter(|_| report.state != DeploymentState::RolledBack),
        url: report.url.clone(),
        external_id: Some(report.external_id.clone()),
        // A finished deployment can't be in the future.
        deployed_at: report.at.map(|at| if succeeded && to_come.is_some() { at } else { at.min(tx.now) }),
        changes: Vec::new(),
        fixes: None,
    };
    let unclear = matches!(named, TaggedRelease::Several(_) | TaggedRelease::Other(_)) && !removes;
    let held = unclear.then_some(DeploymentHeld::Ambiguous);
    let circumstances = Circumstances { held, of, inferred: report.inferred };
    let deployment = deployments::record_as(tx, source, &input, circumstances)?.1;
    let note = note(tx.conn, &product, &deployment, &named, tag)?;
    Ok(Reported { id: Some(deployment.id), note })
}

/// The version that a tag names, as it is written.
fn version_of(tag: Option<&ReleaseTag>) -> Option<String> {
    tag.filter(|tag| tag.is_version()).map(|tag| tag.as_written().chars().take(200).collect())
}

/// The known deployment that a report with another id is about: the one that a roll-back removes, or the one that another
/// event of the same system has reported, as a published release and the deployment of its tag.
fn known_as_another(
    conn: &mut Conn,
    source: &str,
    report: &DeploymentReport,
    product: &Product,
    environment: &str,
    named: &TaggedRelease,
    tag: Option<&ReleaseTag>,
) -> Result<Option<Id>> {
    if report.state == DeploymentState::RolledBack {
        return stored_deployments::running_in(conn, product.id, environment, report.service.as_deref());
    }
    let in_production = report.production || environment.eq_ignore_ascii_case(&product.settings.production_environment);
    if !in_production || report.state != DeploymentState::Succeeded {
        return Ok(None);
    }
    let (release, version) = (named.one(), version_of(tag));
    let is_same = |known: &Deployment| {
        let same_release = release.is_some() && known.release_id == release;
        let same_version = match (&known.version, &version) {
            (Some(known), Some(version)) => bare(known).eq_ignore_ascii_case(bare(version)),
            _ => false,
        };
        (same_release || same_version)
            && matches!(known.state, DeploymentState::Succeeded | DeploymentState::Scheduled)
            && known.transitions.iter().all(|was| was.inferred != report.inferred)
    };
    let latest = stored_deployments::latest(conn, product.id, source, environment)?;
    Ok(latest.into_iter().find(is_same).map(|known| known.id))
}

/// A version without the `v` that many tags begin with.
fn bare(version: &str) -> &str {
    version.strip_prefix(['v', 'V']).unwrap_or(version)
}

fn is_scheduled(tx: &mut Tx<'_>, source: &str, report: &DeploymentReport) -> Result<bool> {
    let known = stored_deployments::lock_external(tx, source, &report.external_id)?;
    Ok(known.is_some_and(|known| known.state == DeploymentState::Scheduled))
}

impl TaggedRelease {
    fn one(&self) -> Option<Id> {
        match self {
            TaggedRelease::One(id) => Some(*id),
            _ => None,
        }
    }
}

/// The first tag that names anything of the product, and what it names.
fn named<'a>(
    conn: &mut Conn,
    product: &Product,
    tags: &'a [ReleaseTag],
) -> Result<(TaggedRelease, Option<&'a ReleaseTag>)> {
    for tag in tags {
        match named_by(conn, product, tag)? {
            TaggedRelease::Nothing => {}
            named => return Ok((named, Some(tag))),
        }
    }
    Ok((TaggedRelease::Nothing, tags.iter().find(|tag| tag.is_version())))
}

fn named_by(conn: &mut Conn, product: &Product, tag: &ReleaseTag) -> Result<TaggedRelease> {
    for (n, rank) in tag.ranks.iter().enumerate() {
        let mut found = stored_deployments::releases_named(conn, product.id, rank)?;
        match (found.pop(), found.is_empty()) {
            (None, _) => {}
            (Some((id, name)), true) => {
                // A version alone does not match a tag that names another product's component.
                let by_version = n > 0 && !tag.component.as_deref().is_some_and(|part| contains(&name, part));
                let other = if by_version { other_product(conn, product, tag)? } else { None };
                return Ok(other.map_or(TaggedRelease::One(id), TaggedRelease::Other));
            }
            (Some(last), false) => {
                found.push(last);
                return Ok(TaggedRelease::Several(found.into_iter().map(|(_, name)| name).collect()));
            }
        }
    }
    Ok(TaggedRelease::Nothing)
}

fn contains(name: &str, part: &str) -> bool {
    name.to_lowercase().contains(&part.to_lowercase())
}

/// The key of another product that the tag's component names.
fn other_product(conn: &mut Conn, product: &Product, tag: &ReleaseTag) -> Result<Option<String>> {
    let Some(component) = &tag.component else { return Ok(None) };
    let is = |other: &Product| other.key.eq_ignore_ascii_case(component) || other.name.eq_ignore_ascii_case(component);
    if is(product) {
        return Ok(None);
    }
    Ok(products::all(conn)?.into_iter().find(is).map(|other| other.key))
}

/// The note about a deployment that was not fully applied.
fn note(
    conn: &mut Conn,
    product: &Product,
    deployment: &Deployment,
    named: &TaggedRelease,
    tag: Option<&ReleaseTag>,
) -> Result<Option<String>> {
    let written = tag.map(ReleaseTag::as_written).unwrap_or_default();
    let note = match (named, deployment.held) {
        (TaggedRelease::Several(names), _) => format!(
            "`{written}` may be any of the releases {}: the deployment is recorded, and no release is changed. Report it to \
             /v1/deployments with the release's name.",
            names.join(", ")
        ),
        (TaggedRelease::Other(key), _) => format!(
            "`{written}` names the product {key}: the deployment is recorded, and no release of {} is changed. Send the hooks \
             of {key} to /v1/hooks with `product={key}`.",
            product.key
        ),
        (TaggedRelease::One(id), Some(DeploymentHeld::NotShipped)) => {
            let release = releases::rows::get(conn, *id)?;
            format!(
                "Release {} is `{}`, not shipped: the deployment is recorded, and the release waits for somebody to ship it. \
                 With `unshipped_release: ship` in the product's settings a deployment ships it.",
                release.name, release.state
            )
        }
        (TaggedRelease::Nothing, _) if tag.is_some() => {
            format!(
                "`{written}` names no release of the product {}: the deployment is recorded without one.",
                product.key
            )
        }
        _ => return Ok(None),
    };
    Ok(Some(note))
}
