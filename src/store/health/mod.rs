//! Health: whether the database is whole, reachable and still the same.

pub mod condition;
pub(in crate::store) mod guard;
pub mod integrity;
pub(in crate::store) mod lock;
pub mod private;
pub mod wanted;
pub mod watch;
