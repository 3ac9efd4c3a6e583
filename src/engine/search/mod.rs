//! The nearest texts to a vector.

pub(in crate::engine) mod copies;
pub(in crate::engine) mod items;
pub(in crate::engine) mod lookup;
pub(in crate::engine) mod nearest;
pub(in crate::engine) mod sketch;
