//! Search: terms, and the index over them.

pub(in crate::domain) mod term_runs;
pub mod terms;
