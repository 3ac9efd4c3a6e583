//! Jobs of metrics: rolling up samples, and asking Prometheus.

automod::dir!(pub "src/jobs/measures");
