//! The steps of the loop, one file each: functions of a transaction (or a connection) and an input.
//!
//! A function that writes may run more than once, so it has no effect outside its transaction. Every function returns
//! the errors of the database; `# Errors` sections name only the errors beyond those.

pub mod base;
pub mod closure;
pub mod evaluations;
pub mod feedback;
pub mod integrations;
pub mod measures;
pub mod operations;
pub mod privacy;
pub mod releases;
pub mod stories;
pub mod team;
pub mod themes;
pub mod transfer;
