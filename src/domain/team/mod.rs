//! The team: members, tokens, products and internal notes.

pub(in crate::domain) mod member;
pub mod mentions;
pub(in crate::domain) mod note;
pub(in crate::domain) mod product;
pub(in crate::domain) mod product_settings;
pub mod rights;
