//! Transfer: export, and restore into another instance.

pub mod export;
pub(in crate::store) mod export_rows;
pub mod exported;
pub(in crate::store) mod restore;
