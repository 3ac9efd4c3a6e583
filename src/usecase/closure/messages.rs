//! Messages to customers: a customer is told by mail, by the desk that owns their ticket, or by an agent, and is
//! reminded once. Where nobody can reach them, the closure says so.

use serde_json::json;

use super::rounds::{self, assign, step};
use super::settling::settle;
use crate::domain::base::text::email_fold;
use crate::domain::base::{Id, Time, check_version};
use crate::domain::closure::{
    Assignment, Bounce, BounceKind, Bounced, Channel, Closure, ClosureAct, ClosureRecord, ClosureState, Told,
};
use crate::domain::feedback::CustomerRecord;
use crate::domain::stories::Story;
use crate::domain::team::Product;
use crate::error::{Code, Error, Result};
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};

/// The most closures per transaction for reminders and expiries.
pub const BATCH: i64 = 100;

/// How long a closure may wait until the outbox creates its delivery, in microseconds.
const STRANDED: i64 = 3_600 * Time::SECOND;

/// How long a desk that accepted a closure may be silent before an agent tells the customer, in microseconds.
const SILENT: i64 = 7 * Time::DAY;

/// Records that an agent or the support desk told the customer; a note says how.
///
/// # Errors
/// 404, 409 where they were told already or the closure has ended, 412.
pub fn tell(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &Told) -> Result<Closure> {
    let (story, row) = held(tx, id, if_match)?;
    let note = input.note.as_deref().map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
    let row = ClosureRecord { note: note.or(row.note.clone()), ..row };
    if is_untold_withdrawn(&row) {
        told_all_the_same(tx, row)?;
    } else {
        told(tx, &story, row)?;
    }
    closures::get(tx.conn, id)
}

/// Locks a closure and its story for an editor; checks the version that the editor read.
pub(in crate::usecase) fn held(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<(Story, ClosureRecord)> {
    let (story, row) = closures::hold(tx, id)?;
    check_version(if_match, row.version)?;
    Ok((story, row))
}

/// Marks the customer as told; their deadline for an answer starts now.
pub(in crate::usecase) fn told(tx: &mut Tx<'_>, story: &Story, row: ClosureRecord) -> Result<ClosureRecord> {
    let now = tx.now;
    let until = answer_until(&row, &products::get(tx.conn, story.product_id)?, Message::Told, now);
    let row = step(tx, row, ClosureAct::Tell, |row| {
        row.told_at = Some(now);
        row.expires_at = Some(until);
        row.reason = None;
    })?;
    settle(tx, story.id)?;
    Ok(row)
}

fn is_untold_withdrawn(row: &ClosureRecord) -> bool {
    row.state == ClosureState::Withdrawn && row.told_at.is_none()
}

/// The closure was withdrawn while its message was being sent: it now says that they were told, and waits for no
/// answer.
fn told_all_the_same(tx: &mut Tx<'_>, row: ClosureRecord) -> Result<()> {
    let mut row = ClosureRecord { told_at: Some(tx.now), ..row };
    rounds::save(tx, &mut row)?;
    let data = json!({
        "story_id": row.story_id, "round": row.round, "channel": row.channel, "kind": row.kind,
        "from": row.state, "to": row.state,
    });
    tx.event("closure.told", row.id, Some(row.product_id), data);
    Ok(())
}

/// Marks a customer as unreachable.
///
/// # Errors
/// 404, 409 where the closure has ended, 412.
pub fn unreachable(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<Closure> {
    let (story, row) = held(tx, id, if_match)?;
    give_up(tx, &story, row, reason)?;
    closures::get(tx.conn, id)
}

fn give_up(tx: &mut Tx<'_>, story: &Story, row: ClosureRecord, reason: &str) -> Result<()> {
    step(tx, row, ClosureAct::GiveUp, |row| row.reason = Some(reason.to_owned()))?;
    settle(tx, story.id)
}

/// Assigns a member to tell the customer. A mail that has not been sent yet is cancelled.
///
/// # Errors
/// 404, 409 where the closure has ended, 412, 422 where the assignee is not an active member.
pub fn assign_to(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &Assignment) -> Result<Closure> {
    let (_, row) = held(tx, id, if_match)?;
    if row.state.is_ended() {
        return Err(Error::new(Code::Conflict, "This closure has ended: there is nothing left to do."));
    }
    members::known_active(tx.conn, input.member_id, "/member_id")?;
    assign(tx, row, Some(input.member_id))?;
    closures::get(tx.conn, id)
}

/// The name of messages about a decline in earlier versions. They had no closure, and may still bounce.
const DECLINED: &str = "declined";

/// The purpose of a message to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// To tell that the story is released or declined, or its release rolled back.
    Told,
    /// To remind that the answer is still missing.
    Reminder,
}

impl Message {
    /// Its name in the outbox and in the `Message-ID`.
    pub fn as_str(self) -> &'static str {
        match self {
            Message::Told => "told",
            Message::Reminder => "reminder",
        }
    }

    /// The message with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Message::Told, Message::Reminder].into_iter().find(|message| message.as_str() == name)
    }

    /// Whether it must still be sent through this channel, given the current closure.
    pub fn is_due(self, row: &ClosureRecord, channel: Channel) -> bool {
        let state = match self {
            Message::Told => ClosureState::Waiting,
            Message::Reminder => ClosureState::Told,
        };
        let is_handed = self == Message::Told && row.handed_at.is_some();
        row.state == state && row.channel == channel && !is_handed
    }

    /// Whether it may be sent now: not while it can still be recalled.
    pub fn may_leave(self, row: &ClosureRecord, now: Time) -> bool {
        self == Message::Reminder || row.send_at.is_none_or(|at| at <= now)
    }
}

