//! Sending a report to its subscribers, through the outbox.

use serde_json::json;

use super::links;
use crate::domain::base::Id;
use crate::domain::integrations::NewDelivery;
use crate::domain::reports::report::{ReportDelivery, ReportDeliveryState, ShownReport, StatusReport};
use crate::domain::reports::subscription::{Subscription, SubscriptionState};
use crate::error::{Code, Result};
use crate::store::integrations::deliveries as outbox;
use crate::store::reports::{deliveries, rows, subscriptions};
use crate::store::team::members;
use crate::store::{Conn, Tx};
use crate::usecase::reports::reading;
use crate::usecase::team::access;

/// The event of a delivery whose mail is a report.
pub const EVENT: &str = "report.sent";

/// A report for a subscriber who is reached by mail.
#[derive(Clone, Debug)]
pub struct ReportMail {
    pub address: String,
    pub name: Option<String>,
    pub subscription: Subscription,
    pub shown: ShownReport,
}

/// Hands a report to the outbox for each subscriber who waits for it; answers how many there are.
pub(super) fn queue_all(tx: &mut Tx<'_>, report: &StatusReport) -> Result<usize> {
    let waiting = deliveries::of_report(tx.conn, report.id)?;
    let waiting: Vec<ReportDelivery> =
        waiting.into_iter().filter(|delivery| delivery.state == ReportDeliveryState::Waiting).collect();
    for delivery in &waiting {
        queue(tx, report, delivery)?;
    }
    Ok(waiting.len())
}

fn queue(tx: &mut Tx<'_>, report: &StatusReport, delivery: &ReportDelivery) -> Result<()> {
    let subscription = subscriptions::get(tx.conn, delivery.subscription_id)?;
    if subscription.state != SubscriptionState::Active {
        return deliveries::set(tx, delivery.id, ReportDeliveryState::Skipped);
    }
    let link = links::for_sending(tx, report.id, subscription.scope)?;
    if let Some(webhook) = subscription.webhook_id {
        let data = json!({ "webhook_id": webhook, "subscription_id": subscription.id, "link_id": link.id });
        tx.event("report.digest_due", report.id, Some(report.product_id), data);
        return deliveries::set(tx, delivery.id, ReportDeliveryState::Sent);
    }
    let body = json!({ "report_delivery_id": delivery.id });
    let (target, subject) = (subscription.id, delivery.id);
    outbox::enqueue(tx, NewDelivery { channel: "mail", target, subject, event: EVENT.to_owned(), body })?;
    deliveries::set(tx, delivery.id, ReportDeliveryState::Queued)
}

/// The mail of a delivery; `None` where the subscriber may not get it any more, or got it already.
pub fn mail(conn: &mut Conn, delivery: Id) -> Result<Option<ReportMail>> {
    let delivery = match deliveries::get(conn, delivery) {
        Err(e) if e.code == Code::NotFound => return Ok(None),
        found => found?,
    };
    let subscription = subscriptions::get(conn, delivery.subscription_id)?;
    if delivery.state != ReportDeliveryState::Queued || subscription.state != SubscriptionState::Active {
        return Ok(None);
    }
    let report = rows::get(conn, delivery.report_id)?;
    let Some((address, name)) = reader(conn, &subscription, report.product_id)? else { return Ok(None) };
    let shown = reading::of(conn, report, subscription.scope)?;
    Ok(Some(ReportMail { address, name, subscription, shown }))
}

/// The address and the name of the reader of a subscription; `None` where they may not read reports of this product.
fn reader(conn: &mut Conn, subscription: &Subscription, product: Id) -> Result<Option<(String, Option<String>)>> {
    let Some(member) = subscription.member_id else {
        // The address of an erased person is none.
        return Ok(subscription.email.clone().filter(|email| email.contains('@')).map(|email| (email, None)));
    };
    let Some(member) = members::find_active(conn, member)? else { return Ok(None) };
    // The product may have become private since they subscribed.
    let may_read = access::readers(conn, Some(product), vec![member.id], "get_report")?;
    Ok((!may_read.is_empty()).then_some((member.email, Some(member.name))))
}

/// Records how the mail of a report ended. `was_sent`: a mail server took it.
pub fn ended(tx: &mut Tx<'_>, delivery: Id, delivered: bool, was_sent: bool) -> Result<()> {
    let state = match (delivered, was_sent) {
        (false, _) => ReportDeliveryState::Failed,
        (true, true) => ReportDeliveryState::Sent,
        (true, false) => ReportDeliveryState::Skipped,
    };
    match deliveries::get(tx.conn, delivery) {
        Err(e) if e.code == Code::NotFound => Ok(()),
        found => match found?.state {
            ReportDeliveryState::Queued => deliveries::set(tx, delivery, state),
            _ => Ok(()),
        },
    }
}
