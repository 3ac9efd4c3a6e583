//! Transfer: export, and restore into another instance. What is exported of a table, and how it comes back, stands beside
//! the table in `store/schema/`.

pub mod export;
pub mod exported;
pub(in crate::store) mod lines;
pub mod restore;
