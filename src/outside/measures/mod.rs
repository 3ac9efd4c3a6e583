//! Metrics of other systems: questions to Prometheus, what it sends by remote write, what OpenTelemetry sends, and the text
//! format of exporters.

pub mod exposition;
pub mod otlp;
pub mod prometheus_api;
pub mod remote_write;
