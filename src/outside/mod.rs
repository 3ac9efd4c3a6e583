//! The outside world: outgoing requests, imported files, inbound hooks, issue trackers, models and mail.

pub mod client;
pub mod hooks;
pub mod import;
pub mod mail;
pub mod measures;
pub mod models;
pub mod oidc;
pub mod trackers;
pub mod webhook_signature;
