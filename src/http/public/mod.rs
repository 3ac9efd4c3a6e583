//! What customers see without a login: answer and unsubscribe pages, the changelog and its feed.

pub(in crate::http) mod answer;
pub(in crate::http) mod atom;
pub(in crate::http) mod changelog_feed;
pub(in crate::http) mod changelog_page;
pub(in crate::http) mod incident_answer;
pub(in crate::http) mod pages;
