//! Shared parts of the HTTP layer: extractors, replies, authorization and middleware.

pub mod auth;
pub(in crate::http) mod body;
pub(in crate::http) mod conditional;
pub(in crate::http) mod connection;
pub mod context;
pub(in crate::http) mod docs;
pub(in crate::http) mod extract;
pub(in crate::http) mod head;
pub(in crate::http) mod memory;
pub(in crate::http) mod metrics;
pub mod operations;
pub(in crate::http) mod problem;
pub(in crate::http) mod rate_limit;
pub(in crate::http) mod reply;
pub(in crate::http) mod routing;
pub(in crate::http) mod seen;
