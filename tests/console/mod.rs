//! The console: getting in, who may do what, and its pages.

mod access;
mod browser;
mod commands;
mod escaping;
mod getting_in;
mod pages;
mod sessions;
pub mod visitor;
