//! The pages of the console, a file each.

automod::dir!(pub(in crate::http) "src/http/console/pages");
