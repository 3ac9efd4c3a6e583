//! Integrations: outgoing webhooks and deliveries, and inbound hooks.

automod::dir!(pub "src/store/integrations");
