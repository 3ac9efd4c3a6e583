//! Subscriptions to reports: made, confirmed, changed and ended. Nobody gets a report who did not confirm it.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::domain::base::calendar::Weekday;
use crate::domain::base::{Id, Reference, Time, check_version, decode};
use crate::domain::integrations::NewDelivery;
use crate::domain::reports::report::{ReportKind, ReportSection};
use crate::domain::reports::subscription::{NewSubscription, Subscription, SubscriptionEdit, SubscriptionState};
use crate::domain::team::{DEFAULT_PRODUCT, Member, Product};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::feedback::customers;
use crate::store::integrations::{deliveries as outbox, webhooks};
use crate::store::reports::subscriptions as stored;
use crate::store::team::{members, products};

/// How long a link to confirm works, in microseconds.
pub const CONFIRM_WITHIN: i64 = 14 * Time::DAY;
/// The most mails with a link to confirm that an address gets in a day.
const MOST_A_DAY: i64 = 3;
/// The event of a delivery whose mail asks somebody to confirm.
pub const EVENT: &str = "subscription.created";

/// Who makes or changes a subscription.
#[derive(Clone, Copy, Debug)]
pub struct Subscriber {
    /// The member, unless a service does it.
    pub member: Option<Id>,
    /// Whether they may subscribe others, and change their subscriptions.
    pub for_others: bool,
}

impl Subscriber {
    /// Refuses what concerns somebody else.
    fn check(self, reader: Option<Id>) -> Result<()> {
        let own = reader.is_some() && reader == self.member;
        if own || self.for_others {
            return Ok(());
        }
        Err(Error::new(Code::Forbidden, "Your role may subscribe nobody but yourself."))
    }
}

/// Makes a subscription. It is active at once where somebody subscribes themselves, or a webhook; anybody else gets a mail
/// with a link to confirm.
///
/// # Errors
/// 403 for somebody else without the right to, 409 where the reader has it already, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewSubscription, by: Subscriber) -> Result<Subscription> {
    by.check(input.member_id)?;
    let mut wrong = Vec::new();
    let products = named_products(tx, input, &mut wrong)?;
    let member = reader(tx, input, &mut wrong)?;
    wrong.extend(wrong_times(input));
    if let Some(account) = input.account
        && customers::accounts_by_id(tx.conn, &[account])?.is_empty()
    {
        wrong.push(Reference::Account.unknown("/account"));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let is_own = input.webhook_id.is_some() || (input.member_id.is_some() && input.member_id == by.member);
    let mut subscription = asked(tx, input, &products, member);
    refuse_repeated(tx, &subscription)?;
    if is_own {
        begin(&mut subscription, tx.now);
    }
    stored::insert(tx, &subscription)?;
    let data = json!({ "kind": subscription.kind, "state": subscription.state });
    tx.event("subscription.created", subscription.id, subscription.products.first().copied(), data);
    if !is_own {
        let body = json!({ "report_subscription_id": subscription.id });
        let (target, subject) = (subscription.id, subscription.id);
        outbox::enqueue(tx, NewDelivery { channel: "mail", target, subject, event: EVENT.to_owned(), body })?;
    }
    Ok(subscription)
}

/// The subscription that somebody asks for, before it is confirmed.
fn asked(tx: &Tx<'_>, input: &NewSubscription, products: &[Product], member: Option<Member>) -> Subscription {
    let first = products.first();
    let language = input.language.clone().or_else(|| member.as_ref().map(|member| member.language.clone()));
    let language = language.or_else(|| first.and_then(|product| product.settings.language.clone()));
    let time_zone = input.time_zone.clone().or_else(|| member.and_then(|member| member.time_zone));
    let time_zone = time_zone.or_else(|| first.map(|product| product.settings.time_zone.clone()));
    Subscription {
        id: Id::next(),
        state: SubscriptionState::Pending,
        email: input.email.clone(),
        member_id: input.member_id,
        webhook_id: input.webhook_id,
        kind: input.kind,
        products: products.iter().map(|product| product.id).collect(),
        account_id: input.account,
        sections: ReportSection::chosen(&input.sections, input.account.is_some()),
        language: language.filter(|code| code == "ko").unwrap_or_else(|| "en".to_owned()),
        weekday: (input.kind == ReportKind::Weekly).then(|| input.weekday.unwrap_or(Weekday::Monday)),
        day: (input.kind == ReportKind::Monthly).then(|| input.day.unwrap_or(1)),
        hour: input.hour,
        time_zone: time_zone.unwrap_or_else(|| "UTC".to_owned()),
        scope: input.scope,
        approval: input.approval,
        next_at: None,
        last_at: None,
        confirmed_at: None,
        ended_at: None,
        created_by: tx.actor.id.filter(|_| tx.actor.is_person()),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    }
}

