//! The team: members, tokens, products and internal notes.

pub mod known_names;
pub mod members;
pub mod notes;
pub mod products;
pub mod tokens;
pub mod verifier;
