//! Privacy: erasure, and personal data kept out of texts.

automod::dir!(pub "src/usecase/privacy");
pub mod retention;
