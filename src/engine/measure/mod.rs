//! Evaluation of the grouping on labelled streams.

pub mod documents;
pub mod metrics;
pub mod replay;
pub mod translations;
