//! The team: members, tokens, products and internal notes.

pub mod attempts;
pub mod invitations;
pub mod members;
pub mod note_mentions;
pub mod notes;
pub mod passwords;
pub mod products;
pub mod sessions;
pub mod tokens;
