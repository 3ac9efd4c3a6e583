//! Making reports, approving and sending them.

use serde_json::{Value, json};

use super::{composing, sending};
use crate::domain::base::{Id, Reference, Time, check_version, decode};
use crate::domain::releases::ReleaseState;
use crate::domain::reports::period::{self, Span};
use crate::domain::reports::report::{
    NewReport, ReportEdit, ReportKind, ReportSection, ReportState, SendReport, StatusReport,
};
use crate::domain::reports::subscription::SubscriptionState;
use crate::domain::team::{DEFAULT_PRODUCT, Product};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::feedback::customers;
use crate::store::reports::{deliveries, heard, rows, subscriptions};
use crate::store::team::products;
use crate::store::{Conn, Tx, releases};

/// What a report is about.
#[derive(Clone, Debug)]
pub(in crate::usecase) struct ReportSubject {
    pub kind: ReportKind,
    pub account: Option<Id>,
    pub release: Option<Id>,
    pub sections: Vec<ReportSection>,
    pub language: String,
    pub span: Span,
    pub approval: bool,
    /// See [`Report::series_key`].
    pub series_key: Option<String>,
}

/// Makes a report, as a draft.
///
/// # Errors
/// 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewReport) -> Result<StatusReport> {
    let product = match &input.product {
        Some(name) => products::find(tx.conn, name)?.ok_or_else(|| Reference::Product.refusal("/product"))?,
        None => products::get(tx.conn, DEFAULT_PRODUCT)?,
    };
    let mut wrong = Vec::new();
    if let Some(account) = input.account
        && customers::accounts_by_id(tx.conn, &[account])?.is_empty()
    {
        wrong.push(Reference::Account.unknown("/account"));
    }
    let calendar = product.calendar();
    let span = match (&input.period, input.kind) {
        (Some(period), _) => period::asked(period, &calendar, tx.now).map_err(Error::from),
        (None, ReportKind::Release) => span_of_release(tx.conn, &product, input, tx.now),
        (None, kind) => Ok(period::usual(kind, &calendar, tx.now)),
    };
    wrong.extend(wrong_release(tx.conn, &product, input)?);
    let span = match span {
        Ok(span) if wrong.is_empty() => span,
        Ok(_) => return Err(Error::invalid(wrong)),
        Err(e) if e.code == Code::Invalid => {
            wrong.extend(e.fields);
            return Err(Error::invalid(wrong));
        }
        Err(e) => return Err(e),
    };
    let subject = ReportSubject {
        kind: input.kind,
        account: input.account,
        release: input.release,
        sections: ReportSection::chosen(&input.sections, input.account.is_some()),
        language: input
            .language
            .clone()
            .or_else(|| product.settings.language.clone())
            .unwrap_or_else(|| "en".to_owned()),
        span,
        approval: input.approval,
        series_key: None,
    };
    make(tx, &product, subject)
}

/// What is wrong with the release of a report.
fn wrong_release(conn: &mut Conn, product: &Product, input: &NewReport) -> Result<Option<FieldError>> {
    let wrong = |code, detail: &str| Some(FieldError::new("/release", code, detail));
    Ok(match (input.kind, input.release) {
        (ReportKind::Release, None) => wrong("required", "is required for reports of a release"),
        (ReportKind::Release, Some(id)) => match releases::rows::get(conn, id) {
            Ok(release) if release.product_id != product.id => wrong("unknown", "is a release of another product"),
            Ok(release) if release.state != ReleaseState::Shipped => {
                wrong("not_shipped", "is not shipped; a report tells what a release brought")
            }
            Ok(_) => None,
            Err(e) if e.code == Code::NotFound => wrong("unknown", "is not the id of a release"),
            Err(e) => return Err(e),
        },
        (_, Some(_)) => wrong("not_allowed", "belongs to reports of the kind `release` only"),
        (_, None) => None,
    })
}

/// From the release before this one to this one. Any span where the release is wrong, which is refused elsewhere.
fn span_of_release(conn: &mut Conn, product: &Product, input: &NewReport, now: Time) -> Result<Span> {
    let shipped = match input.release {
        Some(id) => releases::rows::get(conn, id).ok().and_then(|release| release.shipped_at),
        None => None,
    };
    match shipped {
        Some(shipped) => since_release_before(conn, product.id, shipped),
        None => Ok(period::usual(ReportKind::Weekly, &product.calendar(), now)),
    }
}

/// The span that ends with a release and begins with the one before; four weeks where there is none.
pub(super) fn since_release_before(conn: &mut Conn, product: Id, shipped: Time) -> Result<Span> {
    let before = heard::shipped_before(conn, product, shipped)?;
    let from = before.unwrap_or_else(|| shipped.plus(-28 * Time::DAY)).max(shipped.plus(-400 * Time::DAY));
    // The release itself belongs to it.
    Ok(Span { from: from.plus(1), to: shipped.plus(1) })
}

