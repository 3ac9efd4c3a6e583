//! The outside world: requests that leave, imported files, hooks, trackers, models and mail.

pub mod client;
pub mod hooks;
pub mod import;
pub mod mail;
pub mod models;
pub mod trackers;
pub mod webhook_signature;
