//! What the delivery figures need of incidents.

use std::collections::HashMap;

use crate::domain::base::{Id, Time};
use crate::domain::measures::figures::IncidentCauses;
use crate::domain::operations::incident::IncidentNumber;
use crate::domain::operations::link::{IncidentLinkKind, IncidentLinkOrigin, IncidentTarget};
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{incident_links, incidents, release_stories};

/// The most incidents that are read at once.
const MOST: i64 = 5_000;
/// The most values of one condition.
const CHUNK: usize = 500;

#[derive(Queryable)]
struct Row {
    id: DbId,
    number: i32,
    services: String,
    detected_at: DbTime,
    mitigated_at: Option<DbTime>,
    resolved_at: Option<DbTime>,
}

#[derive(Queryable)]
struct LinkRow {
    incident: DbId,
    target_kind: String,
    target: DbId,
    kind: String,
    how: String,
    confirmed_by: Option<DbId>,
}

/// The incidents of a product that were detected in `[from, to)`, latest first, with their deployments. One that was
/// merged into another is left out.
pub fn between(conn: &mut Conn, product: &Product, from: Time, to: Time) -> Result<Vec<IncidentCauses>> {
    let rows: Vec<Row> = incidents::table
        .filter(incidents::product_id.eq(DbId(product.id)))
        .filter(incidents::merged_into.is_null())
        .filter(incidents::detected_at.ge(DbTime(from)))
        .filter(incidents::detected_at.lt(DbTime(to)))
        .select((
            incidents::id,
            incidents::number,
            incidents::services,
            incidents::detected_at,
            incidents::mitigated_at,
            incidents::resolved_at,
        ))
        .order((incidents::detected_at.desc(), incidents::id.desc()))
        .limit(MOST)
        .load(conn)?;
    let facts = |row: Row| IncidentCauses {
        id: row.id.into(),
        number: IncidentNumber { key: product.key.clone(), number: row.number }.to_string(),
        services: serde_json::from_str(&row.services).unwrap_or_default(),
        detected_at: row.detected_at.into(),
        over_at: row.mitigated_at.or(row.resolved_at).map(Time::from),
        caused_by: Vec::new(),
        fixed_by: Vec::new(),
        cleared: Vec::new(),
        fixing_releases: Vec::new(),
    };
    let mut found: Vec<IncidentCauses> = rows.into_iter().map(facts).collect();
    add_links(conn, &mut found)?;
    Ok(found)
}

fn add_links(conn: &mut Conn, found: &mut [IncidentCauses]) -> Result<()> {
    let at: HashMap<Id, usize> = found.iter().enumerate().map(|(n, incident)| (incident.id, n)).collect();
    let ids: Vec<DbId> = found.iter().map(|incident| incident.id.into()).collect();
    let mut fixing: Vec<(usize, DbId)> = Vec::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<LinkRow> = incident_links::table
            .filter(incident_links::incident_id.eq_any(some.to_vec()))
            .filter(
                incident_links::target_kind
                    .eq_any([IncidentTarget::Deployment.as_str(), IncidentTarget::Story.as_str()]),
            )
            .select((
                incident_links::incident_id,
                incident_links::target_kind,
                incident_links::target_id,
                incident_links::kind,
                incident_links::how,
                incident_links::confirmed_by,
            ))
            .order(incident_links::id.asc())
            .load(conn)?;
        for row in rows {
            let Some(n) = at.get(&Id::from(row.incident)).copied() else { continue };
            let Some(incident) = found.get_mut(n) else { continue };
            let is_deployment = row.target_kind == IncidentTarget::Deployment.as_str();
            let fixes = row.kind == IncidentLinkKind::FixedBy.as_str();
            let target = Id::from(row.target);
            match (is_deployment, fixes) {
                (false, true) => fixing.push((n, row.target)),
                (false, false) => {}
                (true, true) => incident.fixed_by.push(target),
                (true, false) if row.kind == IncidentLinkKind::CausedBy.as_str() => {
                    let inferred = row.how == IncidentLinkOrigin::Inferred.as_str() && row.confirmed_by.is_none();
                    incident.caused_by.push((target, inferred));
                }
                (true, false) => incident.cleared.push(target),
            }
        }
    }
    add_releases(conn, found, &fixing)
}

/// The releases with the stories that fix incidents.
fn add_releases(conn: &mut Conn, found: &mut [IncidentCauses], fixing: &[(usize, DbId)]) -> Result<()> {
    for some in fixing.chunks(CHUNK) {
        let rows: Vec<(DbId, DbId)> = release_stories::table
            .filter(release_stories::story_id.eq_any(some.iter().map(|(_, story)| *story)))
            .filter(release_stories::moved_to.is_null())
            .select((release_stories::story_id, release_stories::release_id))
            .load(conn)?;
        for (n, story) in some {
            let releases = rows.iter().filter(|(of, _)| of == story).map(|(_, release)| Id::from(*release));
            if let Some(incident) = found.get_mut(*n) {
                incident.fixing_releases.extend(releases);
            }
        }
    }
    Ok(())
}
