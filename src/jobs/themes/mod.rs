//! Jobs of themes: embedding, grouping, refining and describing.

pub(in crate::jobs) mod describing;
pub mod embedding;
pub(in crate::jobs) mod engine_sync;
pub mod grouping;
pub(in crate::jobs) mod refining;
