//! The escalation policy of a product.

use serde_json::{Value, json};

use super::duty::READ_ROTA;
use crate::domain::base::decode;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::operations::escalation::{EscalationEdit, EscalationPolicy, PageTarget};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::operations::{escalations, rotas};
use crate::store::team::{members, products};
use crate::usecase::team::access;

/// Changes the escalation policy of a product by a merge patch. It counts for open incidents too.
///
/// # Errors
/// 404, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, product: Id, if_match: Option<i32>, patch: &Value) -> Result<EscalationPolicy> {
    products::lock(tx, product)?;
    let before = escalations::policy(tx.conn, product)?;
    check_version(if_match, before.version)?;
    let was = EscalationEdit::from(&before);
    let edit: EscalationEdit = decode::patched(&was, patch)?;
    let fields = decode::changed_fields(&was, &edit);
    if fields.is_empty() {
        return Ok(before);
    }
    let policy = EscalationPolicy {
        product_id: product,
        is_default: false,
        steps: edit.steps,
        repeats: edit.repeats,
        repeat_after_minutes: edit.repeat_after_minutes,
        acknowledged_minutes: edit.acknowledged_minutes,
        version: before.version + 1,
    };
    check(tx, &policy)?;
    escalations::put_policy(tx, &policy)?;
    tx.event("product.escalation_changed", product, Some(product), json!({ "fields": fields }));
    Ok(policy)
}

/// Checks what a schema can't say: the order of the steps, and what they name.
fn check(tx: &mut Tx<'_>, policy: &EscalationPolicy) -> Result<()> {
    let mut wrong = Vec::new();
    let mut before = 0;
    for (n, step) in policy.steps.iter().enumerate() {
        let at = |field: &str| format!("/steps/{n}/{field}");
        if n == 0 && step.after_minutes != 0 {
            wrong.push(FieldError::new(at("after_minutes"), "range", "must be 0: the first step is due at once"));
        } else if n > 0 && step.after_minutes <= before {
            wrong.push(FieldError::new(at("after_minutes"), "range", "must be more than in the step before"));
        }
        before = step.after_minutes;
        let (rota, member) = (step.whom == PageTarget::Rota, step.whom == PageTarget::Member);
        wrong.extend(only_where(step.rota_id.is_some(), rota, at("rota_id"), "rota"));
        wrong.extend(only_where(step.member_id.is_some(), member, at("member_id"), "member"));
        if let Some(id) = step.rota_id.filter(|_| rota) {
            wrong.extend(wrong_rota(tx, id, policy.product_id, at("rota_id"))?);
        }
        if let Some(id) = step.member_id.filter(|_| member) {
            wrong.extend(wrong_member(tx, id, policy.product_id, at("member_id"))?);
        }
    }
    if policy.repeats > 0 && policy.repeat_after_minutes <= before {
        let detail = "must be more than the `after_minutes` of the last step";
        wrong.push(FieldError::new("/repeat_after_minutes", "range", detail));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// A field that a step must have exactly where it pages this target.
fn only_where(is_given: bool, is_wanted: bool, pointer: String, whom: &str) -> Option<FieldError> {
    match (is_given, is_wanted) {
        (false, true) => Some(FieldError::new(pointer, "required", format!("is required where `whom` is `{whom}`"))),
        (true, false) => Some(FieldError::new(pointer, "not_allowed", format!("is only for `whom`: `{whom}`"))),
        _ => None,
    }
}

fn wrong_rota(tx: &mut Tx<'_>, id: Id, product: Id, pointer: String) -> Result<Option<FieldError>> {
    let detail = "is not the id of a rota of this product";
    match rotas::get(tx.conn, id) {
        Ok(rota) if rota.product_id == product => Ok(None),
        Ok(_) => Ok(Some(FieldError::new(pointer, "unknown", detail))),
        Err(e) if e.code == Code::NotFound => Ok(Some(FieldError::new(pointer, "unknown", detail))),
        Err(e) => Err(e),
    }
}

fn wrong_member(tx: &mut Tx<'_>, id: Id, product: Id, pointer: String) -> Result<Option<FieldError>> {
    if members::find_active(tx.conn, id)?.is_none() {
        return Ok(Some(Reference::ActiveMember.unknown(pointer)));
    }
    let may_read = access::readers(tx.conn, Some(product), vec![id], READ_ROTA)?;
    let detail = "is a member without access to this product";
    Ok(may_read.is_empty().then(|| FieldError::new(pointer, "not_allowed", detail)))
}
