//! Group: feedback that means the same, and what people correct about it.

pub mod assignments;
pub mod corrections;
pub mod granularity;
pub mod groupers;
pub mod proposals;
pub mod undo;
pub mod wording;
