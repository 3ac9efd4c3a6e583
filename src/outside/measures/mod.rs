//! Metrics of other systems: questions to Prometheus, and what it sends by remote write.

pub mod prometheus_api;
pub mod remote_write;
