//! Plan and build: stories with their stages, gates, evidence, links and trials.

pub mod deadlines;
pub mod llm_drafting;
