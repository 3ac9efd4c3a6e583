//! Hearback: closed-loop voice of customer.
//!
//! Imports have one direction: `http | cli | jobs -> usecase -> store -> domain`, and `usecase -> engine -> domain`;
//! `tests/tidy.rs` checks this. `ARCHITECTURE.md` explains the layers.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod error;
pub mod http;
pub mod jobs;
pub mod meter;
pub mod outside;
pub mod store;
pub mod usecase;
