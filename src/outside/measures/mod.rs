//! Metrics of other systems: questions to Prometheus, what it sends by remote write, and the text format of exporters.

pub mod exposition;
pub mod prometheus_api;
pub mod remote_write;
