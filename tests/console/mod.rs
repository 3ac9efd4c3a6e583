//! The console: getting in, who may do what, and its pages.

mod access;
mod browser;
mod commands;
mod driver;
mod escaping;
mod getting_in;
mod keys;
mod pages;
mod release_pages;
mod sessions;
mod settings_audit;
mod settings_browser;
mod settings_imports;
mod settings_team;
mod visitor;
