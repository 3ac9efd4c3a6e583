//! Shared parts of the jobs: the scheduler, leases, back-pressure, and the maintenance of the database.

pub(in crate::jobs) mod backpressure;
pub mod fair_share;
pub mod housekeeping;
pub mod leased;
pub(in crate::jobs) mod pace;
pub mod scheduler;
pub mod shares;
pub mod vacuum;
pub mod watching;
