//! Retention: rules, what they remove, and legal holds.

pub mod holds;
pub mod old;
pub mod removal;
pub mod rules;
