//! The monthly review of the access log.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use crate::domain::base::{Calendar, Id, Time};
use crate::domain::privacy::access::log::AccessChain;
use crate::domain::privacy::access::review::{AccessReview, Review, ReviewSignature, SignedReview};
use crate::domain::team::DEFAULT_PRODUCT;
use crate::error::{Error, Result};
use crate::store::privacy::access::{append, list, reviews};
use crate::store::team::products;
use crate::store::{Conn, Tx};

/// The customers of one reader and day from which on a review lists them.
pub const MANY: i64 = 200;

/// The first day of a month, `2026-11`.
fn first_day(month: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()
}

fn month_after(first: NaiveDate) -> NaiveDate {
    let (year, month) = if first.month() == 12 { (first.year() + 1, 1) } else { (first.year(), first.month() + 1) };
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(first)
}

/// The month before that of this time.
fn last_month(calendar: &Calendar, now: Time) -> String {
    let day = calendar.day(now);
    let (year, month) = if day.month() == 1 { (day.year() - 1, 12) } else { (day.year(), day.month() - 1) };
    format!("{year:04}-{month:02}")
}

/// The review of a month, by default of the last one that is over. Nights and days are those of the default product.
///
/// # Errors
/// 422 for a month that has not begun.
pub fn of_month(conn: &mut Conn, month: Option<&str>, many: i64, now: Time) -> Result<AccessReview> {
    let product = products::get(conn, DEFAULT_PRODUCT)?;
    let calendar = product.calendar();
    let month = month.map_or_else(|| last_month(&calendar, now), str::to_owned);
    let first = first_day(&month).filter(|first| *first <= calendar.day(now));
    let first = first.ok_or_else(|| Error::field("/month", "month", "must be a month that has begun"))?;
    let (since, until) = (calendar.start_of(first), calendar.start_of(month_after(first)));
    let mut review = Review::default();
    list::between(conn, since, until, &mut |entry| {
        review.add(entry, &calendar);
        Ok(())
    })?;
    let found = review.end(&list::addresses_before(conn, since)?, many);
    Ok(AccessReview {
        signed: reviews::of_month(conn, &month)?,
        month,
        time_zone: product.settings.time_zone,
        figures: found.figures,
        without_reason: found.without_reason,
        at_night: found.at_night,
        many_persons: found.many_persons,
        new_addresses: found.new_addresses,
    })
}

/// Signs the review of a month. It may be signed again, by others or later: each signature is kept.
///
/// # Errors
/// 422 for a month that has not begun.
pub fn sign(tx: &mut Tx<'_>, input: &ReviewSignature) -> Result<SignedReview> {
    let review = of_month(tx.conn, Some(&input.month), MANY, tx.now)?;
    let (seq, hash) = append::last(tx.conn, AccessChain::Reads)?;
    let signed = SignedReview {
        id: Id::next(),
        month: review.month,
        actor: tx.actor.kind.to_owned(),
        actor_id: tx.actor.id,
        signed_at: tx.now,
        note: input.note.trim().to_owned(),
        figures: review.figures,
        seq,
        hash,
    };
    reviews::insert(tx, &signed)?;
    tx.event("access_review.signed", signed.id, None, json!({ "month": signed.month }));
    Ok(signed)
}
