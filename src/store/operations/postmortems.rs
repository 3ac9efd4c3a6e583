//! Postmortems. What is known of their incidents is in `postmortem_facts.rs`.

use super::postmortem_facts::numbers;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::operations::incident::IncidentState;
use crate::domain::operations::postmortem::{
    NEEDS_POSTMORTEM, Postmortem, PostmortemQuery, PostmortemState, PostmortemText,
};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{incident_repeat_checks as checks, incidents, postmortems};
use crate::store::team::products as stored_products;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = postmortems, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    incident_id: DbId,
    state: String,
    title: String,
    summary: Option<String>,
    impact: Option<String>,
    detection: Option<String>,
    triggered_by: Option<String>,
    root_causes: Option<String>,
    contributing_factors: Option<String>,
    resolution: Option<String>,
    went_well: Option<String>,
    went_wrong: Option<String>,
    lucky: Option<String>,
    open_questions: Option<String>,
    facilitator_id: Option<DbId>,
    authors: String,
    due_at: Option<DbTime>,
    overdue_at: Option<DbTime>,
    in_review_at: Option<DbTime>,
    published_at: Option<DbTime>,
    published_by: Option<DbId>,
    created_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Postmortem> for Row {
    fn from(of: &Postmortem) -> Self {
        let text = of.text.clone();
        Row {
            id: of.id.into(),
            product_id: of.product_id.into(),
            incident_id: of.incident_id.into(),
            state: of.state.as_str().to_owned(),
            title: of.title.clone(),
            summary: text.summary,
            impact: text.impact,
            detection: text.detection,
            triggered_by: text.trigger,
            root_causes: text.root_causes,
            contributing_factors: text.contributing_factors,
            resolution: text.resolution,
            went_well: text.went_well,
            went_wrong: text.went_wrong,
            lucky: text.lucky,
            open_questions: text.open_questions,
            facilitator_id: of.facilitator_id.map(DbId),
            authors: json(&of.authors),
            due_at: of.due_at.map(DbTime),
            overdue_at: of.overdue_at.map(DbTime),
            in_review_at: of.in_review_at.map(DbTime),
            published_at: of.published_at.map(DbTime),
            published_by: of.published_by.map(DbId),
            created_by: of.created_by.map(DbId),
            version: of.version,
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

impl Row {
    fn show(self, incident_number: String) -> Result<Postmortem> {
        Ok(Postmortem {
            id: self.id.into(),
            product_id: self.product_id.into(),
            incident_id: self.incident_id.into(),
            incident_number,
            state: name(&self.state)?,
            title: self.title,
            text: PostmortemText {
                summary: self.summary,
                impact: self.impact,
                detection: self.detection,
                trigger: self.triggered_by,
                root_causes: self.root_causes,
                contributing_factors: self.contributing_factors,
                resolution: self.resolution,
                went_well: self.went_well,
                went_wrong: self.went_wrong,
                lucky: self.lucky,
                open_questions: self.open_questions,
            },
            facilitator_id: self.facilitator_id.map(Id::from),
            authors: serde_json::from_str(&self.authors).unwrap_or_default(),
            due_at: self.due_at.map(Time::from),
            overdue_at: self.overdue_at.map(Time::from),
            in_review_at: self.in_review_at.map(Time::from),
            published_at: self.published_at.map(Time::from),
            published_by: self.published_by.map(Id::from),
            created_by: self.created_by.map(Id::from),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

fn show_all(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Postmortem>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.incident_id.into()).collect();
    let numbers = numbers(conn, &ids)?;
    let number = |id: DbId| numbers.get(&Id::from(id)).cloned().unwrap_or_default();
    rows.into_iter().map(|row| (number(row.incident_id), row)).map(|(number, row)| row.show(number)).collect()
}

fn one(conn: &mut Conn, row: Option<Row>) -> Result<Option<Postmortem>> {
    Ok(show_all(conn, row.into_iter().collect())?.pop())
}

/// A postmortem.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Postmortem> {
    let row: Option<Row> = postmortems::table.find(DbId(id)).first(conn).optional()?;
    one(conn, row)?.ok_or_else(|| Error::not_found("postmortem"))
}

/// A postmortem, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Postmortem> {
    lock_row!(tx, postmortems, id);
    get(tx.conn, id)
}

/// The postmortem of an incident, if there is one.
pub fn of_incident(conn: &mut Conn, incident: Id) -> Result<Option<Postmortem>> {
    let row: Option<Row> =
        postmortems::table.filter(postmortems::incident_id.eq(DbId(incident))).first(conn).optional()?;
    one(conn, row)
}

/// The newest postmortems of a product, without that of one incident, newest first.
pub fn newest(conn: &mut Conn, product: Id, without: Id, limit: i64) -> Result<Vec<Postmortem>> {
    let rows: Vec<Row> = postmortems::table
        .filter(postmortems::product_id.eq(DbId(product)))
        .filter(postmortems::incident_id.ne(DbId(without)))
        .order(postmortems::id.desc())
        .limit(limit)
        .load(conn)?;
    show_all(conn, rows)
}

/// Postmortems that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &PostmortemQuery, paging: &Paging, now: Time) -> Result<Page<Postmortem>> {
    let mut query = postmortems::table.into_boxed();
    if let Some(product) = stored_products::named(conn, q.product.as_deref())? {
        query = query.filter(postmortems::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(postmortems::state.eq(state.as_str()));
    }
    let published = PostmortemState::Published.as_str();
    query = match q.overdue {
        Some(true) => query.filter(postmortems::due_at.lt(DbTime(now))).filter(postmortems::state.ne(published)),
        Some(false) => query.filter(
            postmortems::due_at.is_null().or(postmortems::due_at.ge(DbTime(now))).or(postmortems::state.eq(published)),
        ),
        None => query,
    };
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(postmortems::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(postmortems::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show_all(conn, rows)?;
    Ok(paging.page(shown, |postmortem| vec![postmortem.id.to_string()]))
}

/// Adds a postmortem.
pub fn insert(tx: &mut Tx<'_>, postmortem: &Postmortem) -> Result<()> {
    diesel::insert_into(postmortems::table).values(Row::from(postmortem)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a postmortem.
pub fn update(tx: &mut Tx<'_>, postmortem: &Postmortem) -> Result<()> {
    let row = Row::from(postmortem);
    diesel::update(postmortems::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Incidents that need a postmortem and have none: severe ones that are over. Those merged into others need none.
pub fn wanted(conn: &mut Conn, limit: i64) -> Result<Vec<Id>> {
    let over = [IncidentState::Mitigated, IncidentState::Resolved].map(IncidentState::as_str);
    let written = postmortems::table.filter(postmortems::incident_id.eq(incidents::id));
    let ids: Vec<DbId> = incidents::table
        .filter(incidents::severity.le(NEEDS_POSTMORTEM))
        .filter(incidents::state.eq_any(over))
        .filter(incidents::merged_into.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(written)))
        .select(incidents::id)
        .order(incidents::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Postmortems that became late and are not noted as such.
pub fn newly_late(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = postmortems::table
        .filter(postmortems::due_at.lt(DbTime(now)))
        .filter(postmortems::state.ne(PostmortemState::Published.as_str()))
        .filter(postmortems::overdue_at.is_null())
        .select(postmortems::id)
        .order(postmortems::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Incidents of which nobody has looked up yet whether they repeat an earlier one.
pub fn unchecked(conn: &mut Conn, limit: i64) -> Result<Vec<Id>> {
    let checked = checks::table.filter(checks::incident_id.eq(incidents::id));
    let ids: Vec<DbId> = incidents::table
        .filter(incidents::state.ne(IncidentState::Resolved.as_str()))
        .filter(diesel::dsl::not(diesel::dsl::exists(checked)))
        .select(incidents::id)
        .order(incidents::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Notes that similar postmortems of an incident were looked up, and how many there are; false where it was noted before.
pub fn note_check(tx: &mut Tx<'_>, incident: Id, found: usize) -> Result<bool> {
    if checks::table.find(DbId(incident)).select(checks::postmortem_count).first::<i32>(tx.conn).optional()?.is_some() {
        return Ok(false);
    }
    let row = (
        checks::incident_id.eq(DbId(incident)),
        checks::postmortem_count.eq(found as i32),
        checks::checked_at.eq(DbTime(tx.now)),
    );
    diesel::insert_into(checks::table).values(row).execute(tx.conn)?;
    Ok(true)
}
