//! Jobs of feedback: filing, imports, and recognizing what earlier versions filed.

pub mod import;
pub(in crate::jobs) mod import_alive;
pub(in crate::jobs) mod import_spool;
pub mod recognition;
