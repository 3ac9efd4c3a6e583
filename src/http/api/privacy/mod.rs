//! Privacy: requests of persons, retention, breaches, consents and checklists.

automod::dir!(pub(in crate::http) "src/http/api/privacy");
