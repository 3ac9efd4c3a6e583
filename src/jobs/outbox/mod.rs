//! The outbox: what happens here is told outside, at least once, in order, and lost by no crash.

mod sending;
pub mod tracker;

pub use sending::{FanOut, Outcome, Sender};
