//! Reports as they are stored.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::reports::content::ReportContent;
use crate::domain::reports::report::{ReportKind, ReportQuery, ReportSection, ReportState, StatusReport};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{report_deliveries, report_links, reports};
use crate::store::team::products as stored_products;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reports, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    kind: String,
    state: String,
    language: String,
    account_id: Option<DbId>,
    release_id: Option<DbId>,
    sections: String,
    period_from: DbTime,
    period_to: DbTime,
    introduction: Option<String>,
    approval: bool,
    series_key: Option<String>,
    approved_at: Option<DbTime>,
    approved_by: Option<DbId>,
    sent_at: Option<DbTime>,
    sent_by: Option<DbId>,
    created_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&StatusReport> for Row {
    fn from(of: &StatusReport) -> Self {
        Row {
            id: of.id.into(),
            product_id: of.product_id.into(),
            kind: of.kind.as_str().to_owned(),
            state: of.state.as_str().to_owned(),
            language: of.language.clone(),
            account_id: of.account_id.map(DbId),
            release_id: of.release_id.map(DbId),
            sections: json(&of.sections),
            period_from: of.period_from.into(),
            period_to: of.period_to.into(),
            introduction: of.introduction.clone(),
            approval: of.approval,
            series_key: of.series_key.clone(),
            approved_at: of.approved_at.map(DbTime),
            approved_by: of.approved_by.map(DbId),
            sent_at: of.sent_at.map(DbTime),
            sent_by: of.sent_by.map(DbId),
            created_by: of.created_by.map(DbId),
            version: of.version,
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

impl Row {
    fn show(self) -> Result<StatusReport> {
        let sections: Vec<ReportSection> = serde_json::from_str(&self.sections).unwrap_or_default();
        Ok(StatusReport {
            id: self.id.into(),
            product_id: self.product_id.into(),
            kind: name(&self.kind)?,
            state: name(&self.state)?,
            language: self.language,
            account_id: self.account_id.map(Id::from),
            release_id: self.release_id.map(Id::from),
            sections,
            period_from: self.period_from.into(),
            period_to: self.period_to.into(),
            introduction: self.introduction,
            approval: self.approval,
            approved_at: self.approved_at.map(Time::from),
            approved_by: self.approved_by.map(Id::from),
            sent_at: self.sent_at.map(Time::from),
            sent_by: self.sent_by.map(Id::from),
            created_by: self.created_by.map(Id::from),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
            series_key: self.series_key,
        })
    }
}

/// A report.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<StatusReport> {
    let row: Option<Row> = reports::table.find(DbId(id)).select(Row::as_select()).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("report"))?.show()
}

/// A report, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<StatusReport> {
    lock_row!(tx, reports, id);
    get(tx.conn, id)
}

/// What a report says.
///
/// # Errors
/// 404.
pub fn content(conn: &mut Conn, id: Id) -> Result<ReportContent> {
    let text: Option<String> = reports::table.find(DbId(id)).select(reports::content).first(conn).optional()?;
    let text = text.ok_or_else(|| Error::not_found("report"))?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// The report of a series, if it was made already.
pub fn of_series(conn: &mut Conn, key: &str) -> Result<Option<StatusReport>> {
    let own = reports::table.filter(reports::series_key.eq(key)).select(Row::as_select());
    let row: Option<Row> = own.first(conn).optional()?;
    row.map(Row::show).transpose()
}

/// What the last report said that was sent and is like this one (same product, kind and account) and whose period ended
/// earlier; with the end of its period.
pub fn last_like(conn: &mut Conn, like: &StatusReport) -> Result<Option<(Time, ReportContent)>> {
    let mut query = reports::table
        .filter(reports::product_id.eq(DbId(like.product_id)))
        .filter(reports::kind.eq(like.kind.as_str()))
        .filter(reports::state.eq(ReportState::Sent.as_str()))
        .filter(reports::period_to.lt(DbTime(like.period_to)))
        .filter(reports::id.ne(DbId(like.id)))
        .into_boxed();
    query = match like.account_id {
        Some(account) => query.filter(reports::account_id.eq(DbId(account))),
        None => query.filter(reports::account_id.is_null()),
    };
    let row: Option<(DbTime, String)> = query
        .order((reports::period_to.desc(), reports::id.desc()))
        .select((reports::period_to, reports::content))
        .first(conn)
        .optional()?;
    let read = |(to, text): (DbTime, String)| Some((to.0, serde_json::from_str(&text).ok()?));
    Ok(row.and_then(read))
}

/// Reports that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &ReportQuery, paging: &Paging) -> Result<Page<StatusReport>> {
    let mut query = reports::table.select(Row::as_select()).into_boxed();
    if let Some(product) = stored_products::named(conn, q.product.as_deref())? {
        query = query.filter(reports::product_id.eq(DbId(product.id)));
    }
    if let Some(kind) = q.kind {
        query = query.filter(reports::kind.eq(ReportKind::as_str(kind)));
    }
    if let Some(state) = q.state {
        query = query.filter(reports::state.eq(state.as_str()));
    }
    let waits = || reports::approval.eq(true).and(reports::state.eq(ReportState::Draft.as_str()));
    query = match q.to_approve {
        Some(true) => query.filter(waits()),
        Some(false) => query.filter(diesel::dsl::not(waits())),
        None => query,
    };
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(reports::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(reports::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<StatusReport>> = rows.into_iter().map(Row::show).collect();
    Ok(paging.page(shown?, |report| vec![report.id.to_string()]))
}

/// Adds a report with what it says.
pub fn insert(tx: &mut Tx<'_>, report: &StatusReport, content: &ReportContent) -> Result<()> {
    let row = (Row::from(report), reports::content.eq(json(content)));
    diesel::insert_into(reports::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a report. What it says is never written again.
pub fn update(tx: &mut Tx<'_>, report: &StatusReport) -> Result<()> {
    let row = Row::from(report);
    diesel::update(reports::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Deletes a report that was never sent, with its links and what waited for it.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(report_deliveries::table.filter(report_deliveries::report_id.eq(DbId(id)))).execute(tx.conn)?;
    diesel::delete(report_links::table.filter(report_links::report_id.eq(DbId(id)))).execute(tx.conn)?;
    diesel::delete(reports::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}
