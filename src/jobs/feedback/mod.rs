//! Listen: what customers said, who they are, and the files it came in.

pub mod filing;
pub mod import;
pub(in crate::jobs) mod import_alive;
pub(in crate::jobs) mod import_identity;
pub mod import_options;
pub(in crate::jobs) mod import_rows;
pub(in crate::jobs) mod import_spool;
pub mod recognition;
