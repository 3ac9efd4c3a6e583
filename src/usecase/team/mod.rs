//! The team: members, tokens, products and internal notes.

pub mod invitations;
pub mod known_names;
pub mod members;
pub mod notes;
pub mod passwords;
pub mod products;
pub mod sessions;
pub mod sign_in;
pub mod tokens;
pub mod verifier;
