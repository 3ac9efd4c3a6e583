//! Jobs of stories: deadlines and drafts of a language model.

pub mod deadlines;
pub mod llm_drafting;
