//! Group: feedback that means the same, and what people correct about it.

pub(in crate::jobs) mod describing;
pub mod embedding;
pub(in crate::jobs) mod engine_sync;
pub mod grouping;
pub(in crate::jobs) mod refining;
