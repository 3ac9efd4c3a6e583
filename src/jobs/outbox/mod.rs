//! The outbox: what happens here is told outside, at least once, in order, and lost by no crash.

pub mod desk;
pub mod mail;
mod sending;

pub use sending::{FanOut, Outcome, Sender};