/// The products that a subscription names.
fn named_products(tx: &mut Tx<'_>, input: &NewSubscription, wrong: &mut Vec<FieldError>) -> Result<Vec<Product>> {
    if input.products.is_empty() {
        return Ok(vec![products::get(tx.conn, DEFAULT_PRODUCT)?]);
    }
    let mut found: Vec<Product> = Vec::new();
    for (n, name) in input.products.iter().enumerate() {
        match products::find(tx.conn, name)? {
            Some(product) if found.iter().any(|known| known.id == product.id) => {}
            Some(product) => found.push(product),
            None => wrong.push(Reference::Product.unknown(format!("/products/{n}"))),
        }
    }
    Ok(found)
}

/// Checks who the reader is; answers the member, if it is one.
fn reader(tx: &mut Tx<'_>, input: &NewSubscription, wrong: &mut Vec<FieldError>) -> Result<Option<Member>> {
    let given = [input.email.is_some(), input.member_id.is_some(), input.webhook_id.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        let detail = "exactly one of email, member_id and webhook_id names the reader";
        wrong.push(FieldError::new("/email", "required", detail));
    }
    if let Some(webhook) = input.webhook_id {
        match webhooks::get(tx.conn, webhook) {
            Ok(found) if found.active => {}
            Err(e) if e.code != Code::NotFound => return Err(e),
            _ => wrong.push(FieldError::new("/webhook_id", "unknown", "is not the id of an active webhook")),
        }
    }
    let Some(id) = input.member_id else { return Ok(None) };
    let member = members::find_active(tx.conn, id)?;
    if member.is_none() {
        wrong.push(Reference::ActiveMember.unknown("/member_id"));
    }
    Ok(member)
}

fn wrong_times(input: &NewSubscription) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if input.weekday.is_some() && input.kind != ReportKind::Weekly {
        wrong.push(FieldError::new("/weekday", "not_allowed", "belongs to weekly reports only"));
    }
    if input.day.is_some() && input.kind != ReportKind::Monthly {
        wrong.push(FieldError::new("/day", "not_allowed", "belongs to monthly reports only"));
    }
    wrong.extend(input.time_zone.as_deref().and_then(wrong_zone));
    wrong
}

fn wrong_zone(name: &str) -> Option<FieldError> {
    let detail = "must be the IANA name of a time zone, such as Asia/Seoul";
    name.parse::<Tz>().is_err().then(|| FieldError::new("/time_zone", "format", detail))
}

/// Refuses a subscription that its reader has, and too many mails that ask the same address.
fn refuse_repeated(tx: &mut Tx<'_>, new: &Subscription) -> Result<()> {
    if let Some(there) = stored::of_reader(tx.conn, new)?.iter().find(|there| there.repeats(new)) {
        let detail = match there.state {
            SubscriptionState::Pending => "The reader was asked already and has not confirmed yet.",
            _ => "The reader gets these reports already.",
        };
        return Err(Error::new(Code::Conflict, detail));
    }
    if let Some(email) = &new.email
        && stored::asked_since(tx.conn, email, tx.now.plus(-Time::DAY))? >= MOST_A_DAY
    {
        return Err(Error::new(Code::Conflict, "This address was asked several times today; wait a day."));
    }
    Ok(())
}

/// Begins a subscription at this time.
fn begin(subscription: &mut Subscription, now: Time) {
    subscription.state = SubscriptionState::Active;
    subscription.confirmed_at = Some(now);
    subscription.next_at = subscription.schedule().map(|schedule| schedule.next_after(now));
}

