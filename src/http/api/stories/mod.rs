//! Stories: their stages, gates, evidence, links and trials.

pub(in crate::http) mod attachments;
pub(in crate::http) mod gates;
pub(in crate::http) mod links;
pub(in crate::http) mod resource;
pub(in crate::http) mod story_path;
pub(in crate::http) mod trials;
