//! How good the grouping is, on streams with labels.

pub mod metrics;
pub mod replay;
