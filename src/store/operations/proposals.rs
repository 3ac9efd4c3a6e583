//! Incidents that bursts of feedback propose.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::feedback::{ImportJob, State};
use crate::domain::operations::burst::{IncidentProposal, IncidentProposalQuery, WEEKS};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{feedback, imports, incident_proposals as proposals, themes};
use crate::store::team::products;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = proposals, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    theme_id: DbId,
    items: i32,
    customers: i32,
    past: String,
    probability: f64,
    state: String,
    incident_id: Option<DbId>,
    ended_by: Option<DbId>,
    ended_at: Option<DbTime>,
    created_at: DbTime,
}

impl From<&IncidentProposal> for Row {
    fn from(proposal: &IncidentProposal) -> Self {
        Row {
            id: proposal.id.into(),
            product_id: proposal.product_id.into(),
            theme_id: proposal.theme_id.into(),
            items: proposal.items,
            customers: proposal.customers,
            past: json(&proposal.past),
            probability: proposal.probability,
            state: proposal.state.as_str().to_owned(),
            incident_id: proposal.incident_id.map(DbId),
            ended_by: proposal.ended_by.map(DbId),
            ended_at: proposal.ended_at.map(DbTime),
            created_at: proposal.created_at.into(),
        }
    }
}

fn show(row: Row) -> Result<IncidentProposal> {
    Ok(IncidentProposal {
        id: row.id.into(),
        product_id: row.product_id.into(),
        theme_id: row.theme_id.into(),
        items: row.items,
        customers: row.customers,
        past: serde_json::from_str(&row.past).unwrap_or_default(),
        probability: row.probability,
        state: name(&row.state)?,
        incident_id: row.incident_id.map(Id::from),
        ended_by: row.ended_by.map(Id::from),
        ended_at: row.ended_at.map(Time::from),
        created_at: row.created_at.into(),
    })
}

/// A proposal.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<IncidentProposal> {
    let row: Option<Row> = proposals::table.find(DbId(id)).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("proposal"))?)
}

/// A proposal, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<IncidentProposal> {
    lock_row!(tx, proposals, id);
    get(tx.conn, id)
}

/// The latest proposal for a theme, if there is one.
pub fn latest_of(conn: &mut Conn, theme: Id) -> Result<Option<IncidentProposal>> {
    let own = proposals::table.filter(proposals::theme_id.eq(DbId(theme)));
    own.order(proposals::id.desc()).first::<Row>(conn).optional()?.map(show).transpose()
}

/// Proposals that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &IncidentProposalQuery, paging: &Paging) -> Result<Page<IncidentProposal>> {
    let mut query = proposals::table.into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(proposals::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(proposals::state.eq(state.as_str()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(proposals::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(proposals::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<IncidentProposal>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |proposal| vec![proposal.id.to_string()]))
}

/// Adds a proposal.
///
/// # Errors
/// 409 where the theme has an open one.
pub fn insert(tx: &mut Tx<'_>, proposal: &IncidentProposal) -> Result<()> {
    diesel::insert_into(proposals::table).values(Row::from(proposal)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a proposal.
pub fn update(tx: &mut Tx<'_>, proposal: &IncidentProposal) -> Result<()> {
    let row = Row::from(proposal);
    diesel::update(proposals::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// The feedback of a theme: of the last 7 days, and of the weeks before, earliest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeCounts {
    pub theme: Id,
    pub items: i64,
    pub customers: i64,
    pub past: Vec<i64>,
}

/// Counts the feedback of a product's themes that had at least `least` different customers in the last 7 days. What one
/// customer says in a week counts once. Feedback of files that were imported since then doesn't count.
pub fn counts(conn: &mut Conn, product: Id, now: Time, least: i64) -> Result<Vec<ThemeCounts>> {
    const WEEK: i64 = 7 * Time::DAY;
    let imported = imported_origins(conn, now.plus(-WEEK))?;
    let recent = said(conn, product, None, now.plus(-WEEK), now)?;
    let mut by_theme: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    let mut busy: BTreeMap<Id, i64> = BTreeMap::new();
    for one in recent.iter().filter(|one| !imported.contains(&one.origin)) {
        match one.customer {
            Some(customer) => drop(by_theme.entry(one.theme).or_default().insert(customer)),
            None => *busy.entry(one.theme).or_default() += 1,
        }
    }
    let mut found = Vec::new();
    for (theme, customers) in by_theme {
        let customers = i64::try_from(customers.len()).unwrap_or(i64::MAX);
        if customers < least || is_muted(conn, theme)? {
            continue;
        }
        let since = now.plus(-WEEK * (WEEKS as i64 + 1));
        let mut weeks: Vec<(i64, BTreeSet<Id>)> = vec![(0, BTreeSet::new()); WEEKS];
        for one in said(conn, product, Some(theme), since, now.plus(-WEEK))? {
            let week = usize::try_from((one.at.0 - since.0) / WEEK).unwrap_or_default().min(WEEKS - 1);
            match one.customer {
                Some(customer) => drop(weeks[week].1.insert(customer)),
                None => weeks[week].0 += 1,
            }
        }
        let past = weeks.into_iter().map(|(unknown, known)| unknown + known.len() as i64).collect();
        let items = customers + busy.get(&theme).copied().unwrap_or_default();
        found.push(ThemeCounts { theme, items, customers, past });
    }
    Ok(found)
}

struct Said {
    theme: Id,
    customer: Option<Id>,
    at: Time,
    origin: String,
}

fn said(conn: &mut Conn, product: Id, theme: Option<Id>, from: Time, to: Time) -> Result<Vec<Said>> {
    let mut query = feedback::table
        .filter(feedback::product_id.eq(DbId(product)))
        .filter(feedback::state.eq(State::Grouped.as_str()))
        .filter(feedback::theme_id.is_not_null())
        .filter(feedback::occurred_at.gt(DbTime(from)))
        .filter(feedback::occurred_at.le(DbTime(to)))
        .select((feedback::theme_id, feedback::customer_id, feedback::occurred_at, feedback::origin))
        .into_boxed();
    if let Some(theme) = theme {
        query = query.filter(feedback::theme_id.eq(Some(DbId(theme))));
    }
    let rows: Vec<(Option<DbId>, Option<DbId>, DbTime, String)> =
        query.order(feedback::id.desc()).limit(100_000).load(conn)?;
    let said = rows.into_iter().filter_map(|(theme, customer, at, origin)| {
        Some(Said { theme: theme?.into(), customer: customer.map(Id::from), at: at.into(), origin })
    });
    Ok(said.collect())
}

fn is_muted(conn: &mut Conn, theme: Id) -> Result<bool> {
    let open = themes::table.find(DbId(theme)).filter(themes::muted.eq(false)).select(themes::id);
    Ok(open.first::<DbId>(conn).optional()?.is_none())
}

/// The origins of files that were imported since a time.
fn imported_origins(conn: &mut Conn, since: Time) -> Result<BTreeSet<String>> {
    let jobs: Vec<String> = imports::table
        .filter(imports::created_at.ge(DbTime(since)))
        .select(imports::options)
        .order(imports::id.desc())
        .limit(1_000)
        .load(conn)?;
    let jobs = jobs.iter().filter_map(|options| serde_json::from_str::<ImportJob>(options).ok());
    Ok(jobs.filter_map(|job| job.options.origin.or(job.options.preset)).collect())
}
