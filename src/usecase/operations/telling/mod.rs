//! Telling customers of incidents, and what they answer.

pub mod answers;
pub mod sending;
