//! Privacy: erasure, personal data kept out of texts, and who saw whose data.

automod::dir!(pub "src/store/privacy");
pub mod access;
pub mod records;
pub mod retention;
