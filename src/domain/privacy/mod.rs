//! Privacy: erasure, and personal data kept out of texts.

pub mod naming;
pub(in crate::domain) mod quote_report;
pub mod quoting;
pub mod redact;

pub use quote_report::{QuoteReason, QuoteReport, QuoteRisk};