/// The end of the customer's time to answer a message that is sent at `sent`: a reminder changes nothing about it.
pub fn answer_until(row: &ClosureRecord, product: &Product, message: Message, sent: Time) -> Time {
    let present = row.expires_at.filter(|_| message == Message::Reminder);
    present.unwrap_or_else(|| sent.plus(i64::from(product.settings.expiry_days) * Time::DAY))
}

/// The result of sending a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The mail server or the desk accepted it.
    Sent,
    /// It was not sent, because it is no longer or not yet due.
    NotSent,
    /// It failed for good.
    Failed,
}

/// Records the result of a message. After a failure, an agent tells the customer. It changes nothing if the result was
/// recorded before, or the closure has moved on meanwhile.
pub fn delivered(tx: &mut Tx<'_>, id: Id, message: Message, channel: Channel, arrival: Arrival) -> Result<()> {
    let (story, row) = closures::hold(tx, id)?;
    let is_recalled = row.state == ClosureState::Recalled && row.channel == channel;
    if is_recalled && (message, arrival) == (Message::Told, Arrival::Sent) {
        // It was recalled while it was being sent.
        return told(tx, &story, row).map(drop);
    }
    if is_untold_withdrawn(&row) && (message, arrival) == (Message::Told, Arrival::Sent) {
        return told_all_the_same(tx, row);
    }
    if arrival == Arrival::NotSent || !message.is_due(&row, channel) {
        return Ok(());
    }
    match (message, arrival == Arrival::Sent) {
        // Only the desk knows when an agent has written to the customer.
        (Message::Told, true) if channel == Channel::Desk => handed(tx, row),
        (Message::Told, true) => told(tx, &story, row).map(drop),
        (Message::Told, false) => rounds::hand_over(tx, &story, row).map(drop),
        (Message::Reminder, true) => {
            let data = json!({ "story_id": story.id, "round": row.round, "channel": row.channel });
            tx.event("closure.reminded", id, Some(story.product_id), data);
            Ok(())
        }
        // They were told; no further reminder is sent.
        (Message::Reminder, false) => Ok(()),
    }
}

