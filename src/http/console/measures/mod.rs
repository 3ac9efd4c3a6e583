//! The pages of metrics.

automod::dir!(pub(in crate::http) "src/http/console/measures");
