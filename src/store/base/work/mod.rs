//! Work on other threads: the write queue, and what work gives back.

pub(in crate::store) mod commits;
pub(in crate::store) mod output;
pub(in crate::store) mod writer;
