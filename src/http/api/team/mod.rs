//! The team: members, tokens, products and internal notes.

pub(in crate::http) mod invitations;
pub(in crate::http) mod me;
pub(in crate::http) mod members;
pub(in crate::http) mod notes;
pub(in crate::http) mod products;
pub(in crate::http) mod tokens;
