//! Plan and build: stories with their stages, gates, evidence, links and trials.

pub(in crate::domain) mod gate;
pub(in crate::domain) mod link;
pub mod llm_draft;
pub(in crate::domain) mod number;
pub mod priority;
pub mod stage;
pub(in crate::domain) mod story;
pub mod texts;
pub(in crate::domain) mod trial;
