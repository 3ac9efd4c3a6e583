//! Privacy: erasure, and personal data kept out of texts.

automod::dir!(pub "src/store/privacy");
pub mod retention;
