//! Work on other threads: the write queue, reads of the primary and of replicas, and what work gives back.

pub(in crate::store) mod address;
pub(in crate::store) mod advisory;
pub(in crate::store) mod commits;
pub mod fresh;
pub mod freshness;
pub(in crate::store) mod output;
mod reading;
pub mod replicas;
pub(in crate::store) mod writer;
