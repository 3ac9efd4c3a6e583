//! Search: terms and the full-text index.

pub(in crate::store) mod containing;
pub mod index;
pub(in crate::store) mod newest;
