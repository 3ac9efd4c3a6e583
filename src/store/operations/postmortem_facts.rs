//! What is known of an incident for its postmortem: the texts of its timeline, deployments, customers and their words.

use std::collections::{BTreeMap, HashMap};

use crate::domain::base::{Id, Time};
use crate::domain::feedback::State;
use crate::domain::operations::incident::{Incident, IncidentNumber};
use crate::domain::operations::link::{IncidentLinkKind, IncidentTarget};
use crate::domain::operations::postmortem::facts::{PostmortemDeployment, PostmortemLine};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{
    customers, deployments, feedback, incident_entries as entries, incident_links as links, incidents, products,
};

/// The most entries of a timeline that are read.
const MOST_ENTRIES: i64 = 500;
/// The most deployments that are read.
const MOST_DEPLOYMENTS: i64 = 50;
/// The most feedback whose words are looked at.
const MOST_FEEDBACK: i64 = 1_000;

/// The numbers of incidents, such as `HB-INC-1`.
pub fn numbers(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let ids: Vec<DbId> = ids.iter().copied().map(DbId).collect();
    let rows: Vec<(DbId, i32, String)> = incidents::table
        .inner_join(products::table.on(incidents::product_id.eq(products::id)))
        .filter(incidents::id.eq_any(ids))
        .select((incidents::id, incidents::number, products::key))
        .load(conn)?;
    let shown = |(id, number, key): (DbId, i32, String)| (Id::from(id), IncidentNumber { key, number }.to_string());
    Ok(rows.into_iter().map(shown).collect())
}

/// The timeline of an incident, in the order in which things happened.
pub fn timeline(conn: &mut Conn, incident: Id) -> Result<Vec<PostmortemLine>> {
    #[derive(Queryable)]
    struct Row {
        happened_at: DbTime,
        kind: String,
        actor_kind: String,
        actor_id: Option<DbId>,
        text: Option<String>,
    }
    let columns = (entries::happened_at, entries::kind, entries::actor_kind, entries::actor_id, entries::text);
    let rows: Vec<Row> = entries::table
        .filter(entries::incident_id.eq(DbId(incident)))
        .order((entries::happened_at.asc(), entries::id.asc()))
        .select(columns)
        .limit(MOST_ENTRIES)
        .load(conn)?;
    let shown = |row: Row| {
        Ok(PostmortemLine {
            happened_at: row.happened_at.into(),
            kind: name(&row.kind)?,
            actor: row.actor_kind,
            actor_id: row.actor_id.map(Id::from),
            text: row.text,
        })
    };
    rows.into_iter().map(shown).collect()
}

/// The texts of the timelines of incidents, each in its order.
pub fn timeline_texts(conn: &mut Conn, incidents: &[Id]) -> Result<HashMap<Id, Vec<String>>> {
    let ids: Vec<DbId> = incidents.iter().copied().map(DbId).collect();
    let rows: Vec<(DbId, Option<String>)> = entries::table
        .filter(entries::incident_id.eq_any(ids))
        .filter(entries::text.is_not_null())
        .order((entries::happened_at.asc(), entries::id.asc()))
        .select((entries::incident_id, entries::text))
        .limit(20 * MOST_ENTRIES)
        .load(conn)?;
    let mut texts: HashMap<Id, Vec<String>> = HashMap::new();
    for (incident, text) in rows {
        texts.entry(incident.into()).or_default().extend(text);
    }
    Ok(texts)
}

/// The targets of the links of an incident, by kind of target.
fn targets(conn: &mut Conn, incident: Id) -> Result<Vec<(IncidentTarget, Id, IncidentLinkKind)>> {
    let own = links::table.filter(links::incident_id.eq(DbId(incident)));
    let columns = (links::target_kind, links::target_id, links::kind);
    let rows: Vec<(String, DbId, String)> = own.select(columns).order(links::id.asc()).load(conn)?;
    rows.into_iter().map(|(target, id, kind)| Ok((name(&target)?, id.into(), name(&kind)?))).collect()
}

