//! What all areas use.

pub mod bulk;
pub mod condition;
