//! Group: themes, the assignment of feedback to them, and corrections by people.

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
