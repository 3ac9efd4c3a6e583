//! The console: the pages with which the team works, rendered by this program. They need no script and no other host.

pub mod base;
pub(in crate::http) mod customers;
pub(in crate::http) mod dependencies;
pub(in crate::http) mod entry;
pub(in crate::http) mod evaluations;
pub(in crate::http) mod measures;
pub(in crate::http) mod operations;
pub(in crate::http) mod privacy;
pub(in crate::http) mod product;
pub(in crate::http) mod releases;
pub(in crate::http) mod settings;
pub(in crate::http) mod support;
pub(in crate::http) mod themes;
