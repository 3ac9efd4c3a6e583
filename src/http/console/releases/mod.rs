//! Releases: their calendar, what is on board, shipping and rolling back. A file each.

automod::dir!(pub(in crate::http) "src/http/console/releases");
