//! Feedback: items, customers, accounts and imports.

pub(in crate::http) mod accounts;
pub(in crate::http) mod customers;
pub(in crate::http) mod feedback_acts;
pub(in crate::http) mod filing_queue;
pub(in crate::http) mod imports;
pub(in crate::http) mod resource;
pub(in crate::http) mod similar;
