//! The pages of the console, a file each.

pub(in crate::http) mod account;
pub(in crate::http) mod backlog;
pub(in crate::http) mod home;
pub(in crate::http) mod inbox;
pub(in crate::http) mod invite;
pub(in crate::http) mod search;
pub(in crate::http) mod sign_in;
pub(in crate::http) mod similar;
pub(in crate::http) mod story;
pub(in crate::http) mod story_acts;
pub(in crate::http) mod story_edit;
pub(in crate::http) mod story_view;
pub(in crate::http) mod theme;
pub(in crate::http) mod themes;
