//! Plan and build: stories with their stages, gates, evidence, links and trials.

pub mod attachments;
pub mod deadlines;
pub mod draft_subjects;
pub mod drafts;
pub mod duplicates;
pub mod gates;
pub mod issue_text;
pub(in crate::usecase) mod late_attachments;
pub mod links;
pub mod planning;
pub mod quoting;
pub mod recurrences;
pub mod stages;
pub mod texts;
pub mod trials;
