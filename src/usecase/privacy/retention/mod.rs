//! Retention: rules and their dry runs, legal holds, and the removal of what is old.

pub mod built_in;
pub mod held_erasure;
pub mod holds;
pub mod pieces;
pub mod rules;
pub mod words;
