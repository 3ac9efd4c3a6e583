//! Hearback: closed-loop voice of customer.
//!
//! Imports have one direction: `http | cli | jobs -> usecase -> store -> domain`, and `usecase -> engine -> domain`;
//! `tests/tidy/` checks this. `ARCHITECTURE.md` explains the layers.

// Diesel lets each table be joined with each other one by a macro that calls itself once for a table.
#![recursion_limit = "256"]

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod error;
pub mod http;
pub mod jobs;
pub mod meter;
pub mod outside;
pub mod store;
pub mod usecase;

pub use hearback_core::{domain, engine, refusal};
