//! Feedback: items, customers, accounts and imports.

automod::dir!(pub(in crate::http) "src/http/api/feedback");
