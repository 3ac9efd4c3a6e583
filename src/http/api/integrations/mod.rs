//! Integrations: outgoing webhooks and deliveries, incoming hooks.

automod::dir!(pub(in crate::http) "src/http/api/integrations");
