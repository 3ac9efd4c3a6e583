//! What all areas use.

pub(in crate::jobs) mod backpressure;
pub mod housekeeping;
pub mod leased;
pub mod scheduler;
pub mod vacuum;
pub mod watching;
