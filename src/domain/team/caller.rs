//! The caller of a request.

use std::sync::Arc;

use super::Role;
use super::access::{ProductAccess, Scope};
use crate::domain::base::{Actor, Id};

/// The caller of a request: a verified token, or the session of a member.
#[derive(Clone, Debug)]
pub struct Caller {
    pub token_id: Id,
    pub member_id: Option<Id>,
    pub role: Role,
    /// What they may do in which product.
    pub access: Arc<ProductAccess>,
}

impl Caller {
    /// The caller in the form of the event log.
    pub fn actor(&self) -> Actor {
        match self.member_id {
            Some(id) => Actor { kind: "member", id: Some(id) },
            None => Actor { kind: "service", id: Some(self.token_id) },
        }
    }

    /// What the caller may read and write with an operation.
    pub fn scope_for(&self, operation: &str) -> Scope {
        Scope::of(self.access.products_for(operation), self.access.visible(), self.id())
    }

    /// What the caller may know of.
    pub fn visible(&self) -> Scope {
        Scope::of(self.access.visible(), None, self.id())
    }

    /// The member, or the token of a service.
    pub fn id(&self) -> Id {
        self.member_id.unwrap_or(self.token_id)
    }
}
