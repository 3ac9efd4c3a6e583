//! Work on other threads: the write queue, and what work gives back.

pub(in crate::store) mod commits;
mod lock;
pub(in crate::store) mod output;
pub(in crate::store) mod writer;
