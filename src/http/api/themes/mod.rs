//! Themes: groups of feedback with the same meaning, and corrections of them.

pub(in crate::http) mod corrections;
pub(in crate::http) mod granularity;
pub(in crate::http) mod grouping;
pub(in crate::http) mod proposals;
pub(in crate::http) mod resource;
