//! Plan and build: stories with their stages, gates, evidence, links and trials.

pub mod attachments;
pub mod deadlines;
pub mod drafting;
pub mod duplicates;
pub mod gates;
pub(in crate::usecase) mod late_attachments;
pub mod links;
pub mod planning;
pub mod progress;
pub mod ranking;
pub mod recurrences;
pub mod signoffs;
pub mod stages;
pub mod transitions;
pub mod trials;
pub mod wording;

pub use drafting::{draft_subjects, drafts};
pub use wording::{issue_text, quoting, texts};
