//! Transfer: export, restore into another instance, and backups.

pub(in crate::store) mod backup;
pub mod export;
pub(in crate::store) mod export_rows;
pub mod restore;
