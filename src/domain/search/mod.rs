//! Full-text search: the terms of texts and queries.

pub(in crate::domain) mod term_runs;
pub mod terms;
