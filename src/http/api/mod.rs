//! The operations of the API, one folder for each area.

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
