//! Reports: making, approving and sending them, their links, subscriptions, and the sales view.

automod::dir!(pub(in crate::http) "src/http/api/reports");
