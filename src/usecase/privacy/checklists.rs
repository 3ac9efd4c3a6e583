//! Checklists of laws: a product adopts one as gates, edits them like all its gates, and drops it.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::base::language::Language;
use crate::domain::privacy::checklist::{Checklist, ChecklistAdoption, ChecklistItem, Checklists, Law};
use crate::domain::team::{Gate, Product};
use crate::error::{Error, Result};
use crate::store::privacy::checklists;
use crate::store::team::products as stored;
use crate::store::{Conn, Tx};
use crate::usecase::team::products;

/// The most gates of a product.
const MOST_GATES: usize = 50;

/// The checklists of a product, with who signed their items last.
///
/// # Errors
/// 404.
pub fn of(conn: &mut Conn, product: Id) -> Result<Checklists> {
    let product = stored::get(conn, product)?;
    let adopted = checklists::of_product(conn, product.id)?;
    let language = Language::of(product.settings.language.as_deref());
    let gates_of = |law: Law| -> Vec<Gate> {
        match adopted.iter().any(|one| one.law == law) {
            true => product.settings.gates.iter().filter(|gate| law.owns(&gate.key)).cloned().collect(),
            false => law.gates(language),
        }
    };
    let keys: Vec<String> = Law::ALL.iter().flat_map(|law| gates_of(*law)).map(|gate| gate.key).collect();
    let mut signatures = checklists::signatures(conn, product.id, &keys)?;
    let mut data = Vec::new();
    for law in Law::ALL {
        let items = gates_of(*law).into_iter().map(|gate| {
            let own = signatures.remove(&gate.key).unwrap_or_default();
            ChecklistItem {
                key: gate.key,
                title: gate.title,
                stage: gate.stage,
                signed: own.stories,
                last_signed: own.last,
            }
        });
        let own = adopted.iter().find(|one| one.law == *law);
        data.push(Checklist {
            law: *law,
            adopted_at: own.map(|own| own.at),
            adopted_by: own.and_then(|own| own.by),
            items: items.collect(),
        });
    }
    Ok(Checklists { data })
}

/// Adopts the checklist of a law: its items become gates of the product. Gates that the product has already stay as they
/// are. Adopting again adds the items that were removed.
///
/// # Errors
/// 404, 422 where the product would have too many gates.
pub fn adopt(tx: &mut Tx<'_>, product: Id, input: &ChecklistAdoption) -> Result<Checklists> {
    let current = stored::lock(tx, product)?;
    let language = Language::of(input.language.as_deref().or(current.settings.language.as_deref()));
    let mut gates = current.settings.gates.clone();
    let there: Vec<String> = gates.iter().map(|gate| gate.key.clone()).collect();
    gates.extend(input.law.gates(language).into_iter().filter(|gate| !there.contains(&gate.key)));
    if gates.len() > MOST_GATES {
        let detail = format!("would give the product more than {MOST_GATES} gates: remove some first");
        return Err(Error::field("/law", "too_many", detail));
    }
    let is_new = checklists::insert(tx, product, input.law)?;
    set_gates(tx, &current, gates)?;
    if is_new {
        tx.event("product.checklist_adopted", product, Some(product), json!({ "law": input.law }));
    }
    of(tx.conn, product)
}

/// Drops the checklist of a law: its gates go. What was signed stays in the stories.
///
/// # Errors
/// 404 where the product did not adopt it.
pub fn drop_law(tx: &mut Tx<'_>, product: Id, law: Law) -> Result<Checklists> {
    let current = stored::lock(tx, product)?;
    if !checklists::delete(tx, product, law)? {
        return Err(Error::not_found("checklist of this law in the product"));
    }
    let gates = current.settings.gates.iter().filter(|gate| !law.owns(&gate.key)).cloned().collect();
    set_gates(tx, &current, gates)?;
    tx.event("product.checklist_dropped", product, Some(product), json!({ "law": law }));
    of(tx.conn, product)
}

/// Gives the product these gates, as an edit of its settings does.
fn set_gates(tx: &mut Tx<'_>, product: &Product, gates: Vec<Gate>) -> Result<()> {
    if gates == product.settings.gates {
        return Ok(());
    }
    products::edit(tx, product.id, None, &json!({ "settings": { "gates": gates } })).map(drop)
}
