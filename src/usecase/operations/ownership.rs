//! Who owns an incident.

use super::{duty, hand_offs};
use crate::domain::base::{Id, Time};
use crate::domain::operations::ownership::{Ownership, OwnershipReason};
use crate::domain::team::Product;
use crate::error::{Code, Error, Result};
use crate::store::operations::incidents;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};
use crate::usecase::team::access;

/// The member who owns what happens to a product at a time, and why: who is on duty, else the owner of the product, else
/// the first admin. One is found as long as there is an active admin.
///
/// # Errors
/// 503 where there is no active admin: a sender of alerts then tries again, and nothing is opened that nobody owns.
pub fn owner_at(conn: &mut Conn, product: &Product, at: Time) -> Result<(Id, Ownership)> {
    let on_call = duty::at(conn, product.id, at)?;
    if let Some(member) = on_call.member_id {
        return Ok((member, Ownership::of(OwnershipReason::OnDuty, on_call.rota_id)));
    }
    if let Some((member, reason)) = stand_in(conn, product.id)? {
        return Ok((member, Ownership::of(reason, None)));
    }
    let detail = "An incident needs an owner, and there is no active admin. Invite one, and send this again.";
    Err(Error::new(Code::Unavailable, detail))
}

/// Who stands in for a product where nobody is on duty: its owner, or the first admin.
pub fn stand_in(conn: &mut Conn, product: Id) -> Result<Option<(Id, OwnershipReason)>> {
    if let Some(owner) = products::get(conn, product)?.owner_id
        && members::find_active(conn, owner)?.is_some()
        && !access::readers(conn, Some(product), vec![owner], "get_incident")?.is_empty()
    {
        return Ok(Some((owner, OwnershipReason::ProductOwner)));
    }
    Ok(members::first_admin(conn)?.map(|admin| (admin, OwnershipReason::FirstAdmin)))
}

/// Gives the incidents of a member who is no longer active to others. An incident for which nobody is found stays.
pub(in crate::usecase) fn owner_left(tx: &mut Tx<'_>, member: Id) -> Result<()> {
    for id in incidents::owned_by(tx.conn, member)? {
        let incident = incidents::lock(tx, id)?;
        let product = products::get(tx.conn, incident.product_id)?;
        match owner_at(tx.conn, &product, tx.now) {
            Ok((owner, _)) => {
                hand_offs::end_open(tx, &incident)?;
                hand_offs::change_owner(tx, incident, owner, Ownership::of(OwnershipReason::OwnerLeft, None))?;
            }
            Err(error) if error.code == Code::Unavailable => tracing::warn!(incident = %id, "nobody can own it"),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
