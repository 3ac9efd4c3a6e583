//! What all areas use: bulk operations and the condition of the instance.

pub mod bulk;
pub mod condition;
