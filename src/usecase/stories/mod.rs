//! Plan and build: stories with their stages, gates, evidence, links and trials.

automod::dir!(pub "src/usecase/stories");
pub mod depending;
pub mod drafting;
pub mod wording;

pub use drafting::{draft_subjects, drafts};
pub use wording::{issue_text, quoting, texts};
