//! Operations that belong to no area: the event log, the trace, health checks and metrics.

pub(in crate::http) mod events;
pub(in crate::http) mod gauges;
pub(in crate::http) mod health;
pub(in crate::http) mod root;
pub(in crate::http) mod store_metrics;
pub(in crate::http) mod trace;