/// The deployments to production from a day before an incident was detected until it was over, and those linked to it, in
/// their order.
pub fn deployments(conn: &mut Conn, incident: &Incident, now: Time) -> Result<Vec<PostmortemDeployment>> {
    #[derive(Queryable)]
    struct Row {
        id: DbId,
        deployed_at: DbTime,
        state: String,
        service: Option<String>,
        release_id: Option<DbId>,
    }
    let targets = targets(conn, incident.id)?;
    let linked: HashMap<Id, IncidentLinkKind> = targets
        .into_iter()
        .filter(|(target, ..)| *target == IncidentTarget::Deployment)
        .map(|(_, id, kind)| (id, kind))
        .collect();
    let until = incident.resolved_at.or(incident.mitigated_at).unwrap_or(now);
    let near = deployments::production
        .eq(true)
        .and(deployments::deployed_at.ge(DbTime(incident.detected_at.plus(-Time::DAY))))
        .and(deployments::deployed_at.le(DbTime(until)));
    let ids: Vec<DbId> = linked.keys().copied().map(DbId).collect();
    let columns =
        (deployments::id, deployments::deployed_at, deployments::state, deployments::service, deployments::release_id);
    let rows: Vec<Row> = deployments::table
        .filter(deployments::product_id.eq(DbId(incident.product_id)))
        .filter(near.or(deployments::id.eq_any(ids)))
        .select(columns)
        .order((deployments::deployed_at.desc(), deployments::id.desc()))
        .limit(MOST_DEPLOYMENTS)
        .load(conn)?;
    let shown = |row: Row| {
        Ok(PostmortemDeployment {
            id: row.id.into(),
            deployed_at: row.deployed_at.into(),
            state: name(&row.state)?,
            service: row.service,
            release_id: row.release_id.map(Id::from),
            link: linked.get(&row.id.into()).map(|kind| kind.as_str().to_owned()),
        })
    };
    rows.into_iter().rev().map(shown).collect()
}

/// A customer whose feedback an incident is about.
#[derive(Clone, Debug)]
pub struct AffectedCustomer {
    pub id: Id,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// The words of a customer that belong to an incident.
#[derive(Clone, Debug)]
pub struct AffectedWords {
    pub feedback: Id,
    pub customer: Option<Id>,
    pub text: String,
}

/// Who and what an incident is about.
#[derive(Clone, Debug, Default)]
pub struct Affected {
    /// By id.
    pub customers: BTreeMap<Id, AffectedCustomer>,
    pub words: Vec<AffectedWords>,
}

/// The customers of an incident and their words: of feedback linked to it, of customers linked to it, and of what was said in
/// themes linked to it while it lasted.
pub fn affected(conn: &mut Conn, incident: &Incident, now: Time) -> Result<Affected> {
    let targets = targets(conn, incident.id)?;
    let of = |wanted: IncidentTarget| -> Vec<DbId> {
        targets.iter().filter(|(target, ..)| *target == wanted).map(|(_, id, _)| DbId(*id)).collect()
    };
    let until = incident.resolved_at.or(incident.mitigated_at).unwrap_or(now);
    let while_it_lasted = feedback::occurred_at
        .ge(DbTime(incident.detected_at.plus(-Time::DAY)))
        .and(feedback::occurred_at.le(DbTime(until.plus(Time::DAY))));
    let in_themes = feedback::theme_id.eq_any(of(IncidentTarget::Theme)).and(while_it_lasted);
    let rows: Vec<(DbId, Option<DbId>, String)> = feedback::table
        .filter(feedback::product_id.eq(DbId(incident.product_id)))
        .filter(feedback::id.eq_any(of(IncidentTarget::Feedback)).or(in_themes.assume_not_null()))
        .filter(feedback::state.eq_any([State::Pending, State::Grouped, State::Ungrouped].map(State::as_str)))
        .select((feedback::id, feedback::customer_id, feedback::text))
        .order((feedback::occurred_at.asc(), feedback::id.asc()))
        .limit(MOST_FEEDBACK)
        .load(conn)?;
    let mut ids = of(IncidentTarget::Customer);
    ids.extend(rows.iter().filter_map(|(_, customer, _)| *customer));
    let words = |(feedback, customer, text): (DbId, Option<DbId>, String)| AffectedWords {
        feedback: feedback.into(),
        customer: customer.map(Id::from),
        text,
    };
    Ok(Affected { customers: people(conn, ids)?, words: rows.into_iter().map(words).collect() })
}

/// The people with these ids; merged ones count as the one who remains.
fn people(conn: &mut Conn, ids: Vec<DbId>) -> Result<BTreeMap<Id, AffectedCustomer>> {
    type Row = (DbId, Option<DbId>, Option<String>, Option<String>);
    let columns = (customers::id, customers::merged_into, customers::name, customers::email);
    let rows: Vec<Row> = customers::table.filter(customers::id.eq_any(ids)).select(columns).load(conn)?;
    let person = |(id, into, name, email): Row| {
        let id = Id::from(into.unwrap_or(id));
        (id, AffectedCustomer { id, name, email })
    };
    Ok(rows.into_iter().map(person).collect())
}
