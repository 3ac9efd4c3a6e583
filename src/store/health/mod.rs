//! Health: whether the database is intact, reachable and unchanged.

pub mod access_journal;
pub mod condition;
pub mod drift;
pub(in crate::store) mod guard;
pub mod integrity;
pub mod ledger_file;
pub(in crate::store) mod lock;
pub mod private;
pub mod replication;
pub mod wanted;
pub mod watch;
