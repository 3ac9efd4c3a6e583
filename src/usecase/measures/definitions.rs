//! The definitions of metrics: creating, changing and finding them.

use serde_json::{Value, json};

use crate::domain::base::{Id, Reference, check_version, decode};
use crate::domain::measures::metric::{Metric, MetricEdit, MetricIntake, NewMetric, PrometheusPull};
use crate::domain::measures::selector::Selector;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::measures::metrics;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};
use crate::usecase::integrations::webhooks::UrlCheck;
use crate::usecase::releases::planning::product_of;

/// Defines a metric.
///
/// # Errors
/// 409 where the product has a metric with this key, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewMetric, url_check: UrlCheck<'_>) -> Result<Metric> {
    let product = product_of(tx.conn, input.product.as_deref())?;
    let metric = Metric {
        id: Id::next(),
        product_id: product.id,
        key: input.key.clone(),
        name: input.name.trim().to_owned(),
        kind: input.kind,
        unit: input.unit.clone(),
        direction: input.direction,
        target: input.target,
        who_cares: input.who_cares.clone(),
        counter: input.counter,
        prometheus: input.prometheus.clone(),
        selector: input.selector.clone(),
        archived_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        intake: MetricIntake::default(),
    };
    refuse(tx, &metric, &[], url_check)?;
    if !tx.scope.has(product.id) {
        return Err(Error::not_found("product"));
    }
    if let Some(other) = metrics::by_key(tx.conn, product.id, &metric.key)? {
        return Err(Error::new(Code::Conflict, format!("Metric {other} of this product has this key already.")));
    }
    metrics::insert(tx, &metric)?;
    tx.event("metric.created", metric.id, Some(product.id), json!({}));
    Ok(metric)
}

/// Changes a metric by a merge patch.
///
/// # Errors
/// 404, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value, url_check: UrlCheck<'_>) -> Result<Metric> {
    let current = metrics::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = MetricEdit::from(&current);
    let edit: MetricEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let archived_at = current.archived_at.or(Some(tx.now)).filter(|_| edit.archived);
    let already = current.who_cares.clone();
    let metric = Metric {
        name: edit.name.trim().to_owned(),
        kind: edit.kind,
        unit: edit.unit,
        direction: edit.direction,
        target: edit.target,
        who_cares: edit.who_cares,
        prometheus: edit.prometheus,
        selector: edit.selector,
        archived_at,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    refuse(tx, &metric, &already, url_check)?;
    metrics::update(tx, &metric)?;
    tx.event("metric.updated", id, Some(metric.product_id), json!({ "fields": fields }));
    metrics::get(tx.conn, id)
}

/// The metric that a key or an id names; of this product, where one is given.
///
/// # Errors
/// 404, 409 where several products have a metric with this key, 422 for an unknown product.
pub fn named(conn: &mut Conn, key_or_id: &str, product: Option<&str>) -> Result<Metric> {
    let product = products::named(conn, product)?;
    let mut found = metrics::named(conn, key_or_id)?;
    found.retain(|metric| product.as_ref().is_none_or(|product| metric.product_id == product.id));
    only(found)
}

/// As [`named`], for a write: only of products in which the caller may write.
///
/// # Errors
/// As for [`named`].
pub fn named_in_reach(tx: &mut Tx<'_>, key_or_id: &str, product: Option<&str>) -> Result<Metric> {
    let product = products::named(tx.conn, product)?;
    let mut found = metrics::named(tx.conn, key_or_id)?;
    found.retain(|metric| tx.scope.has(metric.product_id));
    found.retain(|metric| product.as_ref().is_none_or(|product| metric.product_id == product.id));
    only(found)
}

fn only(mut found: Vec<Metric>) -> Result<Metric> {
    if found.len() > 1 {
        let detail = "Several products have a metric with this key: say which one with ?product=.";
        return Err(Error::new(Code::Conflict, detail));
    }
    found.pop().ok_or_else(|| Error::not_found("metric"))
}

/// Checks what a definition refers to.
fn refuse(tx: &mut Tx<'_>, metric: &Metric, already: &[Id], url_check: UrlCheck<'_>) -> Result<()> {
    let mut wrong = Vec::new();
    for (n, id) in metric.who_cares.iter().enumerate().filter(|(_, id)| !already.contains(id)) {
        if members::find_active(tx.conn, *id)?.is_none() {
            wrong.push(Reference::ActiveMember.unknown(format!("/who_cares/{n}")));
        }
    }
    if metric.target.is_some_and(|target| !target.is_finite()) {
        wrong.push(FieldError::new("/target", "range", "must be a finite number"));
    }
    if let Some(Err(why)) = metric.selector.as_deref().map(Selector::parse) {
        wrong.push(FieldError::new("/selector", "format", why));
    }
    if let Some(PrometheusPull { url: Some(url), .. }) = &metric.prometheus
        && let Err(why) = url_check(url)
    {
        wrong.push(FieldError::new("/prometheus/url", "format", why));
    }
    if metric.prometheus.is_some() && metric.selector.is_some() {
        let why = "must not be given together with `prometheus`: samples of both would be mixed";
        wrong.push(FieldError::new("/selector", "conflict", why));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}
