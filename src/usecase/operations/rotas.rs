//! Rotas: what changes them. Who is on duty is read in `duty.rs`.

use serde_json::{Value, json};

use super::duty::{READ_ROTA, with_unavailable};
use crate::domain::base::decode;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::operations::rota::{NewRota, Rota, RotaEdit};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::operations::rotas;
use crate::store::team::{members, products};
use crate::usecase::team::access;

/// The most rotas that a product may have.
const MOST_ROTAS: i64 = 20;

/// Creates a rota.
///
/// # Errors
/// 409 where the product has too many, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewRota) -> Result<Rota> {
    let product = Reference::Product.found(products::known(tx.conn, &input.product), "/product")?.id;
    let rota = Rota {
        id: Id::next(),
        product_id: product,
        name: input.name.trim().to_owned(),
        time_zone: input.time_zone.clone(),
        start: input.start,
        every: input.every,
        length: input.length,
        hand_over: input.hand_over.clone(),
        members: input.members.clone(),
        restrictions: input.restrictions.clone(),
        layer: input.layer,
        unavailable: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    check(tx, &rota, &[])?;
    products::lock(tx, product)?;
    if rotas::count_of(tx.conn, product)? >= MOST_ROTAS {
        let detail = format!("A product may have {MOST_ROTAS} rotas: delete one that is not used any more.");
        return Err(Error::new(Code::Conflict, detail));
    }
    rotas::insert(tx, &rota)?;
    tx.event("rota.created", rota.id, Some(product), json!({ "member_ids": rota.members }));
    Ok(rota)
}

/// Changes a rota by a merge patch. Members who can no longer be on duty may stay in it, but not be added.
///
/// # Errors
/// 404, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Rota> {
    let before = rotas::lock(tx, id)?;
    check_version(if_match, before.version)?;
    let was = RotaEdit::from(&before);
    let mut edit: RotaEdit = decode::patched(&was, patch)?;
    edit.name = edit.name.trim().to_owned();
    let fields = decode::changed_fields(&was, &edit);
    if fields.is_empty() {
        return with_unavailable(tx.conn, before);
    }
    let RotaEdit { name, time_zone, start, every, length, hand_over, members, restrictions, layer } = edit;
    let there = before.members.clone();
    let version = before.version + 1;
    let rota = Rota {
        name,
        time_zone,
        start,
        every,
        length,
        hand_over,
        members,
        restrictions,
        layer,
        version,
        updated_at: tx.now,
        ..before
    };
    check(tx, &rota, &there)?;
    rotas::update(tx, &rota)?;
    let data = json!({ "fields": fields, "member_ids": rota.members });
    tx.event("rota.updated", id, Some(rota.product_id), data);
    with_unavailable(tx.conn, rota)
}

/// Deletes a rota with its overrides.
///
/// # Errors
/// 404, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<()> {
    let rota = rotas::lock(tx, id)?;
    check_version(if_match, rota.version)?;
    rotas::delete(tx, id)?;
    tx.event("rota.deleted", id, Some(rota.product_id), json!({}));
    Ok(())
}

/// Checks what a schema can't say: the time zone, and that members can be on duty unless they were there before.
fn check(tx: &mut Tx<'_>, rota: &Rota, there: &[Id]) -> Result<()> {
    let mut wrong = Vec::new();
    if rota.time_zone.parse::<chrono_tz::Tz>().is_err() {
        let detail = "must be the IANA name of a time zone, such as Asia/Seoul";
        wrong.push(FieldError::new("/time_zone", "format", detail));
    }
    let years = 2000..=2200;
    if !years.contains(&chrono::Datelike::year(&rota.start)) {
        wrong.push(FieldError::new("/start", "range", "must be a date from 2000 to 2200"));
    }
    for (n, id) in rota.members.iter().enumerate().filter(|(_, id)| !there.contains(id)) {
        wrong.extend(cannot_be_on_duty(tx, *id, rota.product_id, format!("/members/{n}"))?);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// The reason why a member can't be on duty for a product.
pub(super) fn cannot_be_on_duty(
    tx: &mut Tx<'_>,
    id: Id,
    product: Id,
    pointer: impl Into<String>,
) -> Result<Option<FieldError>> {
    if members::find_active(tx.conn, id)?.is_none() {
        return Ok(Some(Reference::ActiveMember.unknown(pointer)));
    }
    let may_read = access::readers(tx.conn, Some(product), vec![id], READ_ROTA)?;
    let detail = "is a member without access to this product";
    Ok(may_read.is_empty().then(|| FieldError::new(pointer, "not_allowed", detail)))
}
