//! Closure: the customers of a story, how they are told, and their answers.

pub(in crate::http) mod closures;
pub(in crate::http) mod previews;
