//! Links of incidents.

use crate::domain::base::{Id, Time};
use crate::domain::operations::link::{IncidentLink, IncidentLinkKind, IncidentTarget};
use crate::domain::releases::DeploymentState;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{deployments, incident_links as links, incidents};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = links, treat_none_as_null = true)]
struct Row {
    id: DbId,
    incident_id: DbId,
    target_kind: String,
    target_id: DbId,
    kind: String,
    how: String,
    confirmed_by: Option<DbId>,
    confirmed_at: Option<DbTime>,
    created_by: Option<DbId>,
    created_at: DbTime,
}

impl From<&IncidentLink> for Row {
    fn from(link: &IncidentLink) -> Self {
        Row {
            id: link.id.into(),
            incident_id: link.incident_id.into(),
            target_kind: link.target_kind.as_str().to_owned(),
            target_id: link.target_id.into(),
            kind: link.kind.as_str().to_owned(),
            how: link.how.as_str().to_owned(),
            confirmed_by: link.confirmed_by.map(DbId),
            confirmed_at: link.confirmed_at.map(DbTime),
            created_by: link.created_by.map(DbId),
            created_at: link.created_at.into(),
        }
    }
}

fn show(row: Row) -> Result<IncidentLink> {
    Ok(IncidentLink {
        id: row.id.into(),
        incident_id: row.incident_id.into(),
        target_kind: name(&row.target_kind)?,
        target_id: row.target_id.into(),
        kind: name(&row.kind)?,
        how: name(&row.how)?,
        confirmed_by: row.confirmed_by.map(Id::from),
        confirmed_at: row.confirmed_at.map(Time::from),
        created_by: row.created_by.map(Id::from),
        created_at: row.created_at.into(),
    })
}

/// The links of an incident, oldest first.
pub fn of(conn: &mut Conn, incident: Id) -> Result<Vec<IncidentLink>> {
    let own = links::table.filter(links::incident_id.eq(DbId(incident)));
    let rows: Vec<Row> = own.order(links::id.asc()).load(conn)?;
    rows.into_iter().map(show).collect()
}

/// A link of an incident.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, incident: Id, id: Id) -> Result<IncidentLink> {
    let own = links::table.find(DbId(id)).filter(links::incident_id.eq(DbId(incident)));
    let row: Option<Row> = own.first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("link"))?)
}

/// The link of an incident to this target of this kind, if there is one.
pub fn to(conn: &mut Conn, incident: Id, target: Id, kind: IncidentLinkKind) -> Result<Option<IncidentLink>> {
    let own = links::table.filter(links::incident_id.eq(DbId(incident)));
    let row: Option<Row> =
        own.filter(links::target_id.eq(DbId(target))).filter(links::kind.eq(kind.as_str())).first(conn).optional()?;
    row.map(show).transpose()
}

/// Adds a link; false where there is one to the same target of the same kind.
pub fn insert(tx: &mut Tx<'_>, link: &IncidentLink) -> Result<bool> {
    let row = Row::from(link);
    let added = on_each!(tx.conn, c => diesel::insert_into(links::table)
        .values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(added > 0)
}

/// Writes the current state of a link.
pub fn update(tx: &mut Tx<'_>, link: &IncidentLink) -> Result<()> {
    let row = Row::from(link);
    diesel::update(links::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Deletes a link.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(links::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the links to these customers and feedback.
pub fn forget(tx: &mut Tx<'_>, targets: &[Id]) -> Result<()> {
    for some in targets.chunks(500) {
        let to = links::table.filter(links::target_id.eq_any(some.iter().map(|id| DbId(*id))));
        diesel::delete(to).execute(tx.conn)?;
    }
    Ok(())
}

/// The latest successful deployment to an environment of customers in this time: of one of these services, or of none,
/// where any are given.
pub fn last_deployment(
    conn: &mut Conn,
    product: Id,
    services: &[String],
    since: Time,
    until: Time,
) -> Result<Option<Id>> {
    let mut query = deployments::table
        .filter(deployments::product_id.eq(DbId(product)))
        .filter(deployments::production.eq(true))
        .filter(
            deployments::state.eq_any([DeploymentState::Succeeded, DeploymentState::RolledBack].map(|s| s.as_str())),
        )
        .filter(deployments::deployed_at.ge(DbTime(since)))
        .filter(deployments::deployed_at.le(DbTime(until)))
        .select(deployments::id)
        .into_boxed();
    if !services.is_empty() {
        query = query.filter(deployments::service.is_null().or(deployments::service.eq_any(services.to_vec())));
    }
    let latest = (deployments::deployed_at.desc(), deployments::id.desc());
    let found: Option<DbId> = query.order(latest).first(conn).optional()?;
    Ok(found.map(Id::from))
}

/// The latest deployment of a product with this revision.
pub fn deployment_of_revision(conn: &mut Conn, product: Id, revision: &str) -> Result<Option<Id>> {
    let found: Option<DbId> = deployments::table
        .filter(deployments::product_id.eq(DbId(product)))
        .filter(deployments::revision.eq(revision.to_owned()))
        .select(deployments::id)
        .order(deployments::id.desc())
        .first(conn)
        .optional()?;
    Ok(found.map(Id::from))
}

/// The first deployment that fixed each incident that a product opened in a period: the incident, and when it took
/// place.
pub fn fixes(conn: &mut Conn, product: Id, from: Time, to: Time) -> Result<Vec<(Id, Time)>> {
    let rows: Vec<(DbId, DbTime)> = links::table
        .inner_join(incidents::table.on(incidents::id.eq(links::incident_id)))
        .inner_join(deployments::table.on(deployments::id.eq(links::target_id)))
        .filter(incidents::product_id.eq(DbId(product)))
        .filter(incidents::opened_at.ge(DbTime(from)))
        .filter(incidents::opened_at.lt(DbTime(to)))
        .filter(links::target_kind.eq(IncidentTarget::Deployment.as_str()))
        .filter(links::kind.eq(IncidentLinkKind::FixedBy.as_str()))
        .select((links::incident_id, deployments::deployed_at))
        .order(deployments::deployed_at.asc())
        .load(conn)?;
    let mut fixes: Vec<(Id, Time)> = Vec::new();
    for (incident, at) in rows {
        if !fixes.iter().any(|(known, _)| *known == Id::from(incident)) {
            fixes.push((incident.into(), at.into()));
        }
    }
    Ok(fixes)
}
