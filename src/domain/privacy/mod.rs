//! Privacy: erasure of persons, and removal of personal data from texts.

automod::dir!(pub "src/domain/privacy");
pub mod breach;
pub mod person_request;

pub use quote_report::{QuoteReason, QuoteReport, QuoteRisk};
