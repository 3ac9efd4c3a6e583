//! Deployments of releases.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::releases::{Deployment, DeploymentQuery, DeploymentState, DeploymentTransition};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{deployment_transitions, deployments, releases};
use crate::store::team::products;

/// The most values of one condition.
const CHUNK: usize = 500;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = deployments, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    release_id: Option<DbId>,
    environment: String,
    service: Option<String>,
    state: String,
    revision: Option<String>,
    url: Option<String>,
    source: String,
    external_id: Option<String>,
    deployed_at: DbTime,
    created_at: DbTime,
    production: bool,
    held: Option<String>,
    tag: Option<String>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = deployment_transitions)]
struct TransitionRow {
    id: DbId,
    deployment_id: DbId,
    state: String,
    at: DbTime,
    inferred: bool,
    external_id: Option<String>,
    created_at: DbTime,
}

impl From<&Deployment> for Row {
    fn from(deployment: &Deployment) -> Self {
        Row {
            id: deployment.id.into(),
            product_id: deployment.product_id.into(),
            release_id: deployment.release_id.map(DbId),
            environment: deployment.environment.clone(),
            service: deployment.service.clone(),
            state: deployment.state.as_str().to_owned(),
            revision: deployment.revision.clone(),
            url: deployment.url.clone(),
            source: deployment.source.clone(),
            external_id: deployment.external_id.clone(),
            deployed_at: deployment.deployed_at.into(),
            created_at: deployment.created_at.into(),
            production: deployment.production,
            held: deployment.held.map(|held| held.as_str().to_owned()),
            tag: deployment.version.clone(),
        }
    }
}

fn show(row: Row) -> Result<Deployment> {
    Ok(Deployment {
        id: row.id.into(),
        product_id: row.product_id.into(),
        release_id: row.release_id.map(Id::from),
        environment: row.environment,
        production: row.production,
        held: row.held.as_deref().map(name).transpose()?,
        service: row.service,
        state: name(&row.state)?,
        revision: row.revision,
        version: row.tag,
        url: row.url,
        source: row.source,
        external_id: row.external_id,
        deployed_at: row.deployed_at.into(),
        transitions: Vec::new(),
        created_at: row.created_at.into(),
    })
}

/// A deployment.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Deployment> {
    let row: Option<Row> = deployments::table.find(DbId(id)).first(conn).optional()?;
    let mut found = vec![show(row.ok_or_else(|| Error::not_found("deployment"))?)?];
    add_transitions(conn, &mut found)?;
    found.pop().ok_or_else(|| Error::not_found("deployment"))
}

/// Reads the states that deployments have had, into each.
fn add_transitions(conn: &mut Conn, found: &mut [Deployment]) -> Result<()> {
    let ids: Vec<DbId> = found.iter().map(|deployment| deployment.id.into()).collect();
    let rows: Vec<TransitionRow> = deployment_transitions::table
        .filter(deployment_transitions::deployment_id.eq_any(ids))
        .order(deployment_transitions::id.asc())
        .load(conn)?;
    for row in rows {
        let deployment = Id::from(row.deployment_id);
        let transition = DeploymentTransition {
            state: name(&row.state)?,
            at: row.at.into(),
            inferred: row.inferred,
            reported_at: row.created_at.into(),
        };
        let its = found.iter_mut().find(|found| found.id == deployment);
        its.into_iter().for_each(|found| found.transitions.push(transition.clone()));
    }
    Ok(())
}

