//! The console: getting in, who may do what, and its pages.

mod access;
mod browser;
mod commands;
mod escaping;
mod form_drafts;
mod getting_in;
mod live;
mod live_browser;
mod pages;
mod saved_views;
mod sessions;
mod visitor;
