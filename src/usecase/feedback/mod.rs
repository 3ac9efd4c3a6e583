//! Listen: feedback, customers, and imports.

pub mod accounts;
pub mod customer_resolver;
pub mod customers;
pub mod edits;
pub mod filing;
pub mod importing;
pub mod lessons;
pub(in crate::usecase) mod reassigning;
pub mod recognition;
pub mod similar;
pub(in crate::usecase) mod transferring;
pub(in crate::usecase) mod versions;

pub use importing::{import_batch, import_identity, import_options, import_rows, import_wanted, imports};
