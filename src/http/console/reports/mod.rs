//! Reports and their subscriptions. A file each.

automod::dir!(pub(in crate::http) "src/http/console/reports");
