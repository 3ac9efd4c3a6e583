//! What happened around the series of metrics: releases, deployments and incidents.

use crate::domain::base::{Id, Page, Time};
use crate::domain::measures::annotation::{Annotation, AnnotationKind, AnnotationQuery};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::measures::effects::{self, DeployedAt, Happened, IncidentAt};
use crate::store::team::products;

/// The longest period, in days.
const LONGEST: i64 = 400;
/// The period where none is asked for, in days.
const USUAL: i64 = 28;
/// What is listed at the most.
const MOST: usize = 1000;

/// What happened in a period, by time.
///
/// # Errors
/// 422 for an unknown product or a wrong period.
pub fn list(conn: &mut Conn, query: &AnnotationQuery, now: Time) -> Result<Page<Annotation>> {
    let product = products::named(conn, query.product.as_deref())?.map(|product| product.id);
    let to = query.to.unwrap_or(now.plus(1));
    let from = query.from.unwrap_or(to.plus(-USUAL * Time::DAY));
    if from >= to || to.0 - from.0 > LONGEST * Time::DAY {
        let detail = format!("must be before `to`, by at most {LONGEST} days");
        return Err(Error::field("/from", "range", detail));
    }
    let data = between(conn, product, from, to)?;
    Ok(Page { data, next_cursor: None })
}

/// What happened in a period, by time; of one product, or of all that can be seen.
pub fn between(conn: &mut Conn, product: Option<Id>, from: Time, to: Time) -> Result<Vec<Annotation>> {
    let of = match product {
        Some(product) => vec![product],
        None => products::all(conn)?.into_iter().map(|product| product.id).collect(),
    };
    let mut found = Vec::new();
    for product in of {
        let inside = |release: &Happened| (from..to).contains(&release.at);
        let releases = effects::releases_of(conn, product)?.into_iter().filter(inside);
        found.extend(releases.map(|release| of_release(product, release)));
    }
    found.extend(effects::deployments_between(conn, product, from, to, MOST as i64)?.into_iter().map(of_deployment));
    found.extend(effects::incidents_between(conn, product, from, to, MOST as i64)?.into_iter().map(of_incident));
    found.sort_by_key(|annotation| (annotation.at, annotation.id));
    found.truncate(MOST);
    Ok(found)
}

fn of_release(product_id: Id, release: Happened) -> Annotation {
    Annotation {
        id: release.id,
        product_id,
        kind: AnnotationKind::Release,
        at: release.at,
        time: release.at.0.div_euclid(1000),
        time_end: None,
        title: format!("Release {}", release.name),
        text: release.name,
        tags: vec!["release".to_owned()],
    }
}

fn of_deployment(deployed: DeployedAt) -> Annotation {
    let what = [deployed.service, deployed.version].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Annotation {
        id: deployed.id,
        product_id: deployed.product_id,
        kind: AnnotationKind::Deployment,
        at: deployed.at,
        time: deployed.at.0.div_euclid(1000),
        time_end: None,
        title: format!("Deployment to {}", deployed.environment),
        text: what,
        tags: vec!["deployment".to_owned(), deployed.state],
    }
}

fn of_incident(incident: IncidentAt) -> Annotation {
    Annotation {
        id: incident.id,
        product_id: incident.product_id,
        kind: AnnotationKind::Incident,
        at: incident.at,
        time: incident.at.0.div_euclid(1000),
        time_end: incident.until.map(|until| until.0.div_euclid(1000)),
        title: format!("Incident, SEV{}", incident.severity),
        text: incident.title,
        tags: vec!["incident".to_owned(), format!("sev{}", incident.severity)],
    }
}