/// Confirms a subscription, by the link in the mail. Again is nothing new.
///
/// # Errors
/// 404, 410 where it has ended.
pub fn confirm(tx: &mut Tx<'_>, id: Id) -> Result<Subscription> {
    let mut current = stored::lock(tx, id)?;
    match current.state {
        SubscriptionState::Active => return Ok(current),
        SubscriptionState::Ended => return Err(Code::Gone.into()),
        SubscriptionState::Pending => {}
    }
    begin(&mut current, tx.now);
    let confirmed = Subscription { version: current.version + 1, updated_at: tx.now, ..current };
    stored::update(tx, &confirmed)?;
    tx.event("subscription.confirmed", id, confirmed.products.first().copied(), json!({}));
    Ok(confirmed)
}

/// Changes a subscription by a merge patch.
///
/// # Errors
/// 403 for that of somebody else without the right to, 404, 409 for one that has ended, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value, by: Subscriber) -> Result<Subscription> {
    let current = stored::lock(tx, id)?;
    by.check(current.member_id)?;
    check_version(if_match, current.version)?;
    let before = SubscriptionEdit::from(&current);
    let edit: SubscriptionEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    if current.state == SubscriptionState::Ended {
        return Err(Error::new(Code::Conflict, "The subscription has ended; make a new one."));
    }
    let mut wrong: Vec<FieldError> = wrong_zone(&edit.time_zone).into_iter().collect();
    if edit.weekday.is_some() != (current.kind == ReportKind::Weekly) {
        wrong.push(FieldError::new("/weekday", "not_allowed", "belongs to weekly reports, and to these always"));
    }
    if edit.day.is_some() != (current.kind == ReportKind::Monthly) {
        wrong.push(FieldError::new("/day", "not_allowed", "belongs to monthly reports, and to these always"));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let mut edited = Subscription {
        sections: ReportSection::chosen(&edit.sections, current.account_id.is_some()),
        language: edit.language,
        weekday: edit.weekday,
        day: edit.day,
        hour: edit.hour,
        time_zone: edit.time_zone,
        scope: edit.scope,
        approval: edit.approval,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    if edited.state == SubscriptionState::Active {
        edited.next_at = edited.schedule().map(|schedule| schedule.next_after(tx.now));
    }
    stored::update(tx, &edited)?;
    tx.event("subscription.updated", id, edited.products.first().copied(), json!({ "fields": fields }));
    Ok(edited)
}

/// Ends a subscription, by a member.
///
/// # Errors
/// 403 for that of somebody else without the right to, 404, 412.
pub fn remove(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, by: Subscriber) -> Result<()> {
    let current = stored::lock(tx, id)?;
    by.check(current.member_id)?;
    check_version(if_match, current.version)?;
    end(tx, id, EndReason::Removed)
}

/// Why a subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// A member ended it.
    Removed,
    /// Its reader did, by the link in a mail.
    Unsubscribed,
    /// Its reader never confirmed it.
    NotConfirmed,
    /// Its reader is no active member any more, or was erased.
    ReaderGone,
}

impl EndReason {
    fn as_str(self) -> &'static str {
        match self {
            EndReason::Removed => "removed",
            EndReason::Unsubscribed => "unsubscribed",
            EndReason::NotConfirmed => "not_confirmed",
            EndReason::ReaderGone => "reader_gone",
        }
    }
}

/// Ends a subscription. Again is nothing new.
///
/// # Errors
/// 404.
pub fn end(tx: &mut Tx<'_>, id: Id, because: EndReason) -> Result<()> {
    let current = stored::lock(tx, id)?;
    if current.state == SubscriptionState::Ended {
        return Ok(());
    }
    let ended = Subscription {
        state: SubscriptionState::Ended,
        ended_at: Some(tx.now),
        next_at: None,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    stored::update(tx, &ended)?;
    let data = json!({ "because": because.as_str() });
    tx.event("subscription.ended", id, ended.products.first().copied(), data);
    Ok(())
}
