//! Which report goes to which subscriber.

use crate::domain::base::{Id, Time};
use crate::domain::reports::report::{ReportDelivery, ReportDeliveryState};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::report_deliveries as rows;

#[derive(Queryable, Insertable)]
#[diesel(table_name = rows)]
struct Row {
    id: DbId,
    report_id: DbId,
    subscription_id: DbId,
    state: String,
    created_at: DbTime,
    ended_at: Option<DbTime>,
}

impl Row {
    fn show(self) -> Result<ReportDelivery> {
        Ok(ReportDelivery {
            id: self.id.into(),
            report_id: self.report_id.into(),
            subscription_id: self.subscription_id.into(),
            state: name(&self.state)?,
            created_at: self.created_at.into(),
            ended_at: self.ended_at.map(Time::from),
        })
    }
}

/// What goes to a subscriber.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<ReportDelivery> {
    let row: Option<Row> = rows::table.find(DbId(id)).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("delivery"))?.show()
}

/// Whom a report goes to, oldest first.
pub fn of_report(conn: &mut Conn, report: Id) -> Result<Vec<ReportDelivery>> {
    let found: Vec<Row> =
        rows::table.filter(rows::report_id.eq(DbId(report))).order(rows::id.asc()).limit(1_000).load(conn)?;
    found.into_iter().map(Row::show).collect()
}

/// Notes that a subscriber is to get a report; false where that was noted before.
pub fn add(tx: &mut Tx<'_>, report: Id, subscription: Id) -> Result<bool> {
    let there = rows::table
        .filter(rows::report_id.eq(DbId(report)))
        .filter(rows::subscription_id.eq(DbId(subscription)))
        .select(rows::id);
    if there.first::<DbId>(tx.conn).optional()?.is_some() {
        return Ok(false);
    }
    let row = Row {
        id: Id::next().into(),
        report_id: report.into(),
        subscription_id: subscription.into(),
        state: ReportDeliveryState::Waiting.as_str().to_owned(),
        created_at: tx.now.into(),
        ended_at: None,
    };
    diesel::insert_into(rows::table).values(row).execute(tx.conn)?;
    Ok(true)
}

/// Notes how far it is.
pub fn set(tx: &mut Tx<'_>, id: Id, state: ReportDeliveryState) -> Result<()> {
    let is_over = !matches!(state, ReportDeliveryState::Waiting | ReportDeliveryState::Queued);
    let ended = is_over.then_some(DbTime(tx.now));
    diesel::update(rows::table.find(DbId(id)))
        .set((rows::state.eq(state.as_str()), rows::ended_at.eq(ended)))
        .execute(tx.conn)?;
    Ok(())
}
