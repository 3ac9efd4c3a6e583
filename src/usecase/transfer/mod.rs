//! Transfer: export, and restore into another instance.

pub mod export;
