//! What all areas use: connections, the write queue, events, leases, types.

pub mod claims;
pub mod coalesce;
pub mod conn;
pub(in crate::store) mod error;
pub mod events;
pub mod idempotency;
pub mod leases;
pub mod log_base;
pub mod log_readers;
pub mod migrate;
pub(in crate::store) mod query;
pub mod scope;
pub mod secrets;
pub(in crate::store) mod types;
pub mod vacuum;
pub(in crate::store) mod work;

pub use query::statements_run;
