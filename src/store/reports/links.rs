//! Links to reports. Their addresses are signed and not stored.

use crate::domain::base::{Id, Time};
use crate::domain::reports::link::ReportLink;
use crate::domain::reports::report::ReportScope;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::report_links as links;

#[derive(Queryable, Insertable)]
#[diesel(table_name = links)]
struct Row {
    id: DbId,
    report_id: DbId,
    scope: String,
    expires_at: DbTime,
    revoked_at: Option<DbTime>,
    readings: i32,
    last_read_at: Option<DbTime>,
    created_by: Option<DbId>,
    created_at: DbTime,
}

impl Row {
    fn show(self) -> Result<ReportLink> {
        Ok(ReportLink {
            id: self.id.into(),
            report_id: self.report_id.into(),
            scope: name(&self.scope)?,
            expires_at: self.expires_at.into(),
            revoked_at: self.revoked_at.map(Time::from),
            readings: self.readings,
            last_read_at: self.last_read_at.map(Time::from),
            created_by: self.created_by.map(Id::from),
            created_at: self.created_at.into(),
        })
    }
}

/// A link.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<ReportLink> {
    let row: Option<Row> = links::table.find(DbId(id)).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("link"))?.show()
}

/// A link, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<ReportLink> {
    lock_row!(tx, links, id);
    get(tx.conn, id)
}

/// The links of a report, newest first.
pub fn of_report(conn: &mut Conn, report: Id) -> Result<Vec<ReportLink>> {
    let own = links::table.filter(links::report_id.eq(DbId(report)));
    let rows: Vec<Row> = own.order(links::id.desc()).limit(200).load(conn)?;
    rows.into_iter().map(Row::show).collect()
}

/// A link that was made for mails or digests of a report with this scope and is still open.
pub fn for_sending(conn: &mut Conn, report: Id, scope: ReportScope, now: Time) -> Result<Option<ReportLink>> {
    let row: Option<Row> = links::table
        .filter(links::report_id.eq(DbId(report)))
        .filter(links::scope.eq(scope.as_str()))
        .filter(links::created_by.is_null())
        .filter(links::revoked_at.is_null())
        .filter(links::expires_at.gt(DbTime(now)))
        .order(links::id.desc())
        .first(conn)
        .optional()?;
    row.map(Row::show).transpose()
}

/// Adds a link.
pub fn insert(tx: &mut Tx<'_>, link: &ReportLink) -> Result<()> {
    let row = Row {
        id: link.id.into(),
        report_id: link.report_id.into(),
        scope: link.scope.as_str().to_owned(),
        expires_at: link.expires_at.into(),
        revoked_at: link.revoked_at.map(DbTime),
        readings: link.readings,
        last_read_at: link.last_read_at.map(DbTime),
        created_by: link.created_by.map(DbId),
        created_at: link.created_at.into(),
    };
    diesel::insert_into(links::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Withdraws a link.
pub fn revoke(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::update(links::table.find(DbId(id))).set(links::revoked_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    Ok(())
}

/// Counts a reading.
pub fn count_reading(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let now = DbTime(tx.now);
    diesel::update(links::table.find(DbId(id)))
        .set((links::readings.eq(links::readings + 1), links::last_read_at.eq(now)))
        .execute(tx.conn)?;
    Ok(())
}
