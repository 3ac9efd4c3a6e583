//! Plan and build: stories with their stages, gates, evidence, links and trials.

pub mod evidence;
pub mod facts;
pub mod frozen_evidence;
pub mod gates;
pub mod late_evidence;
pub mod links;
pub mod list;
pub mod llm_drafts;
pub mod rows;
pub mod story_items;
pub mod text_checks;
pub mod texts;
pub mod trace;
pub mod trials;
pub mod weighted;
