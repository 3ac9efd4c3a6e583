//! Listen: what customers said, who they are, and the files it came in.

pub(in crate::domain) mod customer;
pub(in crate::domain) mod import;
pub(in crate::domain) mod item;
pub mod own_words;
pub mod recognition;
