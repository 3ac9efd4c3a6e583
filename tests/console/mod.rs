//! The console: getting in, who may do what, and its pages.

mod access;
mod browser;
mod commands;
mod driver;
mod escaping;
mod form_drafts;
mod getting_in;
mod keys;
mod live;
mod live_browser;
mod pages;
mod saved_views;
mod sessions;
mod visitor;
