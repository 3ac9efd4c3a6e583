//! Integrations: outgoing webhooks and deliveries, and inbound hooks.

pub mod deliveries;
pub mod delivery_clock;
pub mod delivery_list;
pub mod hook_deliveries;
pub mod undelivered;
pub mod webhooks;