/// The support desk accepted it: the closure waits until the desk reports that the customer was told.
fn handed(tx: &mut Tx<'_>, mut row: ClosureRecord) -> Result<()> {
    row.handed_at = Some(tx.now);
    rounds::save(tx, &mut row)?;
    let data = json!({ "story_id": row.story_id, "round": row.round, "channel": row.channel });
    tx.event("closure.handed", row.id, Some(row.product_id), data);
    Ok(())
}

/// Writes events for due reminders; answers how many, at most [`BATCH`].
pub fn remind(tx: &mut Tx<'_>) -> Result<usize> {
    let mut due = Vec::new();
    for product in products::all(tx.conn)? {
        let days = i64::from(product.settings.reminder_days);
        if days > 0 {
            due.extend(closures::unanswered(tx.conn, product.id, tx.now.plus(-days * Time::DAY), BATCH)?);
        }
    }
    for id in &due {
        let (story, mut row) = closures::hold(tx, *id)?;
        if row.state != ClosureState::Told || row.reminded_at.is_some() {
            continue;
        }
        row.reminded_at = Some(tx.now);
        rounds::save(tx, &mut row)?;
        let data = json!({ "story_id": story.id, "round": row.round, "channel": row.channel });
        tx.event("closure.reminder_due", *id, Some(story.product_id), data);
    }
    Ok(due.len())
}

/// Ends the closures whose deadline for an answer has passed; answers how many, at most [`BATCH`].
pub fn expire(tx: &mut Tx<'_>) -> Result<usize> {
    let due = closures::overdue(tx.conn, tx.now, BATCH)?;
    for id in &due {
        let (story, row) = closures::hold(tx, *id)?;
        if row.state == ClosureState::Told {
            step(tx, row, ClosureAct::Expire, |row| row.reason = Some("They did not answer in time.".to_owned()))?;
            settle(tx, story.id)?;
        }
    }
    Ok(due.len())
}

/// Hands closures over to agents: those waiting for a mail or a desk that was given up, and those at a silent desk.
/// Answers how many, at most [`BATCH`].
pub fn rescue(tx: &mut Tx<'_>) -> Result<usize> {
    let (before, handed_before) = (tx.now.plus(-STRANDED), tx.now.plus(-SILENT));
    let stranded = closures::stranded(tx.conn, before, handed_before, BATCH)?;
    for id in &stranded {
        let (story, row) = closures::hold(tx, *id)?;
        if row.state == ClosureState::Waiting {
            rounds::hand_over(tx, &story, row)?;
        }
    }
    Ok(stranded.len())
}

/// Handles a bounced mail. A hard bounce makes its closures unreachable and blocks the address until it is changed; a
/// soft bounce changes nothing.
///
/// # Errors
/// 422 where this instance did not send the mail.
pub fn bounced(tx: &mut Tx<'_>, input: &Bounce) -> Result<Bounced> {
    let (customer, named) = match (&input.message_id, &input.email) {
        (Some(message), None) => {
            let unknown = || Error::field("/message_id", "unknown", "is not the Message-ID of a mail of ours");
            let about = about_of(message).ok_or_else(unknown)?;
            let found = addressee(tx.conn, about);
            let (customer, closure) = found.map_err(|e| if e.code == Code::NotFound { unknown() } else { e })?;
            (customer, Some(closure))
        }
        (None, Some(email)) => {
            let unknown = || Error::field("/email", "unknown", "is not the address of a customer");
            (customers::by_email(tx.conn, &[email_fold(email)])?.pop().ok_or_else(unknown)?, None)
        }
        _ => return Err(Error::field("", "required", "must have either message_id or email")),
    };
    let mut done = Bounced { customer_id: customer.id, closure_ids: Vec::new() };
    if input.kind == BounceKind::Soft || customer.erased_at.is_some() {
        return Ok(done);
    }
    let open: Vec<Id> = match named {
        Some(closure) => closure.into_iter().map(|row| row.id).collect(),
        None => closures::of_customer(tx.conn, customer.id)?
            .into_iter()
            .filter(|row| row.channel == Channel::Email)
            .map(|row| row.id)
            .collect(),
    };
    stop_mailing(tx, customer)?;
    for id in open {
        if undeliverable(tx, id, input.reason.as_deref())? {
            done.closure_ids.push(id);
        }
    }
    Ok(done)
}

