//! Measures: metrics and their samples, remote write, and the effect of releases.

automod::dir!(pub(in crate::http) "src/http/api/measures");
