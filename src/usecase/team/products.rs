//! Products: what the team develops.

use serde_json::{Value, json};

use super::access;
use crate::domain::base::decode;
use crate::domain::base::{Id, check_version};
use crate::domain::team::access::Visibility;
use crate::domain::team::{DEFAULT_PRODUCT, NewProduct, Product, ProductEdit, ProductSettings, default_currency};
use crate::error::{Code, Error, Result};
use crate::store::releases::left_behind;
use crate::store::stories::weighted;
use crate::store::team::{members, products};
use crate::store::themes::stale;
use crate::store::{self, Tx};
use crate::usecase::releases::trains;
use crate::usecase::stories::progress::catch_up;

/// Creates the product that every instance starts with, key `HB`.
pub fn ensure_default_product(tx: &mut Tx<'_>) -> Result<()> {
    let input = NewProduct {
        key: "HB".to_owned(),
        name: "Hearback".to_owned(),
        currency: default_currency(),
        visibility: None,
        default_role: None,
        owner_id: None,
        settings: ProductSettings::default(),
    };
    insert(tx, DEFAULT_PRODUCT, &input).map(drop)
}

/// Creates a product.
///
/// # Errors
/// 409 where the key is taken, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewProduct) -> Result<Product> {
    refuse(&input.settings)?;
    if let Some(owner) = products::find(tx.conn, &input.key)? {
        let detail = match tx.scope.has(owner.id) {
            true => format!("Product {} has this key already.", owner.id),
            false => "This key is taken.".to_owned(),
        };
        return Err(Error::new(Code::Conflict, detail));
    }
    known_owner(tx, input.owner_id)?;
    let product = insert(tx, Id::next(), input)?;
    check_owner(tx, &product)?;
    Ok(product)
}

fn insert(tx: &mut Tx<'_>, id: Id, input: &NewProduct) -> Result<Product> {
    let product = Product {
        id,
        key: input.key.clone(),
        name: input.name.clone(),
        currency: input.currency.clone(),
        visibility: input.visibility.unwrap_or(Visibility::Team),
        default_role: input.default_role,
        owner_id: input.owner_id,
        archived_at: None,
        settings: input.settings.clone(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    if products::insert_new(tx, &product)? {
        tx.event("product.created", id, Some(id), json!({ "key": product.key }));
        access::keep_for_actor(tx, id)?;
    }
    Ok(product)
}

/// Changes a product by a merge patch.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Product> {
    let current = products::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = ProductEdit::from(&current);
    let edit: ProductEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    refuse(&edit.settings)?;
    let (old, new) = (&current.settings, &edit.settings);
    let drafts_differ = (old.draft_customers, old.draft_items) != (new.draft_customers, new.draft_items);
    let granularity_differs = old.granularity != new.granularity;
    let current_gates = old.gates.clone();
    let currency_differs = current.currency != edit.currency;
    let (calendar, owner) = (current.calendar(), current.owner_id);
    known_owner(tx, edit.owner_id.filter(|id| owner != Some(*id)))?;
    let weights_differ = old.score_weights != new.score_weights;
    if currency_differs || drafts_differ {
        stale::of_product(tx, id)?;
    }
    if weights_differ || (currency_differs && new.score_weights.account_value > 0.0) {
        weighted::rank_anew(tx, id)?;
    }
    let product = Product {
        name: edit.name,
        currency: edit.currency,
        visibility: edit.visibility,
        default_role: edit.default_role,
        owner_id: edit.owner_id,
        settings: edit.settings,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    let gates_differ = current_gates != product.settings.gates;
    products::update(tx, &product)?;
    access::keep_for_actor(tx, id)?;
    if product.owner_id != owner {
        check_owner(tx, &product)?;
    }
    trains::calendar_changed(tx, &product, &calendar)?;
    if gates_differ {
        // A gate that was removed no longer blocks a story.
        for story in left_behind::of_product(tx.conn, id)? {
            catch_up(tx, story)?;
        }
    }
    if granularity_differs {
        products::ask_cold_refinement(tx, id)?;
    }
    tx.event("product.updated", id, Some(id), json!({ "fields": fields }));
    Ok(product)
}

/// Archives a product that nobody works on any more. Everything in it stays, can be read and is exported.
///
/// # Errors
/// 404, 409 for the product that every instance has, 412.
pub fn archive(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Product> {
    if id == DEFAULT_PRODUCT {
        let detail = "Feedback that names no product is filed in this one: it can't be archived.";
        return Err(Error::new(Code::Conflict, detail));
    }
    set_archived(tx, id, if_match, true)
}

/// Takes a product out of the archive.
///
/// # Errors
/// 404, 412.
pub fn restore(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Product> {
    set_archived(tx, id, if_match, false)
}

fn set_archived(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, archived: bool) -> Result<Product> {
    let current = products::lock(tx, id)?;
    check_version(if_match, current.version)?;
    if current.archived_at.is_some() == archived {
        return Ok(current);
    }
    let (archived_at, version) = (archived.then_some(tx.now), current.version + 1);
    let product = Product { archived_at, version, updated_at: tx.now, ..current };
    products::update(tx, &product)?;
    let kind = if archived { "product.archived" } else { "product.restored" };
    tx.event(kind, id, Some(id), json!({ "key": product.key }));
    Ok(product)
}

/// # Errors
/// 422 where this is no active member.
fn known_owner(tx: &mut Tx<'_>, owner: Option<Id>) -> Result<()> {
    owner.map_or(Ok(()), |id| members::known_active(tx.conn, id, "/owner_id").map(drop))
}

/// # Errors
/// 422 where the owner has no role in the product, as after the product became private.
fn check_owner(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    let Some(owner) = product.owner_id else { return Ok(()) };
    match store::team::access::with_role(tx.conn, product.id, &[owner], |_| true)?.is_empty() {
        true => Err(Error::field("/owner_id", "unknown", "must be a member with a role in the product")),
        false => Ok(()),
    }
}

fn refuse(settings: &ProductSettings) -> Result<()> {
    let wrong = settings.problems();
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}
