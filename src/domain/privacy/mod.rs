//! Privacy: erasure of persons, removal of personal data from texts, and who saw whose data.

automod::dir!(pub "../domain/privacy");
pub mod access;
pub mod breach;
pub mod person_request;
pub mod records;

pub use quote_report::{QuoteReason, QuoteReport, QuoteRisk};