/// Computes a report and stores it.
pub(in crate::usecase) fn make(tx: &mut Tx<'_>, product: &Product, subject: ReportSubject) -> Result<StatusReport> {
    let report = StatusReport {
        id: Id::next(),
        product_id: product.id,
        kind: subject.kind,
        state: ReportState::Draft,
        language: subject.language,
        account_id: subject.account,
        release_id: subject.release,
        sections: subject.sections,
        period_from: subject.span.from,
        period_to: subject.span.to,
        introduction: None,
        approval: subject.approval || product.settings.approve_reports,
        approved_at: None,
        approved_by: None,
        sent_at: None,
        sent_by: None,
        created_by: tx.actor.id.filter(|_| tx.actor.is_person()),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        series_key: subject.series_key,
    };
    let content = composing::compose(tx.conn, product, &report, tx.now)?;
    rows::insert(tx, &report, &content)?;
    let data = json!({ "kind": report.kind, "approval": report.approval });
    tx.event("report.made", report.id, Some(product.id), data);
    Ok(report)
}

fn refuse_sent(report: &StatusReport) -> Result<()> {
    match report.state {
        ReportState::Sent => Err(Error::new(Code::Conflict, "The report was sent; it stays as it was sent.")),
        _ => Ok(()),
    }
}

/// Changes what stands above a draft, by a merge patch. An approved report has to be approved again.
///
/// # Errors
/// 404, 409 for a report that was sent, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<StatusReport> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = ReportEdit::from(&current);
    let edit: ReportEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    refuse_sent(&current)?;
    let edited = StatusReport {
        introduction: edit.introduction.filter(|text| !text.trim().is_empty()),
        state: ReportState::Draft,
        approved_at: None,
        approved_by: None,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    rows::update(tx, &edited)?;
    tx.event("report.edited", id, Some(edited.product_id), json!({ "fields": fields }));
    Ok(edited)
}

/// Approves a draft. One that was made for subscriptions is then sent to them.
///
/// # Errors
/// 404, 409 for a report that was sent, 412.
pub fn approve(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<StatusReport> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    refuse_sent(&current)?;
    if current.state == ReportState::Approved {
        return Ok(current);
    }
    let approved = StatusReport {
        state: ReportState::Approved,
        approved_at: Some(tx.now),
        approved_by: tx.actor.id,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    rows::update(tx, &approved)?;
    tx.event("report.approved", id, Some(approved.product_id), json!({}));
    if approved.series_key.is_some() { sent(tx, approved) } else { Ok(approved) }
}

/// Sends a report to those it was made for, and to these subscriptions. It is kept as it is then.
///
/// # Errors
/// 404, 409 for a report that was sent or needs approval, 412, 422 for a subscription that does not take it.
pub fn send(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &SendReport) -> Result<StatusReport> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    refuse_sent(&current)?;
    if current.waits_for_approval() {
        return Err(Error::new(Code::Conflict, "Somebody has to approve the report first."));
    }
    let mut wrong = Vec::new();
    for (n, subscription) in input.subscription_ids.iter().enumerate() {
        let found = subscriptions::get(tx.conn, *subscription);
        let takes = found.is_ok_and(|found| {
            found.state == SubscriptionState::Active && found.products.contains(&current.product_id)
        });
        match takes {
            true => drop(deliveries::add(tx, id, *subscription)?),
            false => wrong.push(FieldError::new(
                format!("/subscription_ids/{n}"),
                "unknown",
                "is not the id of an active subscription to reports of this product",
            )),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    sent(tx, current)
}

/// Marks a report as sent, and hands it to the outbox for each subscriber.
pub(super) fn sent(tx: &mut Tx<'_>, current: StatusReport) -> Result<StatusReport> {
    let sent = StatusReport {
        state: ReportState::Sent,
        sent_at: Some(tx.now),
        sent_by: tx.actor.id.filter(|_| tx.actor.is_person()),
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    rows::update(tx, &sent)?;
    let subscribers = sending::queue_all(tx, &sent)?;
    let data = json!({ "kind": sent.kind, "subscribers": subscribers });
    tx.event("report.sent", sent.id, Some(sent.product_id), data);
    Ok(sent)
}

/// Deletes a report that was never sent.
///
/// # Errors
/// 404, 409 for a report that was sent, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<()> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    refuse_sent(&current)?;
    rows::delete(tx, id)?;
    tx.event("report.deleted", id, Some(current.product_id), json!({}));
    Ok(())
}
