//! Group: assignment of feedback to themes, texts of themes, and corrections by people.

pub mod assignments;
pub mod corrections;
pub mod embedding;
pub mod granularity;
pub mod groupers;
pub mod proposals;
pub mod undo;
pub mod wording;
