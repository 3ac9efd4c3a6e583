//! Privacy: erasure, and personal data kept out of texts.

pub(in crate::usecase) mod erased_texts;
pub mod erasure;
