//! Listen: feedback, customers, and imports.

pub mod accounts;
pub mod customer_resolver;
pub mod customers;
pub mod edits;
pub mod filing;
pub mod import_batch;
pub mod import_identity;
pub mod import_options;
pub mod import_rows;
pub(in crate::usecase) mod kept_away;
pub(in crate::usecase) mod reassigning;
pub mod recognition;
pub mod similar;
pub(in crate::usecase) mod transferring;
