//! The console: getting in, who may do what, and its pages.

mod access;
mod backlog;
mod browser;
mod commands;
mod escaping;
mod getting_in;
mod pages;
mod proposals;
mod sessions;
mod themes;
mod visitor;
