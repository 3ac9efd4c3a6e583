//! Search: terms, and the index over them.

pub(in crate::store) mod containing;
pub(in crate::store) mod index;
