//! What runs beside the requests.

pub mod base;
pub mod closure;
pub mod feedback;
pub mod integrations;
pub mod outbox;
pub mod stories;
pub mod themes;
