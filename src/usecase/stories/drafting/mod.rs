//! Drafts that follow their themes.

pub mod draft_subjects;
pub mod drafts;
pub mod story_facts;