/// Handles a permanent refusal of a recipient's address by the mail server; see [`addressee`].
pub fn refused(tx: &mut Tx<'_>, about: Id, reason: &str) -> Result<()> {
    let (customer, closure) = addressee(tx.conn, about)?;
    stop_mailing(tx, customer)?;
    match closure {
        Some(row) => undeliverable(tx, row.id, Some(reason)).map(drop),
        None => Ok(()),
    }
}

fn stop_mailing(tx: &mut Tx<'_>, customer: CustomerRecord) -> Result<()> {
    if customer.bounced_at.is_none() {
        let id = customer.id;
        customers::update(tx, CustomerRecord { bounced_at: Some(tx.now), ..customer })?;
        tx.event("customer.bounced", id, None, json!({}));
    }
    Ok(())
}

/// Makes an open closure unreachable because its mail bounced; answers whether it was open.
fn undeliverable(tx: &mut Tx<'_>, id: Id, reason: Option<&str>) -> Result<bool> {
    let (story, row) = closures::hold(tx, id)?;
    if row.state.is_ended() {
        return Ok(false);
    }
    let reason = match reason {
        Some(said) => format!("The mail came back: {said}"),
        None => "The mail came back.".to_owned(),
    };
    give_up(tx, &story, row, &reason)?;
    Ok(true)
}

/// The `Message-ID` of a message, without angle brackets; the same for every attempt.
pub fn message_id(closure: Id, message: Message, domain: &str) -> String {
    format!("{closure}.{}@{domain}", message.as_str())
}

/// The closure or customer that a mail with this `Message-ID` is about.
fn about_of(message_id: &str) -> Option<Id> {
    let plain = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    let mut parts = plain.split_once('@')?.0.rsplit('.');
    let message = parts.next()?;
    if message != DECLINED {
        Message::named(message)?;
    }
    parts.next()?.parse().ok()
}

/// The customer a mail was sent to. `about` is the id of its closure, or of the customer for a mail without one.
///
/// # Errors
/// 404 where it is neither.
pub fn addressee(conn: &mut Conn, about: Id) -> Result<(CustomerRecord, Option<ClosureRecord>)> {
    let closure = match closures::row(conn, about) {
        Ok(row) => Some(row),
        Err(e) if e.code == Code::NotFound => None,
        Err(e) => return Err(e),
    };
    let customer = customers::row(conn, closure.as_ref().map_or(about, |row| row.customer_id))?;
    // The customer may have been merged since.
    let customer = match customer.merged_into {
        Some(into) => customers::row(conn, into)?,
        None => customer,
    };
    Ok((customer, closure))
}

/// Unsubscribes the customer from mails; their waiting mails become to-dos of agents. A repeated call changes nothing.
///
/// # Errors
/// 410 once they are erased.
pub fn unsubscribe(tx: &mut Tx<'_>, about: Id) -> Result<()> {
    let (customer, _) = addressee(tx.conn, about)?;
    if customer.erased_at.is_some() {
        return Err(Code::Gone.into());
    }
    let id = customer.id;
    if customer.unsubscribed_at.is_none() {
        customers::update(tx, CustomerRecord { unsubscribed_at: Some(tx.now), ..customer })?;
        tx.event("customer.unsubscribed", id, None, json!({}));
    }
    for row in closures::of_customer(tx.conn, id)? {
        if Message::Told.is_due(&row, Channel::Email) {
            let (story, row) = closures::hold(tx, row.id)?;
            rounds::hand_over(tx, &story, row)?;
        }
    }
    Ok(())
}
