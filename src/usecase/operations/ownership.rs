//! Who owns a new incident.

use crate::domain::base::{Id, Time};
use crate::domain::operations::ownership::{Ownership, OwnershipReason};
use crate::domain::team::Product;
use crate::error::{Code, Error, Result};
use crate::store::Conn;
use crate::store::team::members;

/// The member who owns what happens to a product at a time, and why. One is found as long as there is an active admin.
///
/// # Errors
/// 503 where there is no active admin: a sender of alerts then tries again, and nothing is opened that nobody owns.
pub fn owner_at(conn: &mut Conn, product: &Product, at: Time) -> Result<(Id, Ownership)> {
    // Nobody is on duty without a rota, whatever the time is.
    let _ = (product, at);
    if let Some(admin) = members::first_admin(conn)? {
        return Ok((admin, Ownership::of(OwnershipReason::FirstAdmin, None)));
    }
    let detail = "An incident needs an owner, and there is no active admin. Invite one, and send this again.";
    Err(Error::new(Code::Unavailable, detail))
}
