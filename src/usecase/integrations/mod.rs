//! Integrations: outgoing webhooks and deliveries, and inbound hooks.

pub mod feed;
pub(in crate::usecase) mod renames;
pub mod replay;
pub mod tracker;
pub mod webhook_body;
pub(in crate::usecase) mod webhook_text;
pub mod webhooks;