/// Keeps a state that a deployment has had, and the id of its report.
pub fn note(
    tx: &mut Tx<'_>,
    deployment: Id,
    transition: &DeploymentTransition,
    external_id: Option<&str>,
) -> Result<()> {
    let row = TransitionRow {
        id: Id::next().into(),
        deployment_id: deployment.into(),
        state: transition.state.as_str().to_owned(),
        at: transition.at.into(),
        inferred: transition.inferred,
        external_id: external_id.map(str::to_owned),
        created_at: transition.reported_at.into(),
    };
    diesel::insert_into(deployment_transitions::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A deployment, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Deployment> {
    if let Conn::Postgres(c) = &mut *tx.conn {
        deployments::table.find(DbId(id)).select(deployments::id).for_no_key_update().load::<DbId>(c)?;
    }
    get(tx.conn, id)
}

/// The deployment of which the source has made a report with this id, locked until the commit.
pub fn lock_external(tx: &mut Tx<'_>, source: &str, external_id: &str) -> Result<Option<Deployment>> {
    let own = deployments::table
        .filter(deployments::source.eq(source.to_owned()))
        .filter(deployments::external_id.eq(external_id.to_owned()))
        .select(deployments::id);
    let mut found: Option<DbId> = own.first(tx.conn).optional()?;
    if found.is_none() {
        let joined = deployments::table
            .inner_join(deployment_transitions::table.on(deployment_transitions::deployment_id.eq(deployments::id)))
            .filter(deployments::source.eq(source.to_owned()))
            .filter(deployment_transitions::external_id.eq(external_id.to_owned()))
            .select(deployments::id);
        found = joined.first(tx.conn).optional()?;
    }
    found.map(|id| lock(tx, id.into())).transpose()
}

/// The latest deployments of this source to an environment that customers use, newest first.
pub fn latest(conn: &mut Conn, product: Id, source: &str, environment: &str) -> Result<Vec<Deployment>> {
    let rows: Vec<Row> = deployments::table
        .filter(deployments::product_id.eq(DbId(product)))
        .filter(deployments::source.eq(source.to_owned()))
        .filter(deployments::environment.eq(environment.to_owned()))
        .filter(deployments::production.eq(true))
        .order(deployments::id.desc())
        .limit(20)
        .load(conn)?;
    let mut found = rows.into_iter().map(show).collect::<Result<Vec<_>>>()?;
    add_transitions(conn, &mut found)?;
    Ok(found)
}

/// The releases of a product with one of these names.
pub fn releases_named(conn: &mut Conn, product: Id, names: &[String]) -> Result<Vec<(Id, String)>> {
    let there: Vec<(DbId, String)> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::name.eq_any(names))
        .select((releases::id, releases::name))
        .order(releases::id.asc())
        .load(conn)?;
    Ok(there.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// Scheduled deployments whose time has come, earliest first.
pub fn due(conn: &mut Conn, now: Time) -> Result<Vec<Id>> {
    let due: Vec<DbId> = deployments::table
        .filter(deployments::state.eq(DeploymentState::Scheduled.as_str()))
        .filter(deployments::deployed_at.le(DbTime(now)))
        .select(deployments::id)
        .order((deployments::deployed_at.asc(), deployments::id.asc()))
        .load(conn)?;
    Ok(due.into_iter().map(Id::from).collect())
}

/// The deployment that runs in an environment: the one that a rollback there removes. Where there are some of releases, it
/// is the latest of those.
pub fn running_in(conn: &mut Conn, product: Id, environment: &str, service: Option<&str>) -> Result<Option<Id>> {
    let mut query = deployments::table
        .filter(deployments::product_id.eq(DbId(product)))
        .filter(deployments::environment.eq(environment))
        .filter(deployments::state.eq(DeploymentState::Succeeded.as_str()))
        .select(deployments::id)
        .into_boxed();
    if let Some(service) = service {
        // A deployment without a service covers all services.
        query = query.filter(deployments::service.is_null().or(deployments::service.eq(service)));
    }
    let latest_of_a_release =
        (deployments::release_id.is_null().asc(), deployments::deployed_at.desc(), deployments::id.desc());
    let last: Option<DbId> = query.order(latest_of_a_release).first(conn).optional()?;
    Ok(last.map(Id::from))
}

/// Deployments that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &DeploymentQuery, paging: &Paging) -> Result<Page<Deployment>> {
    let mut query = deployments::table.into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(deployments::product_id.eq(DbId(product.id)));
    }
    if let Some(environment) = &q.environment {
        query = query.filter(deployments::environment.eq(environment.clone()));
    }
    if let Some(release) = q.release {
        query = query.filter(deployments::release_id.eq(DbId(release)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(deployments::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(deployments::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let mut shown = rows.into_iter().map(show).collect::<Result<Vec<Deployment>>>()?;
    add_transitions(conn, &mut shown)?;
    Ok(paging.page(shown, |deployment| vec![deployment.id.to_string()]))
}

/// The deployments of a product that took place in `[from, to)`, in this environment or else in all that customers use:
/// the latest `limit`, latest first.
pub fn between(
    conn: &mut Conn,
    product: Id,
    environment: Option<&str>,
    period: (Time, Time),
    limit: i64,
) -> Result<Vec<Deployment>> {
    let mut query = deployments::table
        .filter(deployments::product_id.eq(DbId(product)))
        .filter(deployments::deployed_at.ge(DbTime(period.0)))
        .filter(deployments::deployed_at.lt(DbTime(period.1)))
        .filter(deployments::state.ne(DeploymentState::Scheduled.as_str()))
        .into_boxed();
    query = match environment {
        Some(name) => query.filter(deployments::environment.eq(name.to_owned())),
        None => query.filter(deployments::production.eq(true)),
    };
    let latest = (deployments::deployed_at.desc(), deployments::id.desc());
    let rows: Vec<Row> = query.order(latest).limit(limit).load(conn)?;
    let mut found = rows.into_iter().map(show).collect::<Result<Vec<_>>>()?;
    for some in found.chunks_mut(CHUNK) {
        add_transitions(conn, some)?;
    }
    Ok(found)
}

/// Adds a deployment.
///
/// # Errors
/// 409 where the source's id is taken; the writer then retries.
pub fn insert(tx: &mut Tx<'_>, deployment: &Deployment) -> Result<()> {
    diesel::insert_into(deployments::table).values(Row::from(deployment)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a deployment.
pub fn update(tx: &mut Tx<'_>, deployment: &Deployment) -> Result<()> {
    let row = Row::from(deployment);
    diesel::update(deployments::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}
