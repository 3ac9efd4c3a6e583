//! A report of an instance with data of every kind, and its reader.

use hearback::domain::base::decode::decode;
use hearback::domain::reports::{report::NewReport, subscription::NewSubscription};
use hearback::error::Result;
use hearback::store::Tx;
use hearback::usecase::reports::subscriptions::{self, Subscriber};
use hearback::usecase::reports::{due, making};
use serde_json::json;

/// A report that was sent to a subscriber.
pub fn report(tx: &mut Tx<'_>) -> Result<()> {
    let new: NewSubscription =
        decode(json!({ "kind": "monthly", "day": 31, "email": "ceo@example.com", "time_zone": "Asia/Seoul" }))?;
    let by = Subscriber { member: None, for_others: true };
    let asked = subscriptions::create(tx, &new, by)?.id;
    let subscription = subscriptions::confirm(tx, asked)?;
    let now = std::mem::replace(&mut tx.now, subscription.next_at.expect("a next report"));
    due::make(tx, subscription.id)?;
    tx.now = now;
    let report: NewReport = decode(json!({ "kind": "weekly", "language": "ko" }))?;
    let report = making::create(tx, &report)?;
    making::edit(tx, report.id, None, &json!({ "introduction": "조용한 \"한 주\" \\u0000" })).map(drop)
}
