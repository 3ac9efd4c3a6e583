//! Integrations: outgoing webhooks and deliveries, incoming hooks.

pub(in crate::http) mod deliveries;
pub(in crate::http) mod hooks;
pub(in crate::http) mod webhook_messages;
pub(in crate::http) mod webhooks;
