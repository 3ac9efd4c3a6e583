//! The ledger of commits and pull requests, and what reporters of deployments say of changes and fixes.

use crate::domain::base::Id;
use crate::domain::integrations::ledger::{PushReport, RequestReport};
use crate::domain::operations::incident::IncidentNumber;
use crate::domain::operations::link::{IncidentLinkKind, IncidentTarget, NewIncidentLink};
use crate::domain::releases::ledger::{Commit, PullRequest};
use crate::domain::releases::{Deployment, NewDeployment};
use crate::domain::team::DEFAULT_PRODUCT;
use crate::error::{Code, Error, Result};
use crate::store::operations::incidents;
use crate::store::releases::ledger;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::operations::incident_links;

/// The most commits of one push that are kept.
const MOST_PUSHED: usize = 2_000;

/// Keeps what the report of a deployment says beside its state: its changes, and the incident that it fixes.
///
/// # Errors
/// 409 where the incident was merged into another, 422 where it is unknown.
pub(in crate::usecase) fn attach(tx: &mut Tx<'_>, deployment: &Deployment, input: &NewDeployment) -> Result<()> {
    ledger::add_changes(tx, deployment.id, &input.changes)?;
    let Some(named) = &input.fixes else { return Ok(()) };
    let unknown = || Error::field("/fixes", "unknown", "is not the number or id of an incident of the product");
    let id = match named.parse::<Id>() {
        Ok(id) => Some(id),
        Err(_) => match named.parse::<IncidentNumber>() {
            Ok(number) => incidents::numbered(tx.conn, &number)?,
            Err(()) => None,
        },
    };
    let incident = incidents::get(tx.conn, id.ok_or_else(unknown)?);
    let incident = incident.map_err(|e| if e.code == Code::NotFound { unknown() } else { e })?;
    if incident.product_id != deployment.product_id {
        return Err(unknown());
    }
    let (target_kind, kind) = (IncidentTarget::Deployment, IncidentLinkKind::FixedBy);
    let link = NewIncidentLink { target_kind, target_id: deployment.id, kind };
    incident_links::add(tx, incident.id, &link).map(drop)
}

/// The product of a hook: the one that its address names, or the default product.
fn product_of(conn: &mut Conn, named: Option<&str>) -> Result<Id> {
    Ok(products::named(conn, named)?.map_or(DEFAULT_PRODUCT, |product| product.id))
}

/// Keeps the commits of a push.
///
/// # Errors
/// 422 for an unknown product.
pub(in crate::usecase) fn pushed(tx: &mut Tx<'_>, report: &PushReport) -> Result<()> {
    let product = product_of(tx.conn, report.product.as_deref())?;
    let skipped = report.commits.len().saturating_sub(MOST_PUSHED);
    for (position, commit) in report.commits.iter().enumerate().skip(skipped) {
        let commit = Commit {
            repository: report.repository.clone(),
            branch: report.branch.clone(),
            sha: commit.sha.clone(),
            committed_at: commit.committed_at,
            pushed_at: tx.now,
            position: position.try_into().unwrap_or(i32::MAX),
            author: commit.author.clone(),
            request: None,
        };
        ledger::add_commit(tx, product, report.provider, &commit)?;
    }
    Ok(())
}

/// Keeps what a hook says of a pull request.
///
/// # Errors
/// 422 for an unknown product.
pub(in crate::usecase) fn request(tx: &mut Tx<'_>, report: &RequestReport) -> Result<()> {
    let product = product_of(tx.conn, report.product.as_deref())?;
    let request = PullRequest {
        repository: report.repository.clone(),
        number: report.number.clone(),
        head: report.head.clone(),
        base: report.base.clone(),
        opened_at: report.opened_at,
        merged_at: report.merged_at,
        merge_sha: report.merge_sha.clone(),
    };
    ledger::put_request(tx, product, report.provider, &request)
}
