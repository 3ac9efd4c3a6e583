//! Telling customers of incidents, and what they answer.

pub mod answers;
pub mod desks;
pub mod sending;
