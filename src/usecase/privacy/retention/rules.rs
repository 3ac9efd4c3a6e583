//! Retention rules. A new rule removes nothing until a person enables it, so that its dry run can be read first.

use serde_json::{Value, json};

use crate::domain::base::{Id, Reference, Time, check_version, decode};
use crate::domain::privacy::retention::{NewRetentionRule, RetentionDryRun, RetentionRule, RetentionRuleEdit};
use crate::error::{Code, Error, Result};
use crate::store::privacy::retention::old::{Look, Reach, look};
use crate::store::privacy::retention::rules;
use crate::store::team::products;
use crate::store::{Conn, Tx};

/// Adds a rule.
///
/// # Errors
/// 409 where the product has one of this kind, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewRetentionRule) -> Result<RetentionRule> {
    let product_id = match input.product.as_deref() {
        None => None,
        Some(_) if !input.kind.is_of_products() => {
            let detail = "must be absent: data of this kind belongs to no single product";
            return Err(Error::field("/product", "not_allowed", detail));
        }
        Some(named) => Some(Reference::Product.found(products::known(tx.conn, named), "/product")?.id),
    };
    if let Some(there) = rules::find(tx.conn, input.kind, product_id)? {
        let detail = format!("Rule {} is about the same: change that one.", there.id);
        return Err(Error::new(Code::Conflict, detail));
    }
    let rule = RetentionRule {
        id: Id::next(),
        kind: input.kind,
        product_id,
        days: input.days,
        enabled: input.enabled,
        finished_at: None,
        created_by: tx.actor.id,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    rules::insert(tx, &rule)?;
    let data = json!({ "kind": rule.kind, "days": rule.days, "enabled": rule.enabled });
    tx.event("retention_rule.created", rule.id, product_id, data);
    Ok(rule)
}

/// Changes a rule by a merge patch.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<RetentionRule> {
    let current = rules::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = RetentionRuleEdit { days: current.days, enabled: current.enabled };
    let edit: RetentionRuleEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let rule = RetentionRule {
        days: edit.days,
        enabled: edit.enabled,
        finished_at: None,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    rules::update(tx, &rule)?;
    let data = json!({ "fields": fields, "days": rule.days, "enabled": rule.enabled });
    tx.event("retention_rule.updated", id, rule.product_id, data);
    Ok(rule)
}

/// Deletes a rule. What it removed stays in the report.
///
/// # Errors
/// 404, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<()> {
    let rule = rules::lock(tx, id)?;
    check_version(if_match, rule.version)?;
    rules::delete(tx, id)?;
    tx.event("retention_rule.deleted", id, rule.product_id, json!({ "kind": rule.kind }));
    Ok(())
}

/// What is older than a rule allows.
pub fn before(rule: &RetentionRule, now: Time) -> Time {
    now.plus(-i64::from(rule.days) * Time::DAY)
}

/// Where a rule counts: in its product, or in all that have no rule of this kind.
pub fn reach(conn: &mut Conn, rule: &RetentionRule) -> Result<Reach> {
    if rule.product_id.is_some() {
        return Ok(Reach { product: rule.product_id, except: Vec::new() });
    }
    let others = rules::all(conn)?.into_iter().filter(|other| other.kind == rule.kind);
    Ok(Reach { product: None, except: others.filter_map(|other| other.product_id).collect() })
}

/// What a rule would remove now. It changes nothing.
///
/// # Errors
/// 404.
pub fn dry_run(conn: &mut Conn, id: Id, now: Time) -> Result<RetentionDryRun> {
    let rule = rules::get(conn, id)?;
    let (reach, before) = (reach(conn, &rule)?, before(&rule, now));
    let would_remove = look(conn, rule.kind, &reach, before, Look::Count)?.count;
    let with_held = look(conn, rule.kind, &reach, before, Look::CountWithHeld)?.count;
    Ok(RetentionDryRun { rule_id: id, kind: rule.kind, before, would_remove, held: with_held - would_remove })
}
