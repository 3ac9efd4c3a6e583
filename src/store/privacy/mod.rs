//! Privacy: erasure, and personal data kept out of texts.

pub mod erase;
pub mod erase_answers;
pub mod erase_columns;
pub mod erase_texts;
pub mod erasures;
