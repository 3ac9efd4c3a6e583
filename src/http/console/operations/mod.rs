//! Operations: incidents, and who is on duty. A file each.

automod::dir!(pub(in crate::http) "src/http/console/operations");
