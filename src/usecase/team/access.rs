//! Setting the roles of members in products.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::team::access::ProductRole;
use crate::domain::team::rights::allowed;
use crate::domain::team::{Member, Role};
use crate::error::Result;
use crate::store::team::{access, members, products};
use crate::store::{Conn, Tx};

/// Sets the role of a member in a product, which counts instead of their own.
///
/// # Errors
/// 404.
pub fn set(tx: &mut Tx<'_>, member: Id, product: Id, role: Role) -> Result<ProductRole> {
    let (member, product) = (members::get(tx.conn, member)?, products::get(tx.conn, product)?.id);
    if access::set(tx, member.id, product, role)? {
        tx.event("member.product_role_set", member.id, Some(product), json!({ "role": role }));
    }
    shown(tx.conn, &member, product)
}

/// Removes the role that is set for a member in a product: what the product gives to every member counts again.
///
/// # Errors
/// 404.
pub fn remove(tx: &mut Tx<'_>, member: Id, product: Id) -> Result<()> {
    let (member, product) = (members::get(tx.conn, member)?.id, products::get(tx.conn, product)?.id);
    if access::remove(tx, member, product)? {
        tx.event("member.product_role_removed", member, Some(product), json!({}));
    }
    Ok(())
}

/// The member who makes a product private keeps their access to it.
pub(in crate::usecase) fn keep_for_actor(tx: &mut Tx<'_>, product: Id) -> Result<()> {
    let Some(id) = tx.actor.id.filter(|_| tx.actor.kind == "member") else { return Ok(()) };
    let member = members::get(tx.conn, id)?;
    let (rule, set_before) = (access::rule_of(tx.conn, product)?, access::set_in(tx.conn, product)?);
    if rule.role_of(member.role, set_before.get(&id).copied()).0.is_none() {
        set(tx, id, product, member.role)?;
    }
    Ok(())
}

/// Which of these members may read a resource of a product, such as a note. Without a product, all may.
pub fn readers(conn: &mut Conn, product: Option<Id>, among: Vec<Id>, operation: &str) -> Result<Vec<Id>> {
    let Some(product) = product else { return Ok(among) };
    let readers = access::with_role(conn, product, &among, |role| allowed(operation, role))?;
    Ok(among.into_iter().filter(|id| readers.contains(id)).collect())
}

fn shown(conn: &mut Conn, member: &Member, product: Id) -> Result<ProductRole> {
    let (found, set) = (products::get(conn, product)?, access::set_for(conn, member.id)?);
    let (role, source) = access::rule_of(conn, product)?.role_of(member.role, set.get(&product).copied());
    Ok(ProductRole { product_id: product, product_key: found.key, visibility: found.visibility, role, source })
}
