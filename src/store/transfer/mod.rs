//! Transfer: export, restore into another instance, and backups. What is exported of a table, and how it comes back,
//! stands beside the table in `store/schema/`.

pub(in crate::store) mod backup;
pub mod export;
pub mod exported;
pub(in crate::store) mod lines;
pub mod restore;
