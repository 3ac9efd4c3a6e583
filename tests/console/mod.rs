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
mod support_browser;
mod support_customers;
mod support_inbox;
mod support_tell;
mod visitor;
