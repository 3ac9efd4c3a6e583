//! Legal holds: placing one, and ending it.

use serde_json::json;

use crate::domain::base::{Id, Reference, check_version};
use crate::domain::privacy::retention::{LegalHold, NewLegalHold};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::feedback::customers;
use crate::store::privacy::retention::holds;
use crate::store::team::products;

/// Places a hold on a customer, an account or a product.
///
/// # Errors
/// 422 with every wrong field.
pub fn place(tx: &mut Tx<'_>, input: &NewLegalHold) -> Result<LegalHold> {
    holds::take_turns(tx, true)?;
    let named = [input.customer_id.is_some(), input.account_id.is_some(), input.product.is_some()];
    if named.iter().filter(|is_named| **is_named).count() != 1 {
        let detail = "must name exactly one of customer_id, account_id and product";
        return Err(Error::field("/customer_id", "required", detail));
    }
    let customer_id = match input.customer_id {
        Some(id) => Some(Reference::Customer.found(customers::row(tx.conn, id), "/customer_id")?.person()),
        None => None,
    };
    if let Some(id) = input.account_id {
        Reference::Account.found(customers::account(tx.conn, id), "/account_id")?;
    }
    let product_id = match input.product.as_deref() {
        Some(named) => Some(Reference::Product.found(products::known(tx.conn, named), "/product")?.id),
        None => None,
    };
    let hold = LegalHold {
        id: Id::next(),
        case: input.case.trim().to_owned(),
        reason: input.reason.trim().to_owned(),
        customer_id,
        account_id: input.account_id,
        product_id,
        placed_by: tx.actor.id,
        placed_at: tx.now,
        ended_at: None,
        ended_by: None,
        version: 1,
    };
    holds::insert(tx, &hold)?;
    let data = json!({ "customer_id": customer_id, "account_id": hold.account_id });
    tx.event("legal_hold.placed", hold.id, product_id, data);
    Ok(hold)
}

/// Ends a hold. Erasures that waited for it run within a minute, unless another hold keeps the data.
///
/// # Errors
/// 404, 409 where it has ended, 412.
pub fn end(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<LegalHold> {
    let hold = holds::lock(tx, id)?;
    check_version(if_match, hold.version)?;
    if hold.ended_at.is_some() {
        return Err(Error::new(Code::Conflict, "This hold has ended."));
    }
    let hold = LegalHold { ended_at: Some(tx.now), ended_by: tx.actor.id, version: hold.version + 1, ..hold };
    holds::update(tx, &hold)?;
    let data = json!({ "customer_id": hold.customer_id, "account_id": hold.account_id });
    tx.event("legal_hold.ended", id, hold.product_id, data);
    Ok(hold)
}
