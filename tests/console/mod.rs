//! The console: getting in, who may do what, and its pages.

mod access;
mod browser;
mod commands;
mod driver;
mod escaping;
mod getting_in;
mod keys;
mod pages;
mod sessions;
mod visitor;
