//! What the effect of a release is measured on: feedback and recurrences by time, and the releases around.

use crate::domain::base::{Id, Time};
use crate::domain::feedback::{Kind, State};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{deployments, feedback, incidents, recurrences, releases, stories, story_themes, themes};

/// Something that happened at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    pub id: Id,
    pub name: String,
    pub at: Time,
}

/// A deployment to customers, as an annotation needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeployedAt {
    pub id: Id,
    pub product_id: Id,
    pub environment: String,
    pub service: Option<String>,
    pub version: Option<String>,
    pub state: String,
    pub at: Time,
}

/// The releases of a product that reached customers or were shipped, by time.
pub fn releases_of(conn: &mut Conn, product: Id) -> Result<Vec<Happened>> {
    let rows: Vec<(DbId, String, Option<DbTime>, Option<DbTime>)> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::shipped_at.is_not_null().or(releases::deployed_at.is_not_null()))
        .select((releases::id, releases::name, releases::deployed_at, releases::shipped_at))
        .load(conn)?;
    let mut found: Vec<Happened> = rows
        .into_iter()
        .filter_map(|(id, name, deployed, shipped)| {
            Some(Happened { id: id.into(), name, at: deployed.or(shipped)?.into() })
        })
        .collect();
    found.sort_by_key(|release| (release.at, release.id));
    Ok(found)
}

/// The deployments to customers in a period, by time.
pub fn deployments_between(
    conn: &mut Conn,
    product: Option<Id>,
    from: Time,
    to: Time,
    most: i64,
) -> Result<Vec<DeployedAt>> {
    type Columns = (DbId, DbId, String, Option<String>, Option<String>, String, DbTime);
    let mut wanted = deployments::table
        .filter(deployments::production.eq(true))
        .filter(deployments::deployed_at.ge(DbTime(from)))
        .filter(deployments::deployed_at.lt(DbTime(to)))
        .into_boxed();
    if let Some(product) = product {
        wanted = wanted.filter(deployments::product_id.eq(DbId(product)));
    }
    let rows: Vec<Columns> = wanted
        .order((deployments::deployed_at.asc(), deployments::id.asc()))
        .limit(most)
        .select((
            deployments::id,
            deployments::product_id,
            deployments::environment,
            deployments::service,
            deployments::tag,
            deployments::state,
            deployments::deployed_at,
        ))
        .load(conn)?;
    let deployed = |(id, product_id, environment, service, version, state, at): Columns| DeployedAt {
        id: id.into(),
        product_id: product_id.into(),
        environment,
        service,
        version,
        state,
        at: at.into(),
    };
    Ok(rows.into_iter().map(deployed).collect())
}

/// An incident, as an annotation needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentAt {
    pub id: Id,
    pub product_id: Id,
    pub title: String,
    /// 1 is the most severe.
    pub severity: i32,
    pub at: Time,
    /// When it was mitigated, or else resolved.
    pub until: Option<Time>,
}

/// The incidents that were detected in a period, by time. One that was merged into another is left out.
pub fn incidents_between(
    conn: &mut Conn,
    product: Option<Id>,
    from: Time,
    to: Time,
    most: i64,
) -> Result<Vec<IncidentAt>> {
    type Columns = (DbId, DbId, String, i32, DbTime, Option<DbTime>, Option<DbTime>);
    let mut wanted = incidents::table
        .filter(incidents::merged_into.is_null())
        .filter(incidents::detected_at.ge(DbTime(from)))
        .filter(incidents::detected_at.lt(DbTime(to)))
        .into_boxed();
    if let Some(product) = product {
        wanted = wanted.filter(incidents::product_id.eq(DbId(product)));
    }
    let rows: Vec<Columns> = wanted
        .order((incidents::detected_at.asc(), incidents::id.asc()))
        .limit(most)
        .select((
            incidents::id,
            incidents::product_id,
            incidents::title,
            incidents::severity,
            incidents::detected_at,
            incidents::mitigated_at,
            incidents::resolved_at,
        ))
        .load(conn)?;
    let incident = |(id, product_id, title, severity, at, mitigated, resolved): Columns| IncidentAt {
        id: id.into(),
        product_id: product_id.into(),
        title,
        severity,
        at: at.into(),
        until: mitigated.or(resolved).map(Time::from),
    };
    Ok(rows.into_iter().map(incident).collect())
}

/// The themes of stories with their labels.
pub fn themes_of(conn: &mut Conn, of: &[Id]) -> Result<Vec<(Id, String)>> {
    let ids: Vec<DbId> = of.iter().map(|id| DbId(*id)).collect();
    let rows: Vec<(DbId, String)> = story_themes::table
        .inner_join(themes::table.on(themes::id.eq(story_themes::theme_id)))
        .filter(story_themes::story_id.eq_any(ids))
        .select((themes::id, themes::label))
        .distinct()
        .order(themes::id.asc())
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, label)| (id.into(), label)).collect())
}

/// When feedback of these themes was said in a period, with its theme. Praise, and what somebody dismissed, does not
/// count.
pub fn said(conn: &mut Conn, of: &[Id], from: Time, to: Time) -> Result<Vec<(Id, Time)>> {
    let mut found = Vec::new();
    for some in of.chunks(500) {
        let rows: Vec<(Option<DbId>, DbTime)> = feedback::table
            .filter(feedback::theme_id.eq_any(some.iter().map(|id| DbId(*id))))
            .filter(feedback::state.ne(State::Dismissed.as_str()))
            .filter(feedback::kind.is_null().or(feedback::kind.ne(Kind::Praise.as_str())))
            .filter(feedback::occurred_at.ge(DbTime(from)))
            .filter(feedback::occurred_at.lt(DbTime(to)))
            .select((feedback::theme_id, feedback::occurred_at))
            .load(conn)?;
        found.extend(rows.into_iter().filter_map(|(theme, at)| Some((Id::from(theme?), at.into()))));
    }
    Ok(found)
}

/// When recurrences on the product's stories were noticed in a period.
pub fn recurred(conn: &mut Conn, product: Id, from: Time, to: Time) -> Result<Vec<Time>> {
    let rows: Vec<DbTime> = recurrences::table
        .inner_join(stories::table.on(stories::id.eq(recurrences::story_id)))
        .filter(stories::product_id.eq(DbId(product)))
        .filter(recurrences::noticed_at.ge(DbTime(from)))
        .filter(recurrences::noticed_at.lt(DbTime(to)))
        .select(recurrences::noticed_at)
        .load(conn)?;
    Ok(rows.into_iter().map(Time::from).collect())
}

/// When the product's first feedback was said.
pub fn first_said(conn: &mut Conn, product: Id) -> Result<Option<Time>> {
    let first: Option<DbTime> = feedback::table
        .filter(feedback::product_id.eq(DbId(product)))
        .select(diesel::dsl::min(feedback::occurred_at))
        .get_result(conn)?;
    Ok(first.map(Time::from))
}
