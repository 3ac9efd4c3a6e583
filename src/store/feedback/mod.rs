//! Listen: feedback, customers, and imports.

pub mod belongings;
pub mod bulk_insert;
pub mod customer_names;
pub(in crate::store) mod customer_rows;
pub mod customers;
pub(in crate::store) mod feedback_row;
pub mod import_notes;
pub mod import_sweep;
pub mod imports;
pub mod list;
pub mod outcomes;
pub mod recognised;
pub mod rows;
