//! What all pages of the console use: who may open them, their layout, forms and files.

pub mod access;
pub(in crate::http) mod assets;
pub(in crate::http) mod cookie;
pub(in crate::http) mod drafts;
mod fill;
pub(in crate::http) mod flash;
pub(in crate::http) mod form;
pub(in crate::http) mod origin;
pub(in crate::http) mod page;
pub(in crate::http) mod shell;
pub(in crate::http) mod sign_in_form;
pub(in crate::http) mod views;
pub(in crate::http) mod visit;
