//! Searching and filtering: the terms of texts and queries, and several values of a filter.

pub(in crate::domain) mod term_runs;
pub mod several;
pub mod terms;
