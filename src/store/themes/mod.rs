//! Group: feedback that means the same, and what people correct about it.

pub mod assignments;
pub mod corrections;
pub mod embeddings;
pub mod list;
pub mod proposals;
pub mod refinements;
pub mod rows;
pub mod stale;
pub mod strays;
pub mod vectors;
