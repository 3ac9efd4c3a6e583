//! The console: getting in, who may do what, and its pages.

mod access;
mod backlog;
mod browser;
mod commands;
mod driver;
mod escaping;
mod getting_in;
mod keys;
mod pages;
mod product_day;
mod proposals;
mod sessions;
mod themes;
mod visitor;
