//! Privacy: erasure of persons, and removal of personal data from texts.

pub mod naming;
pub(in crate::domain) mod quote_report;
pub mod quoting;
pub mod redact;

pub use quote_report::{QuoteReason, QuoteReport, QuoteRisk};
