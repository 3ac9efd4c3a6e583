//! Reports that subscriptions are due: made when the local hour of the reader comes, once for each reader.

use sha2::{Digest, Sha256};

use super::making::{self, ReportSubject, since_release_before};
use super::sending;
use super::subscriptions::{self, EndReason};
use crate::domain::base::{Id, Time};
use crate::domain::reports::period::Span;
use crate::domain::reports::report::{ReportState, StatusReport};
use crate::domain::reports::subscription::{Subscription, SubscriptionState};
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::reports::{deliveries, heard, rows, subscriptions as stored};
use crate::store::team::{members, products};
use crate::store::{Conn, Tx, releases};

/// The most releases that are told at once.
const MOST_RELEASES: i64 = 10;

/// Makes the reports that a subscription is due, and notes when the next are. After a standstill of the server they cover
/// the whole time since the last ones, so that nothing is missed and nothing is sent twice.
///
/// # Errors
/// 404.
pub fn make(tx: &mut Tx<'_>, subscription: Id) -> Result<()> {
    let subscription = stored::lock(tx, subscription)?;
    let (Some(schedule), Some(next)) = (subscription.schedule(), subscription.next_at) else { return Ok(()) };
    // Another instance may have been faster.
    if subscription.state != SubscriptionState::Active || next > tx.now {
        return Ok(());
    }
    if is_gone(tx.conn, &subscription)? {
        return subscriptions::end(tx, subscription.id, EndReason::ReaderGone);
    }
    let at = schedule.last_before(tx.now.plus(1));
    let since = subscription.last_at.filter(|last| *last < at).unwrap_or_else(|| schedule.last_before(at));
    for id in &subscription.products {
        let product = products::get(tx.conn, *id)?;
        let calendar = product.calendar();
        let span = Span { from: calendar.start_of_day(since), to: calendar.start_of_day(at) };
        give(tx, &product, &subscription, span, None)?;
    }
    let next_at = Some(schedule.next_after(tx.now));
    stored::update(tx, &Subscription { last_at: Some(at), next_at, ..subscription })
}

/// Whether nobody reads a subscription any more.
fn is_gone(conn: &mut Conn, subscription: &Subscription) -> Result<bool> {
    Ok(match (subscription.member_id, &subscription.email) {
        (Some(member), _) => members::find_active(conn, member)?.is_none(),
        (_, Some(email)) => !email.contains('@'),
        _ => false,
    })
}

/// The releases that a subscription to releases is due, the earliest first.
pub fn due_releases(conn: &mut Conn, subscription: &Subscription, now: Time) -> Result<Vec<Id>> {
    let Some(since) = subscription.last_at.or(subscription.confirmed_at) else { return Ok(Vec::new()) };
    let mut due = Vec::new();
    for product in &subscription.products {
        due.extend(heard::shipped_in(conn, *product, Span { from: since, to: now.plus(1) }, MOST_RELEASES)?);
    }
    due.reverse();
    Ok(due)
}

/// Makes the reports of releases that a subscription is due.
///
/// # Errors
/// 404.
pub fn make_of_releases(tx: &mut Tx<'_>, subscription: Id) -> Result<()> {
    let subscription = stored::lock(tx, subscription)?;
    if subscription.state != SubscriptionState::Active {
        return Ok(());
    }
    if is_gone(tx.conn, &subscription)? {
        return subscriptions::end(tx, subscription.id, EndReason::ReaderGone);
    }
    let now = tx.now;
    let mut last_at = subscription.last_at;
    for id in due_releases(tx.conn, &subscription, now)? {
        let release = releases::rows::get(tx.conn, id)?;
        let product = products::get(tx.conn, release.product_id)?;
        let shipped = release.shipped_at.unwrap_or(now);
        let span = since_release_before(tx.conn, product.id, shipped)?;
        give(tx, &product, &subscription, span, Some(id))?;
        last_at = last_at.max(Some(shipped.plus(1)));
    }
    stored::update(tx, &Subscription { last_at, ..subscription })
}

/// Gives a subscriber the report of a product: one that another subscriber shares, or a new one.
fn give(tx: &mut Tx<'_>, product: &Product, of: &Subscription, span: Span, release: Option<Id>) -> Result<()> {
    let span = if span.from < span.to { span } else { Span { from: span.to.plus(-7 * Time::DAY), to: span.to } };
    let key = series_key(product.id, of, span, release);
    let report = match rows::of_series(tx.conn, &key)? {
        Some(there) => there,
        None => {
            let subject = ReportSubject {
                kind: of.kind,
                account: of.account_id,
                release,
                sections: of.sections.clone(),
                language: of.language.clone(),
                span,
                approval: of.approval,
                series_key: Some(key),
            };
            making::make(tx, product, subject)?
        }
    };
    if !deliveries::add(tx, report.id, of.id)? {
        return Ok(());
    }
    send_if_ready(tx, report)
}

/// Sends a report that needs no approval, or hands it to those who came after it was sent.
fn send_if_ready(tx: &mut Tx<'_>, report: StatusReport) -> Result<()> {
    match report.state {
        ReportState::Sent => sending::queue_all(tx, &report).map(drop),
        ReportState::Draft if report.approval => Ok(()),
        ReportState::Draft | ReportState::Approved => making::sent(tx, report).map(drop),
    }
}

/// What two subscriptions have in common that share a report.
fn series_key(product: Id, of: &Subscription, span: Span, release: Option<Id>) -> String {
    let sections: Vec<&str> = of.sections.iter().map(|section| section.as_str()).collect();
    let account = of.account_id.map(|id| id.to_string()).unwrap_or_default();
    let release = release.map(|id| id.to_string()).unwrap_or_default();
    let text = format!(
        "{product} {} {} {} {account} {release} {} {} {}",
        of.kind,
        span.from,
        span.to,
        sections.join(","),
        of.language,
        of.approval
    );
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
