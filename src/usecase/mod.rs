//! The steps of the loop, one file each: functions of a transaction and an input. What writes may be run again, and
//! has no effect outside its transaction.

pub mod base;
pub mod closure;
pub mod feedback;
pub mod integrations;
pub mod privacy;
pub mod releases;
pub mod stories;
pub mod team;
pub mod themes;
pub mod transfer;
