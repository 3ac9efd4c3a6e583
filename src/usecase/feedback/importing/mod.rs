//! Imports: the rows of a file become feedback, each once.

pub mod import_batch;
pub mod import_identity;
pub mod import_options;
pub mod import_preview;
pub mod import_rows;
pub mod import_wanted;
pub mod imports;
pub(in crate::usecase) mod kept_away;
