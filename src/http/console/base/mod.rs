//! What all pages of the console use: who may open them, their layout, forms and files.

pub mod access;
pub(in crate::http) mod agent;
pub(in crate::http) mod assets;
pub(in crate::http) mod chart;
pub(in crate::http) mod cookie;
pub(in crate::http) mod flash;
pub(in crate::http) mod form;
pub(in crate::http) mod kept;
pub(in crate::http) mod multipart;
pub(in crate::http) mod origin;
pub(in crate::http) mod page;
pub mod proxy;
pub(in crate::http) mod refusal;
pub(in crate::http) mod shell;
pub(in crate::http) mod sign_in_form;
pub(in crate::http) mod visit;
