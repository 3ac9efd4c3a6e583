//! Searching and filtering: the terms of texts and queries, and several values of a filter.

pub mod several;
pub(in crate::domain) mod term_runs;
pub mod terms;
