//! The team: members, tokens, products and internal notes.

pub mod members;
pub mod note_mentions;
pub mod notes;
pub mod products;
pub mod tokens;
