//! Evaluation of the grouping on labelled streams.

pub mod metrics;
pub mod replay;
pub mod translations;
