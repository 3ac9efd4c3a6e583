//! The console: getting in, who may do what, and its pages.

mod access;
mod backlog;
mod browser;
mod commands;
mod dependency_pages;
mod driver;
mod escaping;
mod external;
mod form_drafts;
mod getting_in;
mod keys;
mod live;
mod live_browser;
mod measures;
mod operations_pages;
mod page_sizes;
mod pages;
mod postmortem_pages;
mod product_day;
mod proposals;
mod provider;
mod refusals;
mod report_pages;
mod requests_pages;
mod saved_views;
mod sessions;
mod settings;
mod support_browser;
mod support_customers;
mod support_inbox;
mod support_tell;
mod themes;
mod visitor;

pub use visitor::{Visitor, hidden};
