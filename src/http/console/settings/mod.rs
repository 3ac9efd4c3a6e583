//! The settings: products, members, tokens, webhooks, sources, imports and the audit log. A file each.

automod::dir!(pub(in crate::http) "src/http/console/settings");

pub(in crate::http) mod importing;
