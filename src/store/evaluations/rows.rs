//! Evaluations, with their criteria and options.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::evaluations::evaluation::{Evaluation, EvaluationStatus, SolutionOption};
use crate::domain::evaluations::requests::EvaluationQuery;
use crate::domain::evaluations::stored::StoredOption;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::evaluations;
use crate::store::team::products;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = evaluations, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    story_id: Option<DbId>,
    title: String,
    status: String,
    need: Option<String>,
    context: Option<String>,
    criteria: String,
    options: String,
    chosen: Option<String>,
    because: Option<String>,
    consequences: Option<String>,
    confirmation: Option<String>,
    deciders: String,
    consulted: String,
    informed: String,
    decided_on: Option<String>,
    revisit_on: Option<String>,
    revisit_noted_at: Option<DbTime>,
    superseded_by: Option<DbId>,
    created_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Evaluation> for Row {
    fn from(of: &Evaluation) -> Self {
        Row {
            id: of.id.into(),
            product_id: of.product_id.into(),
            story_id: of.story_id.map(DbId),
            title: of.title.clone(),
            status: of.status.as_str().to_owned(),
            need: of.need.clone(),
            context: of.context.clone(),
            criteria: json(&of.criteria),
            options: json(&of.options.iter().map(StoredOption::from).collect::<Vec<_>>()),
            chosen: of.decision.clone(),
            because: of.because.clone(),
            consequences: of.consequences.clone(),
            confirmation: of.confirmation.clone(),
            deciders: json(&of.deciders),
            consulted: json(&of.consulted),
            informed: json(&of.informed),
            decided_on: of.date.clone(),
            revisit_on: of.revisit_date.clone(),
            revisit_noted_at: of.revisit_noted_at.map(DbTime),
            superseded_by: of.superseded_by.map(DbId),
            created_by: of.created_by.map(DbId),
            version: of.version,
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

impl Row {
    fn read(self) -> Result<Evaluation> {
        let options: Vec<StoredOption> = serde_json::from_str(&self.options).map_err(Error::internal)?;
        Ok(Evaluation {
            id: self.id.into(),
            product_id: self.product_id.into(),
            story_id: self.story_id.map(Id::from),
            title: self.title,
            status: name(&self.status)?,
            need: self.need,
            context: self.context,
            criteria: serde_json::from_str(&self.criteria).map_err(Error::internal)?,
            options: options.into_iter().map(SolutionOption::from).collect(),
            decision: self.chosen,
            because: self.because,
            consequences: self.consequences,
            confirmation: self.confirmation,
            deciders: serde_json::from_str(&self.deciders).unwrap_or_default(),
            consulted: serde_json::from_str(&self.consulted).unwrap_or_default(),
            informed: serde_json::from_str(&self.informed).unwrap_or_default(),
            date: self.decided_on,
            revisit_date: self.revisit_on,
            revisit_noted_at: self.revisit_noted_at.map(Time::from),
            superseded_by: self.superseded_by.map(Id::from),
            created_by: self.created_by.map(Id::from),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

fn read_all(rows: Vec<Row>) -> Result<Vec<Evaluation>> {
    rows.into_iter().map(Row::read).collect()
}

/// An evaluation.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Evaluation> {
    let row: Option<Row> = evaluations::table.find(DbId(id)).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("evaluation"))?.read()
}

/// An evaluation, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Evaluation> {
    lock_row!(tx, evaluations, id);
    get(tx.conn, id)
}

/// Adds an evaluation.
pub fn insert(tx: &mut Tx<'_>, evaluation: &Evaluation) -> Result<()> {
    diesel::insert_into(evaluations::table).values(Row::from(evaluation)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of an evaluation.
pub fn update(tx: &mut Tx<'_>, evaluation: &Evaluation) -> Result<()> {
    let row = Row::from(evaluation);
    diesel::update(evaluations::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// The statuses in which an evaluation counts at present.
fn current() -> impl Iterator<Item = &'static str> {
    EvaluationStatus::ALL.iter().filter(|status| status.is_current()).map(|status| status.as_str())
}

/// Evaluations that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &EvaluationQuery, paging: &Paging, now: Time) -> Result<Page<Evaluation>> {
    let mut query = evaluations::table.into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(evaluations::product_id.eq(DbId(product.id)));
    }
    if let Some(story) = q.story {
        query = query.filter(evaluations::story_id.eq(DbId(story)));
    }
    if let Some(status) = q.status {
        query = query.filter(evaluations::status.eq(status.as_str()));
    }
    if let Some(member) = q.member {
        // The deciders are an array of ids in JSON.
        let decides = evaluations::deciders.like(format!("%\"{member}\"%"));
        let began = evaluations::deciders.eq("[]").and(evaluations::created_by.eq(DbId(member)).assume_not_null());
        query = query.filter(decides.or(began));
    }
    let today = now.date();
    query = match q.due {
        Some(true) => query.filter(evaluations::revisit_on.le(today)).filter(evaluations::status.eq_any(current())),
        Some(false) => query.filter(
            evaluations::revisit_on
                .is_null()
                .or(evaluations::revisit_on.assume_not_null().gt(today))
                .or(evaluations::status.ne_all(current())),
        ),
        None => query,
    };
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(evaluations::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(evaluations::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(read_all(rows)?, |evaluation| vec![evaluation.id.to_string()]))
}

/// The accepted evaluations of a story, oldest first.
pub fn accepted_of(conn: &mut Conn, story: Id) -> Result<Vec<Evaluation>> {
    let rows: Vec<Row> = evaluations::table
        .filter(evaluations::story_id.eq(DbId(story)))
        .filter(evaluations::status.eq(EvaluationStatus::Accepted.as_str()))
        .order(evaluations::id.asc())
        .load(conn)?;
    read_all(rows)
}

/// Evaluations that should be looked at again on this day, and of which that is not noted, oldest first.
pub fn newly_due(conn: &mut Conn, today: &str, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = evaluations::table
        .filter(evaluations::revisit_on.le(today))
        .filter(evaluations::revisit_noted_at.is_null())
        .filter(evaluations::status.eq_any(current()))
        .select(evaluations::id)
        .order(evaluations::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}
