//! Search: terms and the full-text index.

pub(in crate::store) mod containing;
pub(in crate::store) mod index;
pub(in crate::store) mod newest;
