//! Links by which a report is read without sign-in.

use serde_json::json;

use crate::domain::base::{Id, Time};
use crate::domain::reports::link::{NewReportLink, ReportLink, ReportLinks, ShownReportLink};
use crate::domain::reports::report::{ReportScope, ShownReport};
use crate::error::{Code, Error, Result};
use crate::store::reports::{links as stored, rows};
use crate::store::{Conn, Tx};
use crate::usecase::closure::customer_links::{self, CustomerLinks, LinkContent, Purpose};
use crate::usecase::reports::reading;

/// How long the link of a mail or a digest can be read, in days.
const DAYS_IN_MAIL: i64 = 90;

/// Makes a link to a report.
///
/// # Errors
/// 404.
pub fn create(tx: &mut Tx<'_>, report: Id, input: &NewReportLink, base: &str) -> Result<ShownReportLink> {
    let by = tx.actor.id.filter(|_| tx.actor.is_person());
    let link = add(tx, report, input.scope, i64::from(input.days), by)?;
    shown(&CustomerLinks::in_transaction(tx)?, link, base)
}

fn add(tx: &mut Tx<'_>, report: Id, scope: ReportScope, days: i64, created_by: Option<Id>) -> Result<ReportLink> {
    let report = rows::lock(tx, report)?;
    // The key is made now, because a reader of the link needs it later.
    CustomerLinks::in_transaction(tx)?;
    // The address says the second, so that the same one can be made again.
    let until = tx.now.plus(days * Time::DAY).0.div_euclid(Time::SECOND) * Time::SECOND;
    let link = ReportLink {
        id: Id::next(),
        report_id: report.id,
        scope,
        expires_at: Time(until),
        revoked_at: None,
        readings: 0,
        last_read_at: None,
        created_by,
        created_at: tx.now,
    };
    stored::insert(tx, &link)?;
    let data = json!({ "link_id": link.id, "scope": scope, "expires_at": link.expires_at });
    tx.event("report.link_made", report.id, Some(report.product_id), data);
    Ok(link)
}

/// The link of a report for mails and digests with this scope.
pub(in crate::usecase) fn for_sending(tx: &mut Tx<'_>, report: Id, scope: ReportScope) -> Result<ReportLink> {
    match stored::for_sending(tx.conn, report, scope, tx.now)? {
        Some(link) => Ok(link),
        None => add(tx, report, scope, DAYS_IN_MAIL, None),
    }
}

/// A link with its address.
pub fn shown(links: &CustomerLinks, link: ReportLink, base: &str) -> Result<ShownReportLink> {
    let url = links.url(base, Purpose::Report, LinkContent { about: link.id, until: link.expires_at })?;
    Ok(ShownReportLink { link, url })
}

/// The links of a report, newest first.
///
/// # Errors
/// 404.
pub fn list(conn: &mut Conn, report: Id, base: &str) -> Result<ReportLinks> {
    let report = rows::get(conn, report)?.id;
    let Some(links) = CustomerLinks::known(conn)? else { return Ok(ReportLinks { data: Vec::new() }) };
    let found = stored::of_report(conn, report)?;
    let data: Result<Vec<ShownReportLink>> = found.into_iter().map(|link| shown(&links, link, base)).collect();
    Ok(ReportLinks { data: data? })
}

/// Withdraws a link. Again is nothing new.
///
/// # Errors
/// 404.
pub fn revoke(tx: &mut Tx<'_>, report: Id, link: Id) -> Result<()> {
    let report = rows::lock(tx, report)?;
    let link = stored::lock(tx, link)?;
    if link.report_id != report.id {
        return Err(Error::not_found("link"));
    }
    if link.revoked_at.is_none() {
        stored::revoke(tx, link.id)?;
        tx.event("report.link_revoked", report.id, Some(report.product_id), json!({ "link_id": link.id }));
    }
    Ok(())
}

/// What a link shows, and the link.
///
/// # Errors
/// 404 where the token is none of this instance's, 410 where the link has expired or was withdrawn.
pub fn open(conn: &mut Conn, token: &str, now: Time) -> Result<(ReportLink, ShownReport)> {
    let named = customer_links::resolve(conn, Purpose::Report, token)?;
    let link = match stored::get(conn, named.about) {
        // Its draft was deleted.
        Err(e) if e.code == Code::NotFound => return Err(Code::Gone.into()),
        found => found?,
    };
    if !link.is_open(now) || named.until < now {
        return Err(Code::Gone.into());
    }
    let shown = reading::shown(conn, link.report_id, link.scope)?;
    Ok((link, shown))
}
