//! Jobs of feedback: filing, imports, and recognizing what earlier versions filed.

pub mod filing;
pub mod import;
pub(in crate::jobs) mod import_alive;
pub(in crate::jobs) mod import_identity;
pub mod import_options;
pub(in crate::jobs) mod import_rows;
pub(in crate::jobs) mod import_spool;
pub mod recognition;
