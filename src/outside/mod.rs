//! The outside world: outgoing requests, imported files, inbound hooks, issue trackers, models and mail.

pub mod client;
pub mod hooks;
pub mod import;
pub mod mail;
pub mod models;
pub mod oidc;
pub mod prometheus_api;
pub mod remote_write;
pub mod trackers;
pub mod webhook_signature;
