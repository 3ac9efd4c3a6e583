//! Who owns an incident.

use super::hand_offs;
use crate::domain::base::{Id, Time};
use crate::domain::operations::ownership::{Ownership, OwnershipReason};
use crate::domain::team::Product;
use crate::error::{Code, Error, Result};
use crate::store::operations::incidents;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};

/// The member who owns what happens to a product at a time, and why. One is found as long as there is an active admin.
///
/// # Errors
/// 503 where there is no active admin: a sender of alerts then tries again, and nothing is opened that nobody owns.
pub fn owner_at(conn: &mut Conn, product: &Product, at: Time) -> Result<(Id, Ownership)> {
    // Nobody is on duty without a rota, whatever the time is.
    let _ = at;
    if let Some(owner) = product.owner_id
        && members::find_active(conn, owner)?.is_some()
    {
        return Ok((owner, Ownership::of(OwnershipReason::ProductOwner, None)));
    }
    if let Some(admin) = members::first_admin(conn)? {
        return Ok((admin, Ownership::of(OwnershipReason::FirstAdmin, None)));
    }
    let detail = "An incident needs an owner, and there is no active admin. Invite one, and send this again.";
    Err(Error::new(Code::Unavailable, detail))
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
