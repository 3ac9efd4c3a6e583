//! Privacy: requests of persons, retention, breaches and checklists. A file each.

automod::dir!(pub(in crate::http) "src/http/console/privacy");
